"""Search and lists among many papers, beside ranking every match, exact scans and fewer papers.

`SEARCH_PAPERS=1000000 python -m benchmarks search` for another size than 100,000; to make a million
papers takes a quarter of an hour.
"""

import os
import random
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pgvector.django import CosineDistance

from benchmarks import _shuffled_papers
from benchmarks._report import console, figure_table, print_verdicts
from benchmarks._search_queries import sample_queries
from papers.models import Paper, PaperEmbedding, Topic
from papers.models.paper_queries import PaperQuerySet
from papers.search import hybrid, keyword_matches, query_planner
from papers.search.nearest import similar_papers
from papers.search.run import search_papers
from papers.search.tsqueries import TsQueries
from papers.search.vector_models import QueryVector, query_vector
from papers.search_query import Query, parse

SIZE, QUICK_SIZE, SMALL_SIZE = 100_000, 10_000, 10_000  # papers
EVERY_MATCH = 100_000_000

# The targets
MIN_TIMES_FASTER = 10  # than ranking every match
MIN_AGREEMENT, MIN_AGREEMENT_OF_ALL, MIN_RECALL = 0.9, 0.95, 0.95
MAX_LIST_RATIO = 2.0  # of the time of a list among SMALL_SIZE papers

T = TypeVar("T")


def run(quick: bool) -> bool:
    """Print the figures; True if every target is met."""
    size = int(os.environ.get("SEARCH_PAPERS", QUICK_SIZE if quick else SIZE))
    settings.ALLOWED_HOSTS = ["*"]
    call_command("collectstatic", verbosity=0, interactive=False)
    _shuffled_papers.fill(SMALL_SIZE, console.print)
    small_site = _list_percentiles()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE papers_paper, papers_embeddingmodel, accounts_user CASCADE")
    _shuffled_papers.fill(size, console.print)
    queries = sample_queries(random.Random(7))  # not those by which the limits were chosen
    return all(
        [
            _measure_keywords(queries),
            _measure_neighbours(queries),
            _measure_hybrid(queries),
            _measure_lists(small_site, _list_percentiles(), size),
        ]
    )


def _timed(function: Callable[..., T], *args: Any, **kwargs: Any) -> tuple[float, T]:
    """The milliseconds of a call, and its result."""
    started = time.perf_counter()
    result = function(*args, **kwargs)
    return (time.perf_counter() - started) * 1_000, result


def _percentile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def _share_found(best: list[int], found: list[int]) -> float:
    return len(set(best) & set(found)) / len(best) if best else 1.0


# --- By keywords: the best of a limited number of matches, beside ranking every match ---


def _measure_keywords(queries: dict[str, list[str]]) -> bool:
    table = figure_table(
        "By keywords: the ten best of all matches, in milliseconds",
        *("", "matches", "every p50", "every p95", "p50", "p95", "agreement", "worst"),
    )
    agreements: dict[str, list[float]] = {}
    times_faster: dict[str, float] = {}
    for kind, texts in queries.items():
        every, ours, agreement = _compare_with_every_match(texts)
        matches = [Paper.objects.visible().matching(text).count() for text in texts]
        agreements[kind] = agreement
        times_faster[kind] = statistics.median(a / b for a, b in zip(every, ours, strict=True))
        table.add_row(
            *(kind, f"{statistics.median(matches):,.0f}"),
            *(
                f"{_percentile(times, percent):.1f}"
                for times in (every, ours)
                for percent in (50, 95)
            ),
            *(f"{statistics.mean(agreement):.3f}", f"{min(agreement):.1f}"),
        )
    console.print(table)
    faster = times_faster["one common word"]
    common = statistics.mean(agreements["one common word"])
    of_all = statistics.mean(share for agreement in agreements.values() for share in agreement)
    return print_verdicts(
        {
            f"a common word {faster:.1f} times faster": faster >= MIN_TIMES_FASTER,
            f"its ten best agree at {common:.3f} (at least {MIN_AGREEMENT})": (
                common >= MIN_AGREEMENT
            ),
            f"all kinds at {of_all:.3f} (at least {MIN_AGREEMENT_OF_ALL})": (
                of_all >= MIN_AGREEMENT_OF_ALL
            ),
        }
    )


def _compare_with_every_match(texts: list[str]) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds with every match ranked, with the site's limit, the share of equal results."""
    every, ours, agreement = [], [], []
    for text in texts:
        found = _ten_best(text)  # also fills the caches
        ours.append(_timed(_ten_best, text)[0])
        milliseconds, best = _timed(_ten_best, text, max_ranked=EVERY_MATCH)
        every.append(milliseconds)
        agreement.append(_share_found(best, found))
    return every, ours, agreement


def _ten_best(text: str, max_ranked: int = keyword_matches.MAX_RANKED_MATCHES) -> list[int]:
    query = parse(text)
    papers = Paper.objects.visible().with_filters(query)
    return hybrid.ranked_page(papers, TsQueries.from_query(query), None, max_ranked=max_ranked).ids


# --- By meaning: beside an exact scan, with and without filters ---


