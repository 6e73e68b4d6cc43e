"""Decides which topics a paper belongs to: by its categories, its words and its source."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import QuerySet

from papers.models import Paper, PaperSearch, PaperTopic, Source, Topic
from papers.models.topic import words_query

BATCH_ROWS = 1_000


def assign(papers: Collection[Paper], source: Source | None = None) -> None:
    """Make the rows that rules wrote for these papers what the rules say now; other rows stay.

    Topics by meaning go from a paper that has categories now, and make room for those by rules.
    """
    wanted = {(row.paper_id, row.topic_id): row for row in rows_of(papers, source)}
    by_rule = {pair for pair, row in wanted.items() if row.by == PaperTopic.By.RULE}
    filed = {paper.pk for paper in papers if paper.categories}
    rows = PaperTopic.objects.filter(paper__in=papers)
    stale = []
    for row in rows.filter(by__in=[PaperTopic.By.RULE, PaperTopic.By.MEANING]):
        pair = (row.paper_id, row.topic_id)
        if row.by == PaperTopic.By.RULE:
            is_stale = pair not in by_rule
        else:
            is_stale = pair in wanted or row.paper_id in filed
        stale += [row.pk] if is_stale else []
    PaperTopic.objects.filter(pk__in=stale).delete()
    PaperTopic.objects.bulk_create(wanted.values(), ignore_conflicts=True)


def assign_each(papers: QuerySet[Paper]) -> int:
    """The same for many papers, each with the topics of its own source; returns their number."""
    count = 0
    for source in (None, *Source.objects.prefetch_related("topics")):
        rows = list(papers.filter(source=source).only("categories").order_by("pk"))
        for start in range(0, len(rows), BATCH_ROWS):
            assign(rows[start : start + BATCH_ROWS], source)
        count += len(rows)
    return count


def assign_with_sources(papers: QuerySet[Paper]) -> None:
    """The same for few papers, which are grouped by their sources."""
    by_source: dict[int | None, list[Paper]] = defaultdict(list)
    for paper in papers.only("categories", "source"):
        by_source[paper.source_id].append(paper)
    sources = Source.objects.prefetch_related("topics").in_bulk(filter(None, by_source))
    for source, its_papers in by_source.items():
        assign(its_papers, sources.get(source) if source else None)


def rows_of(papers: Collection[Paper], source: Source | None = None) -> list[PaperTopic]:
    """The unsaved rows that rules and source give these papers, whose search rows are written."""
    if not papers:
        return []
    by_rule = _by_rule(papers)
    source_topics = source.topics.all() if source else []
    by_source = {(paper.pk, topic.pk) for paper in papers for topic in source_topics} - by_rule
    return [
        PaperTopic(paper_id=paper, topic_id=topic, by=by)
        for pairs, by in ((by_rule, PaperTopic.By.RULE), (by_source, PaperTopic.By.SOURCE))
        for paper, topic in sorted(pairs)
    ]


def _by_rule(papers: Collection[Paper]) -> set[tuple[int, int]]:
    """Pairs of primary keys: (paper, topic)."""
    topics = list(Topic.objects.all())
    topics_of_category: dict[str, set[int]] = defaultdict(set)
    for topic in topics:
        for category in topic.categories:
            topics_of_category[category].add(topic.pk)
    pairs = {
        (paper.pk, topic)
        for paper in papers
        for category in paper.categories
        for topic in topics_of_category[category]
        | topics_of_category[f"{category.partition('.')[0]}.*"]
    }
    for topic in topics:
        if topic.words:
            matches = PaperSearch.objects.filter(paper__in=papers, search=words_query(topic.words))
            pairs |= {(paper, topic.pk) for paper in matches.values_list("paper_id", flat=True)}
    return pairs
