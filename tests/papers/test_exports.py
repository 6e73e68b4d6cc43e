"""The forms of a paper for programs, and its card."""

import io
import json

import pytest
from django.test import Client
from PIL import Image

from papers.models import Alias
from tests.factories import a_paper

pytestmark = pytest.mark.django_db

TYPES = {
    "md": "text/markdown; charset=utf-8",
    "bib": "application/x-bibtex; charset=utf-8",
    "ris": "application/x-research-info-systems; charset=utf-8",
    "json": "application/json; charset=utf-8",
}


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("key", ["2503.00001", "hep-th/9901001", "p0a1b2c3d"])
def test_every_form_of_every_kind_of_key(client: Client, key, form):
    a_paper("On the number q", key=key, authors=["Ada Quill"])

    response = client.get(f"/papers/{key}.{form}")

    assert response.status_code == 200
    assert response["Content-Type"] == TYPES[form]
    assert response["Content-Disposition"] == f'inline; filename="{key.replace("/", "-")}.{form}"'
    assert "On the number q" in response.content.decode()


@pytest.mark.parametrize("form", [*TYPES, "png"])
def test_same_form_again_is_not_sent_again(client: Client, form):
    a_paper(key="2503.00001")
    address = "/papers/2503.00001/card.png" if form == "png" else f"/papers/2503.00001.{form}"

    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert "public" in first["Cache-Control"]
    assert not first.cookies
    assert first.get("Vary", "Accept-Encoding") == "Accept-Encoding"


@pytest.mark.parametrize("tail", [".md", ".bib", ".ris", ".json", "/card.png"])
def test_other_names_lead_to_the_same_form(client: Client, tail):
    paper = a_paper(key="2503.00001")
    Alias.objects.create(scheme="arxiv", value="2503.00001", paper=paper)
    Alias.objects.create(scheme="key", value="pmerged99", paper=paper)

    for name in ("2503.00001v2", "pmerged99"):
        response = client.get(f"/papers/{name}{tail}")
        assert (response.status_code, response["Location"]) == (301, f"/papers/2503.00001{tail}")


@pytest.mark.parametrize("tail", [".md", ".bib", ".ris", ".json", "/card.png"])
def test_hidden_and_unknown_papers_have_no_forms(client: Client, tail):
    a_paper(key="2503.00001").hide("spam")

    assert client.get(f"/papers/2503.00001{tail}").status_code == 404
    assert client.get(f"/papers/2503.00002{tail}").status_code == 404
    assert client.post(f"/papers/2503.00001{tail}").status_code == 405


@pytest.mark.parametrize("tail", [".json", "/card.png", "/upvote", ".bib"])
def test_all_behind_a_doi_is_the_doi(client: Client, tail):
    paper = a_paper(key="p0a1b2c3d")
    Alias.objects.create(scheme="doi", value=f"10.1101/q{tail}", paper=paper)

    response = client.get(f"/papers/10.1101/Q{tail}")

    assert (response.status_code, response["Location"]) == (301, "/papers/p0a1b2c3d")
    assert client.post(f"/papers/10.1101/q{tail}").status_code == 405


def test_page_is_markdown_for_who_asks_for_it(client: Client):
    a_paper("On q", key="2503.00001", abstract="Is it?", authors=["Ada Quill"])
    page = "/papers/2503.00001"

    asked = client.get(page, headers={"Accept": "text/markdown, text/html;q=0.5"})
    browser = client.get(page, headers={"Accept": "text/html,*/*;q=0.8"})

    assert asked["Content-Type"] == "text/markdown; charset=utf-8"
    assert asked.content == client.get(f"{page}.md").content
    assert browser["Content-Type"] == "text/html; charset=utf-8"
    assert "Accept" in asked["Vary"]
    assert "Accept" in browser["Vary"]


def test_markdown_says_who_when_and_where(client: Client):
    a_paper(
        "On *q* and [r](javascript:x)",
        key="2503.00001",
        authors=["Ada Quill", "Ben Marsh"],
        abstract_text="First.\n\n# Second.",
        code_url="https://example.org/code",
        categories=["cs.CL"],
    )

    text = client.get("/papers/2503.00001.md").content.decode()

    assert text.startswith("# On \\*q\\* and \\[r\\](javascript:x)\n")
    assert "- Authors: Ada Quill, Ben Marsh\n" in text
    assert "- Categories: cs.CL (Computation and Language)\n" in text
    assert "- Code: <https://example.org/code>\n" in text
    assert text.endswith("## Abstract\n\nFirst.\n\n\\# Second.\n")


def test_json_has_the_key_and_the_names(client: Client):
    a_paper("On q", key="2503.00001", authors=["Ada Quill"])

    paper = json.loads(client.get("/papers/2503.00001.json").content)

    assert (paper["id"], paper["title"]) == ("2503.00001", "On q")
    assert paper["authors"][0]["name"] == "Ada Quill"


def test_card_is_drawn_anew_for_a_new_title(client: Client):
    paper = a_paper("On q", key="2503.00001")
    before = client.get("/papers/2503.00001/card.png")

    paper.title_text = "On r"
    paper.save()
    after = client.get("/papers/2503.00001/card.png")

    assert Image.open(io.BytesIO(before.content)).size == (1200, 630)
    assert before["ETag"] != after["ETag"]
    assert before.content != after.content