def _measure_neighbours(queries: dict[str, list[str]]) -> bool:
    texts = queries["three words of a title"] + queries["two words of a title"]
    vectors = [vector for text in texts if (vector := query_vector(text))]
    table = figure_table(
        "By meaning: the ten nearest, in milliseconds",
        *("filter", "papers", "scan p50", "p50", "p95", "recall", "worst"),
    )
    recalls = []
    for name, query in _filters().items():
        papers = Paper.objects.visible().with_filters(query)
        find, scan = partial(_nearest, papers), partial(_exactly_nearest, papers)
        recalls.append(_compare_with_scan(table, name, papers.count(), vectors, find, scan))
    papers = Paper.objects.visible()
    some = list(papers.order_by("?")[: len(vectors)])
    recalls.append(
        _compare_with_scan(
            table, "similar to a paper", papers.count(), some, _similar, _exactly_similar
        )
    )
    console.print(table)
    lowest = min(recalls)
    return print_verdicts(
        {
            f"recall {lowest:.3f} with any filter (at least {MIN_RECALL})": lowest >= MIN_RECALL,
        }
    )


def _compare_with_scan(
    table: Any,
    name: str,
    size: int,
    items: Sequence[T],
    find: Callable[[T], list[int]],
    scan: Callable[[T], list[int]],
) -> float:
    """Add a row for what is nearest to each of `items` among `size` papers; returns its recall."""
    scans, ours, recall = [], [], []
    for item in items:
        found = find(item)  # also fills the caches
        ours.append(_timed(find, item)[0])
        milliseconds, best = _timed(scan, item)
        scans.append(milliseconds)
        recall.append(_share_found(best, found))
    table.add_row(
        *(name, f"{size:,}", f"{_percentile(scans, 50):.1f}"),
        *(f"{_percentile(ours, 50):.1f}", f"{_percentile(ours, 95):.1f}"),
        *(f"{statistics.mean(recall):.3f}", f"{min(recall):.1f}"),
    )
    return statistics.mean(recall)


def _filters() -> dict[str, Query]:
    topics = Topic.objects.order_by("slug").values_list("slug", flat=True)
    return {
        "all": Query(),
        "the last month": Query(since=_shuffled_papers.LAST_DAY - timedelta(days=30)),
        "the last two years": Query(since=_shuffled_papers.LAST_DAY - timedelta(days=730)),
        **{f"topic {slug}": Query(topics=[slug]) for slug in topics[:6]},
    }


def _nearest(papers: PaperQuerySet, vector: QueryVector) -> list[int]:
    """Ids of the ten nearest as the site finds them; none if that takes longer than it allows."""
    with suppress(query_planner.SearchTimeout), query_planner.search_settings():
        return hybrid.ranked_page(papers, TsQueries(), vector).ids
    return []


def _exactly_nearest(papers: PaperQuerySet, vector: QueryVector) -> list[int]:
    """Ids of the ten nearest of all, by a scan without a time limit."""
    rows = PaperEmbedding.objects.serving().filter(paper__in=papers.order_by().values("pk"))
    with_distance = rows.annotate(distance=CosineDistance("vector", vector.values))
    near = with_distance.filter(distance__lt=hybrid.MAX_DISTANCE).order_by("distance", "paper_id")
    return list(near.values_list("paper_id", flat=True)[:10])


def _similar(paper: Paper) -> list[int]:
    return list(similar_papers(paper, 10))


def _exactly_similar(paper: Paper) -> list[int]:
    rows = PaperEmbedding.objects.serving()
    distance = CosineDistance("vector", rows.get(paper=paper).vector)
    near = rows.exclude(paper=paper).order_by(distance)
    return list(near.values_list("paper_id", flat=True)[:10])


# --- By keywords and meaning, as the search page does ---


def _measure_hybrid(queries: dict[str, list[str]]) -> bool:
    table = figure_table(
        "By keywords and meaning, sixty rows, in milliseconds", "", "p50", "p95", "worst"
    )
    for kind, texts in queries.items():
        for text in texts:
            _search(text)  # fills the caches
        times = [_timed(_search, text)[0] for text in texts]
        figures = (_percentile(times, 50), _percentile(times, 95), max(times))
        table.add_row(kind, *(f"{milliseconds:.0f}" for milliseconds in figures))
    console.print(table)
    return True


def _search(text: str) -> None:
    with suppress(query_planner.SearchTimeout):  # the time until then counts
        search_papers(text)


# --- Lists: as many papers a day, for few days and for many ---


def _list_percentiles() -> dict[str, float]:
    """The 95th percentile of each kind of list, in milliseconds: not signed in, not cached."""
    client = Client()
    days = [_shuffled_papers.LAST_DAY - timedelta(days=number) for number in range(40)]
    weekdays = [day for day in days if day.weekday() < 5]
    topics = Topic.objects.values_list("slug", flat=True)
    return {
        "day": _percentile_95(client, [f"/papers/date/{day}" for day in weekdays]),
        "trending": _percentile_95(client, [f"/papers/trending?n={n}" for n in range(25)]),
        "topic": _percentile_95(client, [f"/topics/{slug}" for slug in topics]),
    }


def _percentile_95(client: Client, paths: list[str]) -> float:
    for path in paths:
        assert client.get(f"{path}{'&' if '?' in path else '?'}warm=1").status_code == 200
    return _percentile([_timed(client.get, path)[0] for path in paths], 95)


def _measure_lists(small_site: dict[str, float], site: dict[str, float], size: int) -> bool:
    table = figure_table(
        "Lists, 95th percentile in milliseconds",
        *("", f"{SMALL_SIZE:,} papers", f"{size:,} papers", "ratio"),
    )
    ratios = {name: site[name] / small_site[name] for name in site}
    for name, ratio in ratios.items():
        table.add_row(name, f"{small_site[name]:.1f}", f"{site[name]:.1f}", f"{ratio:.2f}")
    console.print(table)
    slowest = max(ratios.values())
    result = f"lists take at most {slowest:.2f} times as long (at most {MAX_LIST_RATIO})"
    return print_verdicts({result: slowest <= MAX_LIST_RATIO})
