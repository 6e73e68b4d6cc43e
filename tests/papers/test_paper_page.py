"""A paper's page, the other names that lead to it, and the vote on it."""

import pytest
from django.test import Client

from papers.models import Alias
from tests.factories import a_paper

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
    client.force_login(ada)

    response = client.post("/papers/2503.00001/upvote", {"next": "/papers/trending?sort=new"})

    assert response["Location"] == "/papers/trending?sort=new"
    paper.refresh_from_db()
    assert paper.upvotes == 1


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "javascript:x", ""]
)
def test_vote_leads_nowhere_else(client: Client, ada, elsewhere):
    a_paper(key="2503.00001")
    client.force_login(ada)

    response = client.post("/papers/2503.00001/upvote", {"next": elsewhere})

    assert response["Location"] == "/papers/2503.00001"


def test_htmx_gets_the_button_back(client: Client, ada):
    a_paper(key="hep-th/9901001")
    client.force_login(ada)

    up = client.post("/papers/hep-th/9901001/upvote", headers={"HX-Request": "true"})
    down = client.post("/papers/hep-th/9901001/unvote", headers={"HX-Request": "true"})

    assert 'aria-pressed="true"' in up.content.decode()
    assert "/unvote" in up.content.decode()
    assert 'aria-pressed="false"' in down.content.decode()
    assert "<html" not in up.content.decode()


def test_anonymous_vote_asks_to_sign_in_and_comes_back(client: Client):
    paper = a_paper(key="2503.00001")

    response = client.post("/papers/2503.00001/upvote")

    assert response["Location"] == "/accounts/login/?next=%2Fpapers%2F2503.00001"
    paper.refresh_from_db()
    assert paper.upvotes == 0


def test_looking_at_the_vote_address_changes_nothing(client: Client, ada):
    a_paper(key="2503.00001")
    client.force_login(ada)

    assert client.get("/papers/2503.00001/upvote").status_code == 405


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
