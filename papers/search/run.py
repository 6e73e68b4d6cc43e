"""Runs a search: keyword and semantic ranking, sorting, hit highlighting; and similar papers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from papers.models import Paper, PaperTopic, Topic
from papers.models.paper_queries import PaperQuerySet
from papers.models.sort_orders import SortOrder
from papers.search import highlights, hybrid, nearest, spelling
from papers.search.hybrid import MAX_RESULTS, RankedPage
from papers.search.query_planner import search_settings
from papers.search.tsqueries import TsQueries
from papers.search.vector_models import query_vector
from papers.search_query import Query, parse

BEST = "best"  # the sort order of hybrid ranking


@dataclass(slots=True)
class SearchResults:
    query: Query
    papers: list[Paper] = field(default_factory=list)
    total: int = 0
    is_capped: bool = False  # there are more than `total`
    has_words: bool = True  # False: no paper holds the words, these are near in meaning
    topics: list[Topic] = field(default_factory=list)  # all of the site, as the rows share them
    # Of a search for a page. By primary key of the topic, of the best MAX_RESULTS papers.
    topic_counts: dict[int, int] = field(default_factory=dict)
    suggestion: str = ""  # the query with other spellings, under which there are papers

    @property
    def problems(self) -> list[str]:
        return self.query.problems


def search_papers(
    text: str,
    *,
    topics: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    min_votes: int = 0,
    sort: str = BEST,
    offset: int = 0,
    limit: int = 60,
    for_page: bool = False,
) -> SearchResults:
    """One page of results for what a reader typed; the other arguments narrow it further.

    In any order but BEST only papers with its words count: being near in meaning is no match.
    `for_page` adds the counts of topics, as if none of `topics` were chosen, and a suggestion.
    Raises SearchTimeout.
    """
    query = parse(text)
    unknown = Topic.objects.unknown(query.topics + query.unwanted_topics)
    query.problems += [f"There is no topic “{slug}” here." for slug in unknown]
    if query.is_empty:
        return SearchResults(query)
    papers = Paper.objects.visible().with_min_votes(min_votes).dated(since, until)
    papers = papers.with_filters(query)
    limit = max(0, min(limit, MAX_RESULTS - offset))
    with search_settings():
        tsqueries = TsQueries.from_query(query)
        if query.has_words and not tsqueries.all:
            query.problems.append("Words that stand in every paper are not searched for.")
        page = _ranked(papers.in_topics(topics), query, tsqueries, sort, offset, limit)
        all_topics = list(Topic.objects.all())
        rows = _rows(page.ids, tsqueries, all_topics)
        results = SearchResults(
            query, rows, page.total, page.is_capped, page.has_words, topics=all_topics
        )
        if for_page:
            if offset == 0 and page.full_matches <= spelling.MAX_PAPERS_OF_MISTAKE:
                results.suggestion = spelling.suggestion(query, papers.in_topics(topics))
            of_all_topics = page
            if topics:
                of_all_topics = _ranked(papers, query, tsqueries, sort, offset=0, limit=0)
            results.topic_counts = PaperTopic.objects.of(of_all_topics.all_ids).counts()
            if len(topics) == 1:  # among fewer papers more are near enough in meaning
                chosen = (topic.pk for topic in all_topics if topic.slug in topics)
                results.topic_counts |= dict.fromkeys(chosen, page.total)
    return results


def _ranked(
    papers: PaperQuerySet, query: Query, tsqueries: TsQueries, sort: str, offset: int, limit: int
) -> RankedPage:
    if sort == BEST and query.wanted:
        vector = query_vector(query.meaning)
        return hybrid.ranked_page(
            papers, tsqueries, vector, title=query.title, offset=offset, limit=limit
        )
    ordered = papers.matching(query).sorted(SortOrder.HOT if sort == BEST else sort)
    ids = list(ordered.values_list("pk", flat=True)[: MAX_RESULTS + 1])
    is_capped = len(ids) > MAX_RESULTS
    ids = ids[:MAX_RESULTS]
    return RankedPage(
        ids[offset : offset + limit],
        all_ids=ids,
        total=len(ids),
        is_capped=is_capped,
        full_matches=len(ids),
        has_words=True,
    )


def similar(paper: Paper, limit: int = 10) -> list[Paper]:
    """The papers nearest in meaning, the nearest first, each with its `closeness` (0 to 1)."""
    distances = nearest.similar_papers(paper, limit)
    by_id = Paper.objects.in_bulk(list(distances))
    papers = [by_id[pk] for pk in distances if pk in by_id]
    for other in papers:
        other.closeness = max(0.0, min(1.0, 1 - distances[other.pk]))
    return papers


def _rows(ids: Iterable[int], tsqueries: TsQueries, topics: list[Topic]) -> list[Paper]:
    """These papers in this order, as a list draws them, with hits highlighted."""
    papers = Paper.objects.with_row_columns()
    if tsqueries.wanted:
        papers = highlights.with_headlines(papers, tsqueries.wanted)
    by_id = papers.in_bulk(list(ids))
    rows = [by_id[pk] for pk in ids if pk in by_id]
    for paper in rows:
        paper.set_topics(topics)
        if tsqueries.wanted:
            highlights.apply(paper)
    return rows
