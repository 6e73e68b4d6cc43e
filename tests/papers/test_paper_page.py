"""A paper's page, the other names that lead to it, and the vote on it."""

import html
import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from papers.models import Alias, EmbeddingModel, PaperEmbedding, PaperSearch, Upvote
from papers.models.topic import PaperTopic
from tests.factories import a_paper, a_topic, a_user, a_voter

pytestmark = pytest.mark.django_db


def test_page_shows_title_authors_and_abstract(client: Client):
    a_paper(
        "On $\\alpha$ & <b>",
        key="2503.00001",
        authors=["Ada Quill", "Łukasz Młynarz"],
        abstract="We bound $O(n \\log n)$.",
    )

    page = client.get("/papers/2503.00001").content.decode()

    assert "<math" in page
    assert "&amp; &lt;b&gt;" in page
    assert "Łukasz Młynarz" in page


def test_a_moment_is_told_as_html_can_read_it(client: Client):
    """Whose fractions of a second have three digits at most."""
    a_paper(key="2503.00001", submitted_at=datetime(2025, 3, 14, 9, 30, 15, 987654, tzinfo=UTC))

    page = client.get("/papers/2503.00001").content.decode()

    assert '<time datetime="2025-03-14T09:30:15+0000">14 March 2025</time>' in page


@pytest.mark.parametrize(
    "spelling",
    [
        "papers/2503.00001v2",
        "papers/arXiv:2503.00001",
        "papers/10.1101/2025.03.14.000001",
        "papers/10.1101/2025.03.14.000001/",
        "papers/pmerged99",
        "abs/2503.00001",
        "abs/2503.00001v3",
    ],
)
def test_other_names_lead_to_the_page(client: Client, spelling):
    paper = a_paper(key="2503.00001")
    for scheme, value in [
        ("arxiv", "2503.00001"),
        ("doi", "10.1101/2025.03.14.000001"),
        ("key", "pmerged99"),
    ]:
        Alias.objects.create(scheme=scheme, value=value, paper=paper)

    response = client.get(f"/{spelling}", follow=True)

    assert response.redirect_chain[-1] == ("/papers/2503.00001", 301)
    assert response.status_code == 200


def test_old_arxiv_ids_have_a_slash(client: Client):
    a_paper(key="hep-th/9901001")

    assert client.get("/papers/hep-th/9901001").status_code == 200


def test_arxivs_pdf_is_linked_not_hosted(client: Client):
    assert client.get("/pdf/2503.00001v2")["Location"] == "https://arxiv.org/pdf/2503.00001v2"


@pytest.mark.parametrize(
    "address",
    ["/papers/2503.99999", "/papers/x", "/abs/nothing", "/pdf/nothing", "/papers/10.1/x"],
)
def test_unknown_name_is_a_404(client: Client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/papers/%00", "/topics?topic=%00", "/?topic=a%00b"])
def test_address_with_a_nul_is_refused(client: Client, address):
    assert client.get(address).status_code == 400


def test_hidden_paper_has_no_page_and_takes_no_vote(client: Client, ada):
    paper = a_paper(key="2503.00001")
    paper.hide("spam")
    client.force_login(ada)

    assert client.get("/papers/2503.00001").status_code == 404
    assert client.post("/papers/2503.00001/upvote").status_code == 404


def test_upvote_without_script_comes_back_to_where_it_was_cast(client: Client, ada):
    paper = a_paper(key="2503.00001")
    client.force_login(a_voter(ada))

    response = client.post("/papers/2503.00001/upvote", {"next": "/papers/trending?sort=new"})

    assert response["Location"] == "/papers/trending?sort=new"
    paper.refresh_from_db()
    assert paper.upvotes == 1


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "javascript:x", ""]
)
def test_vote_leads_nowhere_else(client: Client, ada, elsewhere):
    a_paper(key="2503.00001")
    client.force_login(a_voter(ada))

    response = client.post("/papers/2503.00001/upvote", {"next": elsewhere})

    assert response["Location"] == "/papers/2503.00001"


def test_account_without_a_confirmed_address_does_not_vote_and_is_told_why(client: Client, ada):
    paper = a_paper(key="2503.00001")
    client.force_login(ada)

    by_htmx = client.post("/papers/2503.00001/upvote", headers={"HX-Request": "true"})
    page = client.post("/papers/2503.00001/upvote", follow=True)

    assert by_htmx["HX-Redirect"] == page.redirect_chain[0][0] == "/accounts/email/"
    assert "Not voted: confirm your email address first, then vote again." in page.text
    paper.refresh_from_db()
    assert paper.votes == 0


