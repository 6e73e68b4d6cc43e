"""What the search box makes of what is typed into it."""

from datetime import date

import pytest

from papers.search_query import Term, parse


def wanted(text: str) -> list[tuple[tuple[str, str, bool], ...]]:
    return [tuple((it.text, it.where, it.phrase) for it in group) for group in parse(text).wanted]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("graph networks", [(("graph", "", False),), (("networks", "", False),)]),
        ('"graph networks"', [(("graph networks", "", True),)]),
        ("“graph networks”", [(("graph networks", "", True),)]),
        ("au:quill", [(("quill", "authors", False),)]),
        ('AU:"ada quill"', [(("ada quill", "authors", True),)]),
        ("ti: sparse", [(("sparse", "title", False),)]),
        ("abs:sparse", [(("sparse", "abstract", False),)]),
        ("a1 OR b2 c3", [(("a1", "", False), ("b2", "", False)), (("c3", "", False),)]),
        ("RAG: a survey", [(("RAG:", "", False),), (("a", "", False),), (("survey", "", False),)]),
        ("in-context", [(("in-context", "", False),)]),
        ("graph - neural", [(("graph", "", False),), (("neural", "", False),)]),
        ("two\nlines", [(("two", "", False),), (("lines", "", False),)]),
        ("nul\0l", [(("nul", "", False),), (("l", "", False),)]),
    ],
)
def test_words_and_where_they_stand(text, terms):
    assert wanted(text) == terms
    assert parse(text).problems == []


def test_unwanted_words_phrases_and_parts():
    unwanted = parse('learning -survey -"case study" -au:quill').unwanted

    assert unwanted == [
        Term("survey"),
        Term("case study", phrase=True),
        Term("quill", where="authors"),
    ]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("date:2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("date:2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("date:2024-02-03", date(2024, 2, 3), date(2024, 2, 3)),
        ("date:2025-W11", date(2025, 3, 10), date(2025, 3, 16)),
        ("date:2024-01..2024-03", date(2024, 1, 1), date(2024, 3, 31)),
        ("date:2024..", date(2024, 1, 1), None),
        ("date:..2024-03", None, date(2024, 3, 31)),
    ],
)
def test_dates(text, since, until):
    query = parse(text)

    assert (query.since, query.until, query.problems) == (since, until, [])


def test_category_archive_topic_and_votes():
    query = parse("in:cs.CL in:math.* -in:stat.ML topic:Language votes:10")

    assert query.categories[0] == "cs.CL"
    assert {"math.AG", "math.PR"} < set(query.categories)
    assert (query.unwanted_categories, query.topics) == (["stat.ML"], ["language"])
    assert (query.min_votes, query.problems) == (10, [])


@pytest.mark.parametrize(
    "text",
    [
        "date:2024-99",
        "date:yesterday",
        "date:2024-03..2024-01",
        "date:0000",
        "date:9999",
        "date:..9999",
        "date:1899-12-31..",
        "date:9999-12-31",
        "date:" + "9" * 300,
        "votes:" + "9" * 300,
        "date:9999-W60",
        "date:٢٠٢٤",
        "in:cs.XX",
        "votes:many",
        "votes:-1",
        "!!",
        "au:!!",
        ":*",
        '"never closed',
        "x" * 10_000,
        " ".join(["word"] * 50),
    ],
)
def test_what_makes_no_sense_is_said(text):
    assert parse(text).problems


@pytest.mark.parametrize("text", ["", "  ", "!!", '""', "date:2024-99", "OR"])
def test_nothing_is_asked_for(text):
    assert parse(text).is_empty


def test_meaning_leaves_names_and_unwanted_words_out():
    assert parse('sparse au:quill -survey "score matching" in:cs.CL').meaning == (
        "sparse score matching"
    )
