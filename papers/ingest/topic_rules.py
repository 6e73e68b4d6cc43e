"""Decides which topics a paper belongs to: by its categories, its words and its source."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from django.db.models import QuerySet

from papers.models import Paper, PaperSearch, PaperTopic, Source, Topic
from papers.models.topic import words_query


def assign(
    papers: Collection[Paper],
    source: Source | None = None,
    topics: Collection[Topic] | None = None,
) -> None:
    """Make the rows that rules wrote for these papers what the rules say now; other rows stay.

    Topics by meaning go from a paper that has categories now, and make room for those by rules.
    With `topics`, only the rows of these are looked at.
    """
    wanted = {(row.paper_id, row.topic_id): row for row in rows_of(papers, source, topics)}
    by_rule = {pair for pair, row in wanted.items() if row.by == PaperTopic.By.RULE}
    filed = {paper.pk for paper in papers if paper.categories}
    rows = PaperTopic.objects.filter(paper__in=papers)
    if topics is not None:
        rows = rows.filter(topic__in=topics)
    stale = []
    for row in rows:
        pair = (row.paper_id, row.topic_id)
        if row.by == PaperTopic.By.RULE:
            is_stale = pair not in by_rule
        elif row.by == PaperTopic.By.MEANING:
            is_stale = pair in wanted or row.paper_id in filed
        else:
            is_stale = False
        if is_stale:
            stale.append(row.pk)
        else:
            wanted.pop(pair, None)
    if stale:
        PaperTopic.objects.filter(pk__in=stale).delete()
    PaperTopic.objects.bulk_create(wanted.values(), ignore_conflicts=True)


def assign_with_sources(papers: Iterable[Paper], topics: Collection[Topic] | None = None) -> None:
    """The same for papers of several sources, each with the topics of its own."""
    by_source: dict[int | None, list[Paper]] = defaultdict(list)
    for paper in papers:
        by_source[paper.source_id].append(paper)
    sources = Source.objects.prefetch_related("topics").in_bulk(filter(None, by_source))
    for source, its_papers in by_source.items():
        assign(its_papers, sources.get(source) if source else None, topics)


def rows_of(
    papers: Collection[Paper],
    source: Source | None = None,
    topics: Collection[Topic] | None = None,
) -> list[PaperTopic]:
    """The unsaved rows that rules and source give these papers, whose search rows are written."""
    if not papers:
        return []
    topics = list(Topic.objects.all()) if topics is None else topics
    by_rule = _by_rule(papers, topics)
    source_topics = set(source.topics.all() if source else ()).intersection(topics)
    by_source = {(paper.pk, topic.pk) for paper in papers for topic in source_topics} - by_rule
    return [
        PaperTopic(paper_id=paper, topic_id=topic, by=by)
        for pairs, by in ((by_rule, PaperTopic.By.RULE), (by_source, PaperTopic.By.SOURCE))
        for paper, topic in sorted(pairs)
    ]


def papers_of_rule(papers: QuerySet[Paper], topic: Topic) -> set[int]:
    """Primary keys of those that the rule of one topic catches, which may be unsaved."""
    rows = papers.values_list("pk", "categories")
    found = {paper for paper, categories in rows if any(map(topic.covers, categories))}
    return found | _with_words(papers.values("pk"), topic)


def _by_rule(papers: Collection[Paper], topics: Collection[Topic]) -> set[tuple[int, int]]:
    """Pairs of primary keys: (paper, topic)."""

    @cache
    def topics_of(category: str) -> set[int]:
        return {topic.pk for topic in topics if topic.covers(category)}

    pairs = {
        (paper.pk, topic)
        for paper in papers
        for category in paper.categories
        for topic in topics_of(category)
    }
    return pairs | {(paper, topic.pk) for topic in topics for paper in _with_words(papers, topic)}


def _with_words(papers: Collection[Paper] | QuerySet[Any], topic: Topic) -> set[int]:
    """Primary keys of those that have the words of the topic."""
    if not topic.words:
        return set()
    rows = PaperSearch.objects.filter(paper__in=papers, search=words_query(topic.words))
    return set(rows.values_list("paper_id", flat=True))