def test_htmx_gets_the_button_back(client: Client, ada):
    a_paper(key="hep-th/9901001")
    client.force_login(a_voter(ada))

    up = client.post("/papers/hep-th/9901001/upvote", headers={"HX-Request": "true"})
    down = client.post("/papers/hep-th/9901001/unvote", headers={"HX-Request": "true"})

    assert 'aria-pressed="true"' in up.content.decode()
    assert "/unvote" in up.content.decode()
    assert 'aria-pressed="false"' in down.content.decode()
    assert "<html" not in up.content.decode()


def test_anonymous_vote_asks_to_sign_in_and_comes_back(client: Client):
    paper = a_paper(key="2503.00001")

    response = client.post("/papers/2503.00001/upvote")

    assert response["Location"] == "/accounts/login/?next=%2Fpapers%2F2503.00001%2Fupvote"
    paper.refresh_from_db()
    assert paper.upvotes == 0


def test_looking_at_the_vote_address_changes_nothing(client: Client, ada):
    paper = a_paper(key="2503.00001")
    client.force_login(ada)

    assert client.get("/papers/2503.00001/upvote")["Location"] == "/papers/2503.00001"
    assert client.get("/papers/2503.00001/unvote").status_code == 405
    paper.refresh_from_db()
    assert paper.votes == 0


def test_vote_needs_a_token(ada):
    a_paper(key="2503.00001")
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)

    assert client.post("/papers/2503.00001/upvote").status_code == 403


def test_one_reader_does_not_see_the_others_vote(client: Client, ada, ben):
    paper = a_paper(key="2503.00001")
    paper.upvote(ada)
    client.force_login(ben)

    page = client.get("/papers/2503.00001").content.decode()

    assert 'aria-pressed="false"' in page
    assert 'aria-pressed="true"' not in page


# --- What it says ---


def test_page_leads_to_its_neighbours_of_the_day_as_the_day_stands(client: Client):
    cold, hot = a_paper("Cold", upvotes=1), a_paper("Hot <b>", upvotes=50)
    pick = a_paper("Pick", featured=True)
    a_paper("Another day's", listed_on=date(2025, 3, 13))
    a_paper("Hidden", upvotes=99).hide("spam")
    alone = a_paper("Alone", listed_on=None)

    page = client.get(f"/papers/{hot.key}").content.decode()

    assert f'rel="prev" href="/papers/{pick.key}" aria-label="Previous paper: Pick"' in page
    assert f'rel="next" href="/papers/{cold.key}" aria-label="Next paper: Cold"' in page
    assert "2 of 3" in page
    assert 'rel="prev"' not in client.get(f"/papers/{pick.key}").content.decode()
    assert 'rel="next"' not in client.get(f"/papers/{cold.key}").content.decode()
    assert "Papers of this day" not in client.get(f"/papers/{alone.key}").content.decode()


def test_authors_can_be_followed_and_the_page_shared(client: Client):
    paper = a_paper(authors=["Zoë & Quill", "Ben Marsh"])

    page = client.get(f"/papers/{paper.key}").content.decode()

    assert 'href="/subscribe?author=Zo%C3%AB+%26+Quill">Zoë &amp; Quill' in page
    assert f'data-copies-link="http://testserver/papers/{paper.key}"' in page
    assert f"body=http%3A%2F%2Ftestserver%2Fpapers%2F{paper.key}" in page


@pytest.mark.parametrize(
    ("key", "discussion_id", "is_linked"),
    [
        ("2503.00001", "67d3a1b2c3d4e5f6a7b8c9d0", True),
        ("2503.00001", "000000000000000000000123", False),  # made up by a site such as this one
        ("2503.00001", "67d3", False),
        ("p12345678", "67d3a1b2c3d4e5f6a7b8c9d0", False),
    ],
)
def test_discussion_at_the_source_is_linked_where_it_is_known(
    client: Client, key, discussion_id, is_linked
):
    a_paper(key=key, extra={"discussion_id": discussion_id, "comments": 3})

    address = f'href="https://huggingface.co/papers/{key}#community"'
    for page in (f"/papers/{key}", "/"):
        assert (address in client.get(page).content.decode()) is is_linked
    assert "3 comments" in client.get("/").content.decode()


def test_authors_lead_to_their_papers(client: Client):
    a_paper(key="2503.00001", authors=["Łukasz Młynarz & Co"])

    page = seen(client, "2503.00001")

    assert 'href="/authors?name=%C5%81ukasz%20M%C5%82ynarz%20%26%20Co"' in page


