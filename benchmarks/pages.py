"""The page of a day: time to render it signed in and not, requests/s beside a bare view, weight."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import brotli
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.template.backends.django import Template
from django.test import Client

from accounts.models import User
from benchmarks import _records
from benchmarks._report import console, figure_table, print_verdicts
from benchmarks._web_server import CONNECTIONS, Response, get, requests_per_second, web_server
from papers.ingest import topic_rules
from papers.models import Paper
from papers.text import plain

DAY = date(2025, 3, 14)
NOW = datetime(2025, 3, 14, 9, tzinfo=UTC)
PAGE = f"/papers/date/{DAY}"
PAPERS_ON_THE_PAGE = 60
PAPERS_ON_OTHER_DAYS = 20
DAYS = 40

# The targets
MIN_RATE_OF_BARE = 0.5
MIN_RATE_OF_BARE_304 = 0.7
MAX_QUERIES = 8  # as many as a list of a reader may take
MAX_SIGNED_IN_RATIO = 1.5  # of the time to render the page for nobody signed in
MAX_TEMPLATES_MS = 20
MAX_PAGE_KB = 60
MAX_STYLES_KB = 12

Timings = dict[str, float]  # seconds by what took them, and the number of queries


def run(quick: bool) -> bool:
    """Print the figures; True if every target is met."""
    papers = _make_papers()
    reader = _make_reader(papers[:PAPERS_ON_THE_PAGE:3])
    call_command("collectstatic", interactive=False, verbosity=0)
    rendered = _measure_rendering(reader, rounds=10 if quick else 50)
    served = _measure_serving(seconds=1 if quick else 3, rounds=2 if quick else 4)
    return rendered and served


def _make_papers() -> list[Paper]:
    """Papers of DAYS days, those of the page's day first."""
    records = _records.records()
    papers: list[Paper] = []
    for number in range(DAYS):
        size = PAPERS_ON_THE_PAGE if number == 0 else PAPERS_ON_OTHER_DAYS
        for key, record in (next(records) for _ in range(size)):
            paper = Paper(
                key=key,
                title=record["title"],
                title_text=plain(record["title"]),
                abstract=record["abstract"],
                abstract_text=plain(record["abstract"]),
                authors=record["authors"],
                categories=record["categories"],
                primary_category=record["categories"][0] if record["categories"] else "",
                pdf_url=f"https://arxiv.org/pdf/{key}",
                votes_brought=len(papers) * 7 % 90,
                listed_on=DAY - timedelta(days=number),
                listed_at=NOW,
            )
            papers.append(paper)
    topic_rules.assign(Paper.objects.bulk_create(papers))
    return papers


def _make_reader(upvoted: list[Paper]) -> User:
    reader = User.objects.create_user("reader@example.org", date_joined=NOW - timedelta(days=90))
    for paper in upvoted:
        paper.upvote(reader)
    return reader


# --- Rendered in this process, without the cache ---


def _measure_rendering(reader: User, rounds: int) -> bool:
    timings = _time_rendering(reader, rounds)
    medians = {
        name: {part: statistics.median(timing[part] for timing in pages) for part in pages[-1]}
        for name, pages in timings.items()
    }
    table = figure_table(
        f"The page of {PAPERS_ON_THE_PAGE} papers, rendered",
        *("", "queries", "SQL ms", "templates ms of CPU", "whole ms"),
    )
    for name, median in medians.items():
        milliseconds = [f"{1_000 * median[part]:.1f}" for part in ("SQL", "templates", "whole")]
        table.add_row(name, f"{median['queries']:.0f}", *milliseconds)
    console.print(table)
    queries = medians["signed in"]["queries"]
    templates = 1_000 * medians["anonymous"]["templates"]
    pairs = zip(timings["signed in"], timings["anonymous"], strict=True)
    ratio = statistics.median(signed_in["whole"] / other["whole"] for signed_in, other in pairs)
    verdicts = {
        f"{queries:.0f} queries signed in (at most {MAX_QUERIES})": queries <= MAX_QUERIES,
        f"signed in {ratio:.2f} times (at most {MAX_SIGNED_IN_RATIO})": (
            ratio <= MAX_SIGNED_IN_RATIO
        ),
        f"templates {templates:.1f} ms (below {MAX_TEMPLATES_MS})": templates < MAX_TEMPLATES_MS,
    }
    return print_verdicts(verdicts)


