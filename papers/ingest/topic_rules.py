"""Which topics a new paper belongs to: by its categories, by its words, by its source."""

from collections import defaultdict
from collections.abc import Collection

from django.contrib.postgres.search import SearchQuery

from papers.models import Paper, PaperSearch, PaperTopic, Source, Topic


def assign(papers: Collection[Paper], source: Source | None = None) -> None:
    """Make the rules' rows of these papers what the rules say now; all others stay."""
    wanted = {(row.paper_id, row.topic_id): row for row in rows_of(papers, source)}
    by_rule = {pair for pair, row in wanted.items() if row.by == PaperTopic.By.RULE}
    standing = PaperTopic.objects.filter(paper__in=papers, by=PaperTopic.By.RULE)
    stale = [row.pk for row in standing if (row.paper_id, row.topic_id) not in by_rule]
    PaperTopic.objects.filter(pk__in=stale).delete()
    PaperTopic.objects.bulk_create(wanted.values(), ignore_conflicts=True)


def rows_of(papers: Collection[Paper], source: Source | None = None) -> list[PaperTopic]:
    """What the rules and the source say of these papers, which are known to the search."""
    if not papers:
        return []
    by_rule = _by_rule(papers)
    theirs = source.topics.all() if source else []
    by_source = {(paper.pk, topic.pk) for paper in papers for topic in theirs} - by_rule
    return [
        PaperTopic(paper_id=paper, topic_id=topic, by=by)
        for pairs, by in ((by_rule, PaperTopic.By.RULE), (by_source, PaperTopic.By.SOURCE))
        for paper, topic in sorted(pairs)
    ]


def _by_rule(papers: Collection[Paper]) -> set[tuple[int, int]]:
    """Pairs of (paper, topic), as their primary keys."""
    topics = list(Topic.objects.all())
    covering: dict[str, set[int]] = defaultdict(set)
    for topic in topics:
        for category in topic.categories:
            covering[category].add(topic.pk)
    pairs = {
        (paper.pk, topic)
        for paper in papers
        for category in paper.categories
        for topic in covering[category] | covering[f"{category.partition('.')[0]}.*"]
    }
    for topic in topics:
        if topic.words:
            query = SearchQuery(topic.words, search_type="websearch", config="english")
            found = PaperSearch.objects.filter(paper__in=papers, search=query)
            pairs |= {(paper, topic.pk) for paper in found.values_list("paper_id", flat=True)}
    return pairs