def test_categories_are_named_and_lead_to_the_topic_that_covers_them(client: Client):
    paper = a_paper(key="2503.00001", categories=["cs.CL", "math.CO", "68T50"])
    language = a_topic("language", categories=["cs.*"])
    PaperTopic.objects.create(paper=paper, topic=language)

    page = seen(client, "2503.00001")

    assert '<a href="/topics/language">Computation and Language</a> <span>cs.CL</span>' in page
    assert "<li>Combinatorics <span>math.CO</span></li>" in page
    assert "<li>68T50</li>" in page


def test_withdrawn_and_published_papers_say_so(client: Client):
    a_paper(key="2503.00001", withdrawn=True, journal_ref="J. Q 1 (2025)", doi="10.1/q")

    page = seen(client, "2503.00001")

    assert "Withdrawn." in page
    assert "in J. Q 1 (2025) (" in page
    assert 'href="https://doi.org/10.1/q"' in page


def test_every_version_is_linked_where_there_is_more_than_one(client: Client):
    a_paper(key="2503.00001", version=3)
    a_paper(key="2503.00002", version=1)

    assert 'href="https://arxiv.org/abs/2503.00001v1"' in seen(client, "2503.00001")
    assert "abs/2503.00002v1" not in seen(client, "2503.00002")


@pytest.mark.parametrize(
    ("key", "has_html"), [("2503.00001", True), ("2311.00001", False), ("hep-th/9901001", False)]
)
def test_arxivs_html_is_linked_where_arxiv_makes_it(client: Client, key, has_html):
    a_paper(key=key)

    assert (f"https://arxiv.org/html/{key}" in seen(client, key)) == has_html


def test_voters_are_named_who_show_their_upvotes(client: Client):
    paper = a_paper(key="2503.00001", upvotes=12)
    for user in (
        a_user(name="Ada Quill", shows_upvotes=True),
        a_user("secret@example.org", shows_upvotes=True),
        a_user(name="Quiet Quinn"),
        a_user(name="Ben Marsh", shows_upvotes=True),
    ):
        paper.upvote(user)

    page = seen(client, "2503.00001")

    assert "4 by readers here: Ben Marsh, Ada Quill and 2 others." in page
    assert "12 upvotes imported from the source" in page
    assert "secret" not in page and "Quinn" not in page


def test_voided_votes_and_closed_accounts_are_not_named(client: Client):
    paper = a_paper(key="2503.00001")
    paper.upvote(a_user(name="Voided Vera", shows_upvotes=True))
    Upvote.objects.all().void("bought")
    paper.upvote(a_user(name="Closed Carl", shows_upvotes=True, is_active=False))

    page = seen(client, "2503.00001")

    assert "Vera" not in page
    assert "Carl" not in page
    assert "1 by readers here." in page


def test_a_machines_summary_is_called_one(client: Client):
    a_paper(key="2503.00001", extra={"ai_summary": "It is about q.", "keywords": ["q", "r"]})

    page = seen(client, "2503.00001")

    assert page.index("written by a machine") < page.index("It is about q.")
    assert "Keywords, as the source gave them" in page


@pytest.mark.parametrize(
    "extra",
    [
        [],
        "x",
        {"keywords": "x", "stars": "many", "organization": [], "media": {}, "ai_summary": 7},
        {"keywords": [1, None, {}], "stars": -1, "organization": {"name": 5}, "comment": []},
        {"media": ["javascript:alert(1)", "http://[", "//x", 3], "license": "javascript:x"},
    ],
)
def test_strange_extras_are_left_out(client: Client, extra):
    a_paper(key="2503.00001", extra=extra)

    page = seen(client, "2503.00001")

    assert "javascript:" not in page
    assert "Keywords" not in page


def test_page_of_a_thousand_authors_takes_no_more_queries(
    client: Client, django_assert_max_num_queries
):
    a_paper(
        key="2503.00001", authors=[f"Ada Quill {n}" for n in range(1_000)], categories=["cs.CL"]
    )

    with django_assert_max_num_queries(4):
        page = seen(client, "2503.00001")

    assert "and 970 more" in page


