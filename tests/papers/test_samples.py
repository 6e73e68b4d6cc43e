"""The sample papers and the defaults: what a site without a network has to show."""

import json
import re
import statistics
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import papers
from papers.categories import CATEGORIES, RETIRED, is_arxiv
from papers.ingest.seed_data import SOURCES, TOPICS

FILE = Path(papers.__file__).parent / "ingest" / "samples.jsonl"
TEX = re.compile(r"\$[^$]*[\\^_=+][^$]*\$|\\[a-zA-Z]+\{|\\\[|\\[\"'`^~]")
KEYS = {"key", "days_ago", "title", "abstract", "authors", "categories", "upvotes", "version"}
OPTIONAL = {"featured", "withdrawn", "code_url", "project_url", "journal_ref", "submitter_name"}


@pytest.fixture(scope="module")
def samples() -> list[dict[str, Any]]:
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def test_sixty_two_papers_with_known_fields_only(samples: list[dict[str, Any]]) -> None:
    assert [sample["key"] for sample in samples] == [f"sample-{n:02d}" for n in range(1, 63)]
    for sample in samples:
        assert sample.keys() >= KEYS, sample["key"]
        assert sample.keys() <= KEYS | OPTIONAL, sample["key"]


def test_ten_days_have_six_to_eight_papers_each(samples: list[dict[str, Any]]) -> None:
    days = [sample["days_ago"] for sample in samples]

    assert set(days) == set(range(10))
    assert all(6 <= days.count(day) <= 8 for day in range(10))


def test_upvotes_are_spread_as_in_real_life(samples: list[dict[str, Any]]) -> None:
    upvotes = [sample["upvotes"] for sample in samples]

    assert (min(upvotes), statistics.median(upvotes), max(upvotes)) == (0, 6, 140)


def test_four_are_featured_and_not_all_on_one_day(samples: list[dict[str, Any]]) -> None:
    featured = [sample["days_ago"] for sample in samples if sample.get("featured")]

    assert len(featured) == 4
    assert len(set(featured)) > 1


def test_one_is_withdrawn_and_says_so(samples: list[dict[str, Any]]) -> None:
    (withdrawn,) = [sample for sample in samples if sample.get("withdrawn")]

    assert "withdrawn" in withdrawn["abstract"]
    assert withdrawn["version"] > 1


def test_titles_are_unique_and_of_many_lengths(samples: list[dict[str, Any]]) -> None:
    titles = [sample["title"] for sample in samples]

    assert len(set(titles)) == 62
    assert min(titles, key=len) == "Moss"
    assert 180 <= max(len(title) for title in titles) <= 200


def test_abstracts_have_sixty_to_a_hundred_and_seventy_words(samples: list[dict[str, Any]]) -> None:
    assert all(60 <= len(sample["abstract"].split()) <= 170 for sample in samples)


def test_text_that_is_hard_to_show_is_there(samples: list[dict[str, Any]]) -> None:
    titles = [sample["title"] for sample in samples]

    assert sum(bool(TEX.search(sample["title"] + sample["abstract"])) for sample in samples) >= 8
    assert sum(bool(TEX.search(title)) for title in titles) >= 8
    assert any('Schr\\"odinger' in title for title in titles)
    assert any(" & " in title for title in titles)
    assert any(" < " in title for title in titles)
    assert any("$5 " in title and not TEX.search(title) for title in titles)
    assert any(re.search(r"[\u0590-\u06ff]", title) for title in titles)


def test_author_lists_go_from_one_to_forty_eight_names(samples: list[dict[str, Any]]) -> None:
    lengths = [len(sample["authors"]) for sample in samples]

    assert (min(lengths), max(lengths)) == (1, 48)
    for sample in samples:
        assert all(name and name == name.strip() for name in sample["authors"]), sample["key"]
        assert len(set(sample["authors"])) == len(sample["authors"]), sample["key"]


def test_links_lead_nowhere_real(samples: list[dict[str, Any]]) -> None:
    urls = [
        sample[key] for sample in samples for key in ("code_url", "project_url") if key in sample
    ]

    assert urls
    for url in urls:
        assert (urlsplit(url).scheme, urlsplit(url).hostname) == ("https", "example.org"), url


def test_categories_are_arxivs_and_the_first_is_in_some_topic(
    samples: list[dict[str, Any]],
) -> None:
    in_topics = {code for topic in TOPICS for code in topic.categories}

    for sample in samples:
        assert all(is_arxiv(code) for code in sample["categories"]), sample["key"]
        assert sample["categories"][0] in in_topics, sample["key"]


def test_every_topic_has_a_sample(samples: list[dict[str, Any]]) -> None:
    primary = {sample["categories"][0] for sample in samples}

    assert [topic.slug for topic in TOPICS if not primary & set(topic.categories)] == []


def test_topics_cover_arxiv_and_name_no_other_code() -> None:
    in_topics = {code for topic in TOPICS for code in topic.categories}

    assert in_topics == CATEGORIES.keys() | RETIRED.keys()


def test_topics_have_unique_slugs_and_list_a_category_once() -> None:
    slugs = [topic.slug for topic in TOPICS]

    assert len(set(slugs)) == len(slugs)
    for topic in TOPICS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", topic.slug)
        assert topic.description.endswith(".")
        assert len(set(topic.categories)) == len(topic.categories), topic.slug


def test_default_sources_are_arxiv_feeds_each_asked_once() -> None:
    asked = [code for source in SOURCES for code in source.url.rpartition("/")[2].split("+")]

    assert len({source.url for source in SOURCES}) == len(SOURCES)
    assert len(set(asked)) == len(asked)
    for source in SOURCES:
        assert source.kind == "arxiv"
        assert source.url.startswith("https://rss.arxiv.org/rss/")
    archives = {code.partition(".")[0] for code in CATEGORIES}
    assert all(code in CATEGORIES or code in archives for code in asked)


def test_every_topic_has_a_default_source() -> None:
    asked = {code for source in SOURCES for code in source.url.rpartition("/")[2].split("+")}

    for topic in TOPICS:
        fed = [code for code in topic.categories if {code, code.partition(".")[0]} & asked]
        assert fed, topic.slug
