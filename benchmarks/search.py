"""Searching and reading many papers: beside ranking every match, an exact scan, and few papers.

`SEARCH_PAPERS=1000000 python -m benchmarks search` for another size than 100,000; the million of
the README takes a quarter of an hour to make.
"""

import os
import random
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pgvector import HalfVector
from pgvector.django import CosineDistance
from rich.console import Console
from rich.table import Table

from benchmarks import _million
from papers.models import Paper, PaperEmbedding, Topic
from papers.models.paper_queries import PaperQuerySet
from papers.search import embeddings, hybrid, keyword_matches, nearest, query_planner
from papers.search.run import search_papers
from papers.search.tsqueries import TsQueries
from papers.search_query import Query, parse

SIZE, QUICK, SMALL = 100_000, 10_000, 10_000
COMMON = 0.1  # of the papers hold a word that is called common
TIMES_FASTER = 10
AGREE, AGREE_ALL, RECALL = 0.9, 0.95, 0.95
SLOWER = 2.0  # at most, with many papers
EVERY_MATCH = 100_000_000
BY_INDEX = "all, by the index alone"

T = TypeVar("T")
console = Console(width=110)


def run(quick: bool) -> bool:
    size = int(os.environ.get("SEARCH_PAPERS", QUICK if quick else SIZE))
    settings.ALLOWED_HOSTS = ["*"]
    call_command("collectstatic", verbosity=0, interactive=False)
    _million.fill(SMALL, console.print)
    few = _pages()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE papers_paper, accounts_user CASCADE")
    _million.fill(size, console.print)
    queries = _queries(random.Random(7))  # not those by which the tiers were chosen
    return all([_words(queries), _meanings(queries), _both(queries), _lists(few, _pages(), size)])


def _verdict(name: str, met: bool) -> bool:
    console.print(f"{'[green]met[/]' if met else '[red]missed[/]'}  {name}")
    return met


def _timed(deed: Callable[..., T], *given: Any, **named: Any) -> tuple[float, T]:
    """In milliseconds, and what it gave."""
    started = time.perf_counter()
    result = deed(*given, **named)
    return (time.perf_counter() - started) * 1_000, result