def _time_rendering(reader: User, rounds: int) -> dict[str, list[Timings]]:
    """The timings of each page, by who reads it; both read in turn."""
    anonymous, signed_in = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
    signed_in.force_login(reader)
    timings: dict[str, list[Timings]] = {"anonymous": [], "signed in": []}
    numbers = count()  # make each address new to the page cache
    with _stopwatch() as spent:
        for _ in range(rounds + 2):
            for name, client in (("anonymous", anonymous), ("signed in", signed_in)):
                spent.clear()
                started = time.perf_counter()
                response = client.get(f"{PAGE}?draw={next(numbers)}")
                whole = time.perf_counter() - started
                assert response.status_code == 200
                assert response.content.count(b"<article") == PAPERS_ON_THE_PAGE
                timings[name].append({"whole": whole, **spent})
    # The first two also load templates and other things that a process keeps.
    return {name: pages[2:] for name, pages in timings.items()}


@contextmanager
def _stopwatch() -> Iterator[Timings]:
    """Yields the time spent in SQL and in templates since it was last cleared."""
    spent: Timings = {}

    def timed_query(execute: Callable[..., Any], *args: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*args)
        finally:
            spent["SQL"] = spent.get("SQL", 0.0) + time.perf_counter() - started
            spent["queries"] = spent.get("queries", 0.0) + 1

    render = Template.render

    def timed_render(*args: Any, **kwargs: Any) -> Any:
        started = time.thread_time()  # CPU time: does not count other processes
        try:
            return render(*args, **kwargs)
        finally:
            spent["templates"] = spent.get("templates", 0.0) + time.thread_time() - started

    Template.render = timed_render  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(timed_query):
            yield spent
    finally:
        Template.render = render  # type: ignore[method-assign]


# --- Served by the web server of production ---


def _measure_serving(seconds: int, rounds: int) -> bool:
    with web_server("config.settings") as port:
        page = get(port, PAGE)
        light = _measure_weight(port, page)
        body = Path(settings.DATA_DIR) / "bare"
        body.write_bytes(page.content)
        with web_server("benchmarks._bare", BARE_BODY=str(body)) as bare_port:
            assert get(bare_port, "/").content == page.content
            rates = _request_rates(port, page.etag, bare_port, seconds, rounds)
    table = figure_table(
        f"The same page, served over {CONNECTIONS} connections", "", "requests/s", "of bare"
    )
    verdicts = {}
    for name, bare, target in (
        ("page", "bare", MIN_RATE_OF_BARE),
        ("304", "bare 304", MIN_RATE_OF_BARE_304),
    ):
        pairs = zip(rates[name], rates[bare], strict=True)
        ratio = statistics.median(rate / bare_rate for rate, bare_rate in pairs)
        table.add_row(bare, f"{statistics.median(rates[bare]):,.0f}", "")
        table.add_row(name, f"{statistics.median(rates[name]):,.0f}", f"{ratio:.2f}")
        verdicts[f"{name} {ratio:.2f} of bare (at least {target})"] = ratio >= target
    console.print(table)
    return print_verdicts(verdicts) and light


def _request_rates(
    port: int, etag: str, bare_port: int, seconds: int, rounds: int
) -> dict[str, list[float]]:
    """Requests/s of the page and of the bare view, and of the 304s of both, round by round."""
    targets = {
        "bare": (bare_port, "/", ""),
        "page": (port, PAGE, ""),
        "bare 304": (bare_port, "/", 'W/"bare"'),
        "304": (port, PAGE, etag),
    }
    rates: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(rounds):
        for name, target in targets.items():
            assert get(*target).status == (304 if "304" in name else 200)
            rates[name].append(requests_per_second(*target, seconds))
    return rates


def _measure_weight(port: int, page: Response) -> bool:
    """What goes over the wire: the page, and the scripts, styles and icons that it links."""
    html = brotli.decompress(page.content).decode()
    linked = r'<(?:script[^>]* src|link rel="(?:stylesheet|icon|manifest)" href)="([^"]+)"'
    sizes = {"the page": len(page.content)}
    sizes |= {path: len(get(port, path).content) for path in re.findall(linked, html)}
    table = figure_table("What the page weighs, compressed", "", "bytes")
    for name, size in sizes.items():
        table.add_row(name, f"{size:,}")
    console.print(table)
    whole = sum(sizes.values()) / 1_000
    styles = sum(size for name, size in sizes.items() if ".css" in name) / 1_000
    verdicts = {
        f"{whole:.1f} kB with all that it links (below {MAX_PAGE_KB})": whole < MAX_PAGE_KB,
        f"styles {styles:.1f} kB (below {MAX_STYLES_KB})": styles < MAX_STYLES_KB,
    }
    return print_verdicts(verdicts)
