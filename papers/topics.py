"""Which topics a new paper belongs to: by its categories, by its words, by its source."""

from collections.abc import Collection

from django.contrib.postgres.search import SearchQuery

from papers.models import Paper, PaperSearch, PaperTopic, Source, Topic


def assign(papers: Collection[Paper], source: Source | None = None) -> None:
    """Make the rules' rows of these papers what the rules say now; all others stay."""
    if not papers:
        return
    wanted = _by_rule(papers)
    standing = PaperTopic.objects.filter(paper__in=papers)
    stale = [
        row.pk
        for row in standing.filter(by=PaperTopic.By.RULE)
        if (row.paper_id, row.topic_id) not in wanted
    ]
    PaperTopic.objects.filter(pk__in=stale).delete()
    PaperTopic.objects.bulk_create(
        [PaperTopic(paper_id=paper, topic_id=topic) for paper, topic in sorted(wanted)],
        ignore_conflicts=True,
    )
    if source:
        PaperTopic.objects.bulk_create(
            [
                PaperTopic(paper=paper, topic=topic, by=PaperTopic.By.SOURCE)
                for topic in source.topics.all()
                for paper in papers
            ],
            ignore_conflicts=True,
        )


def _by_rule(papers: Collection[Paper]) -> set[tuple[int, int]]:
    """Pairs of (paper, topic), as their primary keys."""
    pairs: set[tuple[int, int]] = set()
    for topic in Topic.objects.all():
        pairs |= {(paper.pk, topic.pk) for paper in papers if covers(topic, paper.categories)}
        if topic.words:
            query = SearchQuery(topic.words, search_type="websearch", config="english")
            found = PaperSearch.objects.filter(paper__in=papers, search=query)
            pairs |= {(paper, topic.pk) for paper in found.values_list("paper_id", flat=True)}
    return pairs


def covers(topic: Topic, categories: Collection[str]) -> bool:
    """Whether one of these is a category of the topic; `cs.*` there is all of an archive."""
    archives = {f"{category.partition('.')[0]}.*" for category in categories}
    return not {*categories, *archives}.isdisjoint(topic.categories)
