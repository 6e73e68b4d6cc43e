"""The search page: what is found, what is said, what is never an error."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from papers.ingest.upsert import upsert
from papers.models import EmptySearch, Paper, PaperTopic, ScheduledRun, SearchWord
from papers.search import embed_queue, query_planner, word_counts
from tests.factories import MARCH_14, a_topic, an_entry

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def papers(*entries: dict[str, Any], embedded: bool = True) -> list[Paper]:
    upsert([an_entry(**entry) for entry in entries], now=NOW)
    if embedded:
        embed_queue.embed_waiting()
    return list(Paper.objects.order_by("pk"))


def found(client: Client, query: str, **more: Any) -> list[str]:
    response = client.get("/search", {"q": query} | more)
    assert response.status_code == 200, response.status_code
    return [paper.title for paper in response.context["results"].papers]


GRAPHS = {"title": "Graph networks that forget", "abstract": "Nodes pass messages."}
QUANTUM = {"title": "Quantum error correction", "abstract": "Qubits fail; we mend them."}
VISION = {"title": "Seeing cats", "abstract": "Images of cats are told from dogs."}


@pytest.mark.parametrize("embedded", [True, False])
def test_words_find_their_paper_with_and_without_embeddings(client: Client, embedded):
    papers(GRAPHS, QUANTUM, VISION, embedded=embedded)

    assert found(client, "graph network")[0] == GRAPHS["title"]
    assert found(client, '"error correction"') == [QUANTUM["title"]]
    assert GRAPHS["title"] not in found(client, "graph -forget")


def test_meaning_finds_what_no_word_does(client: Client):
    papers(GRAPHS, QUANTUM, VISION)

    assert found(client, "photos of pets")[0] == VISION["title"]
    near = "No paper has these words. Near in meaning:"
    assert near in client.get("/search", {"q": "photos of pets"}).text
    assert near not in client.get("/search", {"q": "cats and dogs"}).text
    assert found(client, "qwzxqj") == []


def test_paper_of_that_title_comes_first_whatever_votes_and_meaning_say(client: Client):
    title = "The Éclair loss: why graphs, and what else, forget"
    longer = "Deep graph networks forget: the éclair loss, and why graphs need it"
    papers(
        {"title": title, "abstract": "Nothing more."},
        *({"title": f"Éclair loss {n}: graphs forget why", "upvotes": 99} for n in range(20)),
        {"title": longer, "abstract": f"{title}. " * 5, "upvotes": 99},
    )

    # All words; without capitals, accents and signs; and without one of its words.
    for query in (title, title.lower(), "eclair loss why graphs and what else forget"):
        assert found(client, query)[0] == title
    assert found(client, f"{title}", sort="upvotes")[-1] == title
    # With half of the words, or in another order, it is a search like any other.
    assert found(client, "éclair loss graphs forget")[0] != title


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("2025-03-14", "/papers/date/2025-03-14"),
        ("14 March 2025", "/papers/date/2025-03-14"),
        ("mar 14, 2025", "/papers/date/2025-03-14"),
        ("2025-w11", "/papers/week/2025-W11"),
        ("2025-03", "/papers/month/2025-03"),
    ],
)
def test_a_date_leads_to_its_page(client: Client, typed: str, page: str):
    papers(QUANTUM | {"announced_on": MARCH_14}, GRAPHS | {"announced_on": date(2026, 3, 14)})

    assert client.get("/search", {"q": typed}).headers["Location"] == page
    for address in ("/api/papers/search", "/feeds/search.json"):
        body = client.get(address, {"q": typed}).text
        assert QUANTUM["title"] in body and GRAPHS["title"] not in body


def test_a_date_to_come_and_noise_find_nothing_in_the_api_and_the_feed_either(client: Client):
    papers(QUANTUM)

    assert client.get("/api/papers/search?q=2077-01-01").json() == []
    assert client.get("/feeds/search.atom?q=2077-01-01").status_code == 404
    assert client.get("/api/papers/search?q=qwzxqj").json() == []
    assert "<entry>" not in client.get("/feeds/search.atom?q=qwzxqj").text


@pytest.mark.parametrize("typed", ["31 February 2025", "2025-02-31", "14 March 1200", "2025"])
def test_what_is_no_date_of_the_calendar_is_searched_for(client: Client, typed: str):
    assert client.get("/search", {"q": typed}).status_code == 200


def test_parts_of_a_paper(client: Client):
    papers(
        GRAPHS | {"authors": ("Ada Jones", "José Erdős")},
        QUANTUM | {"authors": ("Ben Marsh",), "abstract": "Graph states."},
    )

    assert found(client, "au:jones") == found(client, "au:erdos") == [GRAPHS["title"]]
    assert found(client, 'au:"Ada Jones"') == [GRAPHS["title"]]
    assert found(client, "ti:graph") == [GRAPHS["title"]]
    assert found(client, "abs:graph") == [QUANTUM["title"]]
    assert found(client, "jones")[0] == GRAPHS["title"]


def test_filters_of_the_box(client: Client):
    a_topic("language", categories=["cs.CL"])
    papers(
        GRAPHS | {"categories": ("cs.CL",), "upvotes": 12},
        QUANTUM | {"categories": ("quant-ph",), "announced_on": date(2025, 6, 2)},
    )

    assert found(client, "in:cs") == found(client, "topic:language") == [GRAPHS["title"]]
    assert found(client, "votes:10") == found(client, "date:2025-03") == [GRAPHS["title"]]
    assert found(client, "-in:cs.CL") == found(client, "date:2025-04..") == [QUANTUM["title"]]
    assert found(client, "-topic:language") == [QUANTUM["title"]]


def test_paper_on_no_page_is_dated_by_its_submission_or_its_number(client: Client):
    from papers.ingest.listing_day import ListingRule

    moment = timezone.make_aware(timezone.datetime(2024, 5, 6))
    upsert(
        [
            an_entry(**GRAPHS, submitted_at=moment, arxiv_id="2501.00001"),
            an_entry(**QUANTUM, arxiv_id="2405.00002"),
        ],
        now=NOW,
        listing=ListingRule.UNLISTED,
    )

    assert len(found(client, "date:2024-05")) == 2
    assert found(client, "date:2024-06..") == []
    assert found(client, "date:2024-05-06") == [GRAPHS["title"]]
    assert found(client, "date:2024-05-31") == found(client, "date:2024-05-02..2024-05-05") == []
    assert len(found(client, "date:2024-05-01..2024-05-31")) == len(found(client, "date:2024")) == 2
    assert found(client, "date:2024-05-02..") == found(client, "date:..2024-05-30")


def test_topic_and_time_beside_the_box(client: Client):
    topic = a_topic("language")
    today = timezone.localdate()
    old, new = papers(GRAPHS | {"announced_on": MARCH_14}, QUANTUM | {"announced_on": today})
    PaperTopic.objects.create(paper=old, topic=topic)

    assert found(client, "graph OR quantum", topic="language") == [GRAPHS["title"]]
    assert found(client, "graph OR quantum", time="week") == [QUANTUM["title"]]


@pytest.mark.slow
def test_topics_are_counted_within_the_result_and_its_other_filters(client: Client):
    vision, language, unused = a_topic("vision"), a_topic("language"), a_topic("unused")
    cats = papers(*({"title": f"Cats {n}", "upvotes": n} for n in range(6)), QUANTUM)
    for paper in cats[:4]:
        PaperTopic.objects.create(paper=paper, topic=vision)
    for paper in cats[3:5]:
        PaperTopic.objects.create(paper=paper, topic=language)
    PaperTopic.objects.create(paper=cats[5], topic=language, against=True)
    PaperTopic.objects.create(paper=cats[6], topic=unused)

    def counts(**more: Any) -> dict[str, int]:
        response = client.get("/search", {"q": "cats"} | more)
        return {topic["slug"]: topic["count"] for topic in response.context["topics"]}

    for sort in ("best", "new"):
        assert counts(sort=sort) == {"vision": 4, "language": 2}
        # What the other topics would show, whichever is chosen; a chosen one is always shown.
        assert counts(sort=sort, topic="vision") == {"vision": 4, "language": 2}
        assert counts(sort=sort, topic="unused") == {"vision": 4, "language": 2, "unused": 0}
        assert counts(sort=sort, min_votes=3) == {"vision": 1, "language": 2}
    # Behind a topic more papers are near in meaning; its count is then what the page shows.
    page = client.get("/search", {"q": "cats", "topic": "vision"})
    assert page.context["results"].total == 4
    assert 'Language <data value="2">2</data>' in client.get("/search?q=cats").text


def test_orders(client: Client):
    today = timezone.localdate()
    papers(
        {"title": "Cats one", "upvotes": 5, "announced_on": today - timedelta(days=300)},
        {"title": "Cats two", "upvotes": 1, "announced_on": today - timedelta(days=2)},
        {"title": "Cats three", "upvotes": 3, "announced_on": today - timedelta(days=30)},
    )

    assert found(client, "cats", sort="new") == ["Cats two", "Cats three", "Cats one"]
    assert found(client, "cats", sort="upvotes") == ["Cats one", "Cats three", "Cats two"]


def test_hidden_paper_is_not_found(client: Client):
    graphs, _ = papers(GRAPHS, QUANTUM)
    graphs.hide("spam")

    assert GRAPHS["title"] not in found(client, "graph")
    assert client.get(f"/search?q={graphs.key}").status_code == 200


@pytest.mark.parametrize(
    "spelling",
    [
        "2503.77777",
        "arXiv:2503.77777v3",
        "https://arxiv.org/abs/2503.77777",
        "10.1101/2025.03.14.000001",
        "https://doi.org/10.1101/2025.03.14.000001",
        "arXiv:2503.77777v1 [cs.LG] 14 Mar 2025",
        "[2503.77777] A title of graphs as the browser shows it in its tab",
        "https://scirate.com/arxiv/2503.77777",
        "https://www.biorxiv.org/content/10.1101/2025.03.14.000001v2.full.pdf",
        "see 2503.77777",
    ],
)
def test_name_of_a_paper_leads_to_it(client: Client, spelling):
    papers(GRAPHS | {"arxiv_id": "2503.77777", "doi": "10.1101/2025.03.14.000001"})

    response = client.get("/search", {"q": spelling})

    assert (response.status_code, response["Location"]) == (302, "/papers/2503.77777")


def test_papers_named_among_other_words_are_offered_above_the_results(client: Client):
    papers(GRAPHS | {"arxiv_id": "2503.77777"}, QUANTUM)

    page = client.get("/search?q=2503.77777 or 2503.88888 for quantum").content.decode()

    assert 'href="/papers/2503.77777"' in page
    assert "https://arxiv.org/abs/2503.88888" in page
    assert page.index("https://arxiv.org/abs/2503.88888") < page.index("No results")


@pytest.mark.parametrize("path", ["/abs/", "/html/", "/papers/", "/api/papers/"])
@pytest.mark.parametrize("name", ["2503.77777v3", "arXiv:2503.77777)", "10.48550/arXiv.2503.77777"])
def test_address_bar_takes_ids_as_pasted(client: Client, path: str, name: str):
    papers(GRAPHS | {"arxiv_id": "2503.77777"})

    response = client.get(path + name)

    if path == "/api/papers/":
        assert response.json()["id"] == "2503.77777"
    else:
        assert (response.status_code, response["Location"]) == (301, "/papers/2503.77777")


def test_name_of_no_paper_here_leads_to_where_it_is(client: Client):
    response = client.get("/search?q=2503.77777")

    assert response.status_code == 200
    assert "https://arxiv.org/abs/2503.77777" in response.content.decode()


def test_what_was_found_is_marked_and_nothing_else_is_markup(client: Client):
    papers(
        {"title": "Cats & <script>alert(1)</script>", "abstract": "Long. " * 60 + "One cat."},
        QUANTUM,
    )

    paper = client.get("/search?q=cat").context["results"].papers[0]

    assert paper.title_html == ("<mark>Cats</mark> &amp; &lt;script&gt;alert(1)&lt;/script&gt;")
    assert paper.snippet_html.startswith("… ")
    assert "One <mark>cat</mark>." in paper.snippet_html


HOSTILE = [
    '"',
    '"unbalanced',
    "it's a \\ trap",
    ":*",
    "!!",
    "a & | ! <-> b",
    "'; DROP TABLE papers_paper; --",
    "x" * 4_000,
    "y " * 2_000,
    "\u202egnirts\u202c \u2066abc",
    "בדיקה חיפוש",
    "the of and",
    "-the",
    "-graph",
    "-graph -quantum",
    " ".join(f"ti:word{n}" for n in range(50)),
    " ".join(f"in:cs.CL au:name{n}" for n in range(25)),
    "date:2024-99 in:nowhere topic:none votes:x",
    "ti: au: abs:",
    "OR OR OR",
    "a OR",
    "%s %(x)s {} {0}",
    "ʼʼ ＇ ＼ ‘’",
    "e\u0301" * 500,
    "😀 𝕏 ∫∑",
    "1 2 3 4.5 -6",
    "http://[::1 doi.org/",
    "<b>&amp;</b>",
    "~1 graph~2",
    "\ud7ff\uffff\ufffe",
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("sort", ["best", "new"])
@pytest.mark.sweep
def test_nothing_typed_is_an_error(client: Client, query, sort):
    papers(GRAPHS, QUANTUM)

    found(client, query, sort=sort)


def test_nul_is_a_clear_error(client: Client):
    assert client.get("/search?q=a%00b").status_code == 400


def test_stop_words_alone_are_explained(client: Client):
    papers(GRAPHS)

    assert "not searched for" in client.get("/search?q=the").content.decode()


def test_only_what_is_unwanted_finds_the_rest(client: Client):
    papers(GRAPHS, QUANTUM)

    assert found(client, "-graph") == [QUANTUM["title"]]


def test_problem_is_shown(client: Client):
    page = client.get("/search?q=graph+date:2024-99").content.decode()

    assert "There is no month 2024-99 in the calendar." in page


def test_empty_page_explains_the_box(client: Client):
    page = client.get("/search").content.decode()

    assert "Search help" in page
    assert 'content="noindex"' not in page


def test_results_are_for_no_index_and_can_be_followed(client: Client):
    papers(GRAPHS)

    page = client.get("/search?q=graph+au:x%26y").content.decode()

    assert 'content="noindex"' in page
    assert "/feeds/search.atom?q=graph+au%3Ax%26y" in page
    assert "/subscribe?search=graph+au%3Ax%26y" in page


@pytest.mark.parametrize("query", ["sort=wild", "time=never", "min_votes=x", "min_votes=-1"])
def test_senseless_option_is_a_clear_error(client: Client, query):
    assert client.get(f"/search?q=graph&{query}").status_code == 400


@pytest.mark.parametrize("page", ["2", "0", "-1", "x", "101", "9" * 4_000])
def test_page_that_is_not_there_is_a_404(client: Client, page):
    papers(GRAPHS)

    assert client.get(f"/search?q=graph&page={page}").status_code == 404


def test_sixty_to_a_page_and_the_pager_keeps_the_search(client: Client):
    papers(*({"title": f"Cats {n}"} for n in range(70)))

    first, second = found(client, "cats"), found(client, "cats", page=2)

    assert (len(first), len(second)) == (60, 10)
    assert not set(first) & set(second)
    assert "q=cats&amp;page=2" in client.get("/search?q=cats").content.decode()


def test_anonymous_page_sets_no_cookie_and_holds_no_token(client: Client):
    papers(GRAPHS)

    response = client.get("/search?q=graph")

    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.content.decode()


def test_search_takes_as_many_queries_for_many_papers(
    client: Client, ada: Any, django_assert_max_num_queries: Any
):
    papers(*({"title": f"Cats {n}"} for n in range(60)))

    with django_assert_max_num_queries(13):
        assert len(found(client, "cats")) == 60
    client.force_login(ada)
    with django_assert_max_num_queries(17):
        assert len(found(client, "cats")) == 60


def test_search_that_takes_too_long_says_so(client: Client, settings: Any):
    from django.db import connection

    papers(GRAPHS)

    with (
        pytest.raises(query_planner.SearchTimeout),
        query_planner.search_settings(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(5)")


def test_matching_is_words_and_filters_alone():
    papers(GRAPHS, QUANTUM, VISION)

    assert [it.title for it in Paper.objects.matching("graph OR cats")] == [
        GRAPHS["title"],
        VISION["title"],
    ]
    assert list(Paper.objects.matching("kitten photos")) == []
    assert list(Paper.objects.matching("!!")) == list(Paper.objects.matching("")) == []


def test_reader_sees_their_own_vote(client: Client, ada):
    papers(GRAPHS)[0].upvote(ada)
    client.force_login(ada)

    assert client.get("/search?q=graph").context["results"].papers[0].upvoted


@pytest.mark.slow
def test_author_who_is_named_gets_a_card(client: Client):
    both = ("Yann LeFord", "Ada Jones-Smith")
    papers(
        GRAPHS | {"authors": both},
        QUANTUM | {"authors": ("Yann LÉFORD",), "announced_on": timezone.localdate()},
        VISION | {"authors": ("Yves M. LeFord", "李明")},
    )[2].hide("spam")
    upsert(
        [an_entry(title="Networks of Ada Jones-Smith", authors=("Yves M. LeFord", "李 明"))],
        now=NOW,
    )

    def cards(query: str, **more: Any) -> list[tuple[str, int]]:
        response = client.get("/search", {"q": query} | more)
        return [(author["name"], author["papers"]) for author in response.context["authors"]]

    assert cards("yann leford") == cards('au:"Yann Leford"') == [("Yann LÉFORD", 2)]
    assert cards("ada jones smith", sort="new", time="week") == [("Ada Jones-Smith", 1)]
    assert cards("Y. LeFord") == [("Yann LÉFORD", 2), ("Yves M. LeFord", 1)]
    assert cards("Y. M. LeFord") == [("Yves M. LeFord", 1)]
    assert cards("李明") == [("李 明", 1)]
    # No name, not the name alone, a part of one, or something else is said about it.
    for query in ("leford", "graph networks", "networks of ada jones-smith", "jones-smith", "y."):
        assert cards(query) == []
    for query in ("yann leford -graph", "yann leford date:2025", 'ti:"yann leford"', "Z. LeFord"):
        assert cards(query) == []
    page = client.get("/search?q=ada+jones-smith").text
    assert '<a href="/authors?name=Ada+Jones-Smith">Ada Jones-Smith</a> · 1&nbsp;paper ·' in page
    assert '<a href="/subscribe?author=Ada+Jones-Smith"' in page


@pytest.fixture
def transformers(db: None) -> None:
    """Thirty papers hold the words `transformer` and `attention`, one `transformed`."""
    papers(
        *({"title": f"A transformer {n}", "abstract": "Attention heads."} for n in range(30)),
        {"title": "Attentive", "abstract": "It is transformed.", "authors": ("Lea Trasformer",)},
        {"title": "A trnsformer by mistake", "abstract": "Attention tails."},
        embedded=False,
    )
    word_counts.run(NOW)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("transfomer", "transformer"),
        ("Transfomer atention", "transformer attention"),
        ("trnsformer", "transformer"),  # one paper has the same mistake
        ('"atention heads" -ti:graph', '"attention heads" -ti:graph'),
        ("ti:transfomer in:cs", "ti:transformer in:cs"),
    ],
)
def test_misspelt_word_gets_a_suggestion_that_finds_papers(client, transformers, typed, meant):
    page = client.get("/search", {"q": typed, "min_votes": "0"})

    assert page.context["results"].suggestion == meant
    query = urlencode({"q": meant, "min_votes": "0"}).replace("&", "&amp;")
    assert f'Did you mean <a href="?{query}"' in page.text
    again = client.get("/search", {"q": meant}).context["results"]
    assert again.total >= 29 and again.suggestion == ""


@pytest.mark.parametrize(
    "typed",
    [
        *("transformer", "attention", "qwzxqj", "the", "cat", "transfomer qwzxqj"),
        "transformed",  # a word of its own, though of one paper
        "trasformer",  # an author
        "au:transfomer",
        "transfomer2",  # as in an id
        "transfomer date:1999",  # nothing is of that year
        "-transfomer",
    ],
)
def test_nothing_is_suggested_for_other_words_or_where_nothing_would_be_found(
    client, transformers, typed
):
    assert client.get("/search", {"q": typed}).context["results"].suggestion == ""


def test_words_are_counted_once_a_night_and_soon_after_an_import(transformers):
    counts = dict(SearchWord.objects.values_list("word", "papers"))
    assert counts["transformer"] == 30 and counts["attention"] == 31
    assert not {"mistake", "a", "it"} & counts.keys()
    assert not word_counts.has_work(NOW + timedelta(minutes=11))
    assert word_counts.has_work(NOW + timedelta(days=1))
    Paper.objects.filter(title="Attentive").delete()
    word_counts.run_soon(NOW)
    assert word_counts.has_work(NOW)
    word_counts.run(NOW)
    word_counts.run(NOW)
    assert SearchWord.objects.get(word="attention").papers == 31


def test_run_is_one_workers_and_anothers_after_ten_minutes():
    claim = ScheduledRun.objects.claim

    assert claim("clean", NOW) and not claim("clean", NOW)
    assert claim("other", NOW)
    assert not claim("clean", NOW + timedelta(minutes=9))
    assert claim("clean", NOW + timedelta(minutes=10)), "the worker died"


@pytest.mark.parametrize("query", ["Schroedinger", "schrödinger", "au:SCHROEDINGER", "Schrodinger"])
def test_umlauts_of_authors_are_found_as_they_are_transcribed(client: Client, query: str):
    papers(GRAPHS | {"authors": ("Anna Schrödinger",)}, QUANTUM)

    assert found(client, query, sort="new") == [GRAPHS["title"]]


def test_umlauts_find_authors_who_write_them_out(client: Client):
    papers(GRAPHS | {"authors": ("Anna Schroedinger",)}, QUANTUM)

    assert found(client, "Schrödinger", sort="new") == [GRAPHS["title"]]


@pytest.mark.parametrize(
    "query", ["Y. LeFord", "y. leford", "au:y.", 'au:"Y. LeFord"', "J.-P. LeFord graph"]
)
def test_initials_find_the_first_name(client: Client, query: str):
    papers(GRAPHS | {"authors": ("Yann LeFord", "Jean-Pierre Ost")}, QUANTUM)

    assert found(client, query, sort="new") == [GRAPHS["title"]]


@pytest.mark.parametrize("written", ["李明", "李 明"])
@pytest.mark.parametrize("query", ["李明", "李 明", "au:李明", 'au:"李 明"', "李 明 graph"])
def test_names_without_spaces_are_found_with_one_and_without(
    client: Client, written: str, query: str
):
    papers(GRAPHS | {"authors": (written,)}, QUANTUM | {"authors": ("王芳",)})

    assert found(client, query, sort="new") == [GRAPHS["title"]]
    assert GRAPHS["title"] in client.get("/authors", {"name": written}).text
    assert GRAPHS["title"] in client.get("/authors", {"name": "李明"}).text


@pytest.mark.parametrize("query", ["USCD", "uscd", "ti:uscd", '"Uscd loss"'])
def test_capitals_of_a_query_make_no_difference(client: Client, query: str):
    papers(GRAPHS | {"title": "A USCD loss for graphs"}, QUANTUM | {"title": "Other losses"})

    assert found(client, query)[:1] == ["A USCD loss for graphs"]
    assert found(client, query) == found(client, query.swapcase().replace("TI:", "ti:"))


@pytest.mark.slow
def test_searches_for_what_no_paper_has_are_counted_and_nothing_else_is(client: Client):
    papers(GRAPHS, VISION)
    for query in ("quantum  mending", "Quantum mending", "photos of pets"):
        found(client, query)
    for query in ("graph", "ada@example.org", "2503.00001", "graph OR (", ""):
        client.get("/search", {"q": query})
    client.get("/search", {"q": "mending", "time": "week"})
    EmptySearch.objects.note("long ago", timezone.localdate() - timedelta(days=30))

    rows = EmptySearch.objects.most_frequent(timezone.localdate())
    assert [(row["text"], row["searches"]) for row in rows] == [
        ("quantum mending", 2),
        ("photos of pets", 1),
    ]
    EmptySearch.objects.delete_old(timezone.localdate())
    assert not EmptySearch.objects.filter(text="long ago").exists()


def test_of_one_day_a_bounded_number_of_searches_is_kept(monkeypatch: Any, db: None):
    monkeypatch.setattr("papers.models.empty_search.MAX_TEXTS_A_DAY", 3)
    for number in range(6):
        EmptySearch.objects.note(f"word{number} " + 60 * "long ", MARCH_14)
    assert EmptySearch.objects.count() == 3