def _p(times: list[float], share: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[share - 1]


# --- What is asked: words as often as papers hold them, and what real titles say ---


def _queries(chance: random.Random) -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT word, ndoc::float / (SELECT count(*) FROM papers_papersearch)
              FROM ts_stat('SELECT to_tsvector(''simple'', title || '' '' || abstract)
                              FROM papers_papersearch TABLESAMPLE SYSTEM (5)')
             WHERE word ~ '^[a-z]{4,}$' AND numnode(paper_term('english', word, '')) > 0
            """
        )
        sampled = 0.05
        shares = {word: share / sampled for word, share in cursor.fetchall()}
        cursor.execute("SELECT title FROM papers_papersearch TABLESAMPLE SYSTEM (1) LIMIT 2000")
        titles = [row[0].split() for row in cursor.fetchall()]
        cursor.execute(
            "SELECT authors[1] FROM papers_papersearch TABLESAMPLE SYSTEM (1) LIMIT 2000"
        )
        names = [row[0] for row in cursor.fetchall()]
    common = [word for word, share in shares.items() if share >= COMMON]
    middling = [word for word, share in shares.items() if 0.005 < share < COMMON]
    rare = [word for word, share in shares.items() if 0.0005 < share < 0.005]
    pairs = [" ".join(title[at : at + 2]) for title in titles if len(title) > 4 for at in (1, 2)]
    triples = [" ".join(title[1:4]) for title in titles if len(title) > 5]
    kinds = {
        "one common word": common,
        "one word": middling,
        "one rare word": rare,
        "two words": [f"{one} {other}" for one, other in zip(common, middling, strict=False)],
        "two words of a title": [pair for pair in pairs if pair.replace(" ", "").isalpha()],
        "three words of a title": [
            triple for triple in triples if triple.replace(" ", "").isalpha()
        ],
        "a phrase": [f'"{pair}"' for pair in pairs if pair.replace(" ", "").isalpha()],
        "a name": [f"au:{name.split()[-1]}" for name in names],
        "a word and not another": [
            f"{one} -{other}" for one, other in zip(middling, common * 99, strict=False)
        ],
    }
    return {kind: chance.sample(texts, min(30, len(texts))) for kind, texts in kinds.items()}


# --- By words: tiers beside ranking every match ---


def _words(queries: dict[str, list[str]]) -> bool:
    table = Table(title="By words: the ten best of all matches, in milliseconds")
    for heading in ("", "matches", "every p50", "every p95", "p50", "p95", "agreement", "worst"):
        table.add_column(heading, justify="right" if heading else "left")
    of_all: list[float] = []
    common = faster = 0.0
    for kind, texts in queries.items():
        every, ours, agreement, matches = [], [], [], []
        for text in texts:
            found = _ten(text)  # and warm
            ours.append(_timed(_ten, text)[0])
            took, best = _timed(_ten, text, exact=EVERY_MATCH)
            every.append(took)
            agreement.append(len(set(best) & set(found)) / len(best) if best else 1.0)
            matches.append(Paper.objects.visible().matching(text).count())
        of_all += agreement
        mean = statistics.mean(agreement)
        if kind == "one common word":
            common = mean
            faster = statistics.median(a / b for a, b in zip(every, ours, strict=True))
        table.add_row(
            *(kind, f"{statistics.median(matches):,.0f}"),
            *(f"{_p(times, share):.1f}" for times in (every, ours) for share in (50, 95)),
            *(f"{mean:.3f}", f"{min(agreement):.1f}"),
        )
    console.print(table)
    together = statistics.mean(of_all)
    return all(
        [
            _verdict(f"a common word {faster:.1f} times faster", faster >= TIMES_FASTER),
            _verdict(f"its ten best agree at {common:.3f} (at least {AGREE})", common >= AGREE),
            _verdict(f"all kinds at {together:.3f} (at least {AGREE_ALL})", together >= AGREE_ALL),
        ]
    )


def _ten(text: str, exact: int = keyword_matches.MAX_RANKED_MATCHES) -> list[int]:
    query = parse(text)
    papers = Paper.objects.visible().with_filters(query)
    return hybrid.ranked_page(papers, TsQueries.from_query(query), None, max_ranked=exact).ids


# --- By meaning: the index beside an exact scan, with and without filters ---


def _meanings(queries: dict[str, list[str]]) -> bool:
    texts = queries["three words of a title"] + queries["two words of a title"]
    every = Topic.objects.order_by("slug").values_list("slug", flat=True)
    filters: dict[str, Query] = {
        "all": Query(),
        BY_INDEX: Query(),
        "the last month": Query(since=_million.LAST_DAY - timedelta(days=30)),
        "the last two years": Query(since=_million.LAST_DAY - timedelta(days=730)),
        **{f"topic {slug}": Query(topics=[slug]) for slug in every[:6]},
    }
    table = Table(title="By meaning: the ten nearest, in milliseconds")
    for heading in ("behind", "papers", "scan p50", "p50", "p95", "recall", "worst"):
        table.add_column(heading, justify="right" if heading != "behind" else "left")
    recalls = {}
    for name, query in filters.items():
        papers = Paper.objects.visible().with_filters(query)
        compared = 0 if name == BY_INDEX else nearest.MAX_COMPARED_PAPERS
        scans, ours, recall = [], [], []
        for text in texts:
            vector = embeddings.embed([text])[0]
            found = _near(papers, vector, compared)  # and warm
            ours.append(_timed(_near, papers, vector, compared)[0])
            took, best = _timed(_exactly, papers, vector)
            scans.append(took)
            recall.append(len(set(best) & set(found)) / len(best) if best else 1.0)
        recalls[name] = statistics.mean(recall)
        table.add_row(
            *(name, f"{papers.count():,}", f"{_p(scans, 50):.1f}"),
            *(f"{_p(ours, 50):.1f}", f"{_p(ours, 95):.1f}"),
            *(f"{statistics.mean(recall):.3f}", f"{min(recall):.1f}"),
        )
    console.print(table)
    del recalls[BY_INDEX]  # for comparison: of few papers nobody is answered by it
    least, real = min(recalls.values()), _real_recall()
    return all(
        [
            _verdict(f"recall {least:.3f} behind any filter (at least {RECALL})", least >= RECALL),
            _verdict(f"recall {real:.3f} among real records", real >= RECALL),
        ]
    )


def _real_recall() -> float:
    """Of the same index over real records: shuffled ones lie closer together than any real ones."""
    texts = _million.real_texts()
    vectors = embeddings.embed(texts)
    queries = embeddings.embed([" ".join(text.split()[1:4]) for text in texts[::250]])
    with connection.cursor() as cursor:
        _million.copy_vectors(cursor, vectors)
        cursor.execute(
            "CREATE INDEX ON meant USING hnsw (embedding halfvec_cosine_ops)"
            " WITH (m = 16, ef_construction = 64)"
        )
    recalls = []
    for query in queries:
        best = set(np.argsort(-(vectors @ query))[:10] + 1)
        with query_planner.search_settings(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM meant ORDER BY embedding <=> %s LIMIT %s",
                [HalfVector(query).to_text(), nearest.MAX_NEIGHBOURS],
            )
            recalls.append(len(best & {row[0] for row in cursor.fetchall()[:10]}) / 10)
    return statistics.mean(recalls)


def _near(papers: PaperQuerySet, vector: "np.ndarray", compared: int) -> list[int]:
    """Nothing, where it takes longer than a reader is left to wait."""
    with suppress(query_planner.SearchTimeout), query_planner.search_settings():
        return hybrid.ranked_page(papers, TsQueries(), vector, max_compared=compared).ids
    return []


def _exactly(papers: PaperQuerySet, vector: "np.ndarray") -> list[int]:
    """Of all that there are, one by one, however long it takes."""
    rows = PaperEmbedding.objects.serving().filter(paper__in=papers.order_by().values("pk"))
    measured = rows.annotate(distance=CosineDistance("vector", vector) + 0.0)
    near = measured.filter(distance__lt=hybrid.MAX_DISTANCE).order_by("distance", "paper_id")
    return list(near.values_list("paper_id", flat=True)[:10])


# --- Both together, as a reader asks ---


def _both(queries: dict[str, list[str]]) -> bool:
    table = Table(title="Both together, sixty rows, in milliseconds")
    for heading in ("", "p50", "p95", "worst"):
        table.add_column(heading, justify="right" if heading else "left")
    for kind, texts in queries.items():
        for text in texts:
            _found(text)
        times = [_timed(_found, text)[0] for text in texts]
        table.add_row(kind, f"{_p(times, 50):.0f}", f"{_p(times, 95):.0f}", f"{max(times):.0f}")
    console.print(table)
    return True


def _found(text: str) -> None:
    with suppress(query_planner.SearchTimeout):  # which a reader is told; it has taken its time
        search_papers(text)


# --- Lists, as many papers a day, of few days and of many ---


def _pages() -> dict[str, float]:
    """The 95th percentile of each list, in milliseconds, signed out and not cached."""
    client = Client()
    days = [_million.LAST_DAY - timedelta(days=n) for n in range(40)]
    weekdays = [day for day in days if day.weekday() < 5]
    topics = Topic.objects.values_list("slug", flat=True)
    return {
        "day": _slowest(client, [f"/papers/date/{day}" for day in weekdays]),
        "trending": _slowest(client, [f"/papers/trending?n={n}" for n in range(25)]),
        "topic": _slowest(client, [f"/topics/{slug}" for slug in topics]),
    }


def _slowest(client: Client, addresses: Iterable[str]) -> float:
    addresses = list(addresses)
    for address in addresses:
        assert client.get(f"{address}{'&' if '?' in address else '?'}warm=1").status_code == 200
    return _p([_timed(client.get, address)[0] for address in addresses], 95)


def _lists(few: dict[str, float], many: dict[str, float], size: int) -> bool:
    table = Table(title="Lists, 95th percentile in milliseconds")
    for heading in ("", f"{SMALL:,} papers", f"{size:,} papers", "ratio"):
        table.add_column(heading, justify="right" if heading else "left")
    for name in few:
        ratio = many[name] / few[name]
        table.add_row(name, f"{few[name]:.1f}", f"{many[name]:.1f}", f"{ratio:.2f}")
    console.print(table)
    slower = max(many[name] / few[name] for name in few)
    return _verdict(f"lists {slower:.2f} times as slow at most ({SLOWER})", slower <= SLOWER)