@pytest.mark.parametrize(
    ("order", "keys"),
    [
        ("closeness", ["2503.00002", "2503.00003", "2503.00004"]),
        ("new", ["2503.00004", "2503.00002", "2503.00003"]),
        ("upvotes", ["2503.00003", "2503.00004", "2503.00002"]),
    ],
)
def test_similar_papers_are_sorted_as_asked(client: Client, order, keys):
    means("2503.00001", [1.0, 0.0])
    means("2503.00002", [0.9, 0.1], upvotes=1, submitted_at=datetime(2025, 3, 2, tzinfo=UTC))
    means("2503.00003", [0.7, 0.3], upvotes=9, submitted_at=datetime(2025, 3, 1, tzinfo=UTC))
    means("2503.00004", [0.5, 0.5], upvotes=5, submitted_at=datetime(2025, 3, 3, tzinfo=UTC))

    page = client.get(f"/papers/2503.00001?similar={order}").content.decode()

    assert re.findall('<h3><a href="/papers/([^"]+)"', page) == keys
    assert f'href="?similar={order}#similar" rel="nofollow" aria-current="true"' in page


def test_paper_without_embedding_yet_has_a_page(client: Client):
    a_paper(key="2503.00001")

    assert "Similar papers" not in seen(client, "2503.00001")


def test_unknown_order_of_similar_papers_is_refused(client: Client):
    a_paper(key="2503.00001")

    assert client.get("/papers/2503.00001?similar=x").status_code == 400


# --- What it says to machines ---


def test_citation_tags_name_each_author_and_stay_on_this_host(client: Client):
    a_paper(
        'On "$\\alpha$"',
        key="2503.00001",
        title_text='On "α"',
        authors=["Ada van der Quill", "The Q Collaboration"],
        submitted_at=datetime(2025, 3, 14, 23, 30, tzinfo=UTC),
        doi="10.1/q",
        pdf_url="https://arxiv.org/pdf/2503.00001",
        extra={"keywords": ["q"]},
    )

    tags = meta(seen(client, "2503.00001"))

    assert tags["citation_title"] == ['On "α"']
    assert tags["citation_author"] == ["van der Quill, Ada", "The Q Collaboration"]
    assert tags["citation_publication_date"] == ["2025/03/14"]
    assert tags["citation_arxiv_id"] == ["2503.00001"]
    assert tags["citation_doi"] == ["10.1/q"]
    assert tags["citation_pdf_url"] == ["http://testserver/pdf/2503.00001"]
    assert tags["citation_abstract_html_url"] == ["http://testserver/papers/2503.00001"]
    assert tags["citation_keywords"] == ["q"]


def test_shared_link_has_a_card(client: Client):
    a_paper(key="hep-th/9901001", authors=["Ada Quill"])

    page = seen(client, "hep-th/9901001")

    assert 'property="og:image" content="http://testserver/papers/hep-th/9901001/card.png"' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert '<link rel="canonical" href="http://testserver/papers/hep-th/9901001">' in page
    assert client.get("/papers/hep-th/9901001/card.png")["Content-Type"] == "image/png"


def test_json_ld_is_a_scholarly_article_that_no_title_can_leave(client: Client):
    a_paper("</script><b>&", key="2503.00001", authors=["Ada Quill", "The Q Collaboration"])

    page = seen(client, "2503.00001")
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    article = json.loads(found[0])

    assert article["@type"] == "ScholarlyArticle"
    assert article["name"] == "</script><b>&"
    assert [it["@type"] for it in article["author"]] == ["Person", "Organization"]
    assert "<" not in found[0]


def test_invented_papers_are_kept_from_search_engines(client: Client):
    a_paper(key="2503.00001", is_sample=True)
    a_paper(key="2503.00002")

    assert '<meta name="robots" content="noindex">' in seen(client, "2503.00001")
    assert "noindex" not in seen(client, "2503.00002")


def test_anonymous_reader_gets_no_cookie(client: Client):
    a_paper(key="2503.00001")

    response = client.get("/papers/2503.00001")

    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()


def means(key: str, direction: list[float], **fields: Any) -> None:
    """A paper whose meaning points this way."""
    paper = a_paper(key=key, **fields)
    vector = direction + [0.0] * (256 - len(direction))
    PaperSearch.objects.create(paper=paper, title=paper.title)
    model, _ = EmbeddingModel.objects.get_or_create(version="of this test", serving=True)
    PaperEmbedding.objects.create(paper=paper, model=model, vector=vector)


def seen(client: Client, key: str) -> str:
    response = client.get(f"/papers/{key}")
    assert response.status_code == 200
    return response.content.decode()


def meta(page: str) -> dict[str, list[str]]:
    tags: dict[str, list[str]] = {}
    for name, content in re.findall(r'<meta name="(\w+)" content="([^"]*)">', page):
        tags.setdefault(name, []).append(html.unescape(content))
    return tags
