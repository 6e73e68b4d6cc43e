"""The curators' desk, 1,000 papers in the queue: its first view, and an action beside its SQL."""

import statistics
import time
from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from benchmarks import _records
from benchmarks._report import console, figure_table, print_verdicts
from papers.ingest import upsert
from papers.ingest.listing_day import ListingRule
from papers.models import Paper
from papers.sources import Entry

QUEUED, ON_TODAYS_PAGE = 1_000, 30
HEADERS = {"HX-Request": "true"}
NOT_REPLAYED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")

# The targets
MAX_QUERIES = 12
MAX_RATIO_OF_SQL = 3


def run(quick: bool) -> bool:
    """Print the figures; True if every target is met."""
    call_command("collectstatic", interactive=False, verbosity=0)
    client = _client()
    _make_papers()
    rounds = 10 if quick else 40
    client.get("/admin/")
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        client.get("/admin/")
        first_view = time.perf_counter() - began
    actions = {name: _measure(client, name, rounds) for name in ("list", "list_as_pick", "hide")}
    table = figure_table(f"The desk, {QUEUED:,} queued papers", "", "ms", "queries", "of its SQL")
    table.add_row("first view", f"{first_view * 1_000:.0f}", f"{len(queries)}")
    for name, (seconds, sql, statements) in actions.items():
        table.add_row(
            name.replace("_", " "),
            f"{seconds * 1_000:.1f}",
            f"{statements}",
            f"{seconds / sql:.2f}",
        )
    console.print(table)
    slowest = max(seconds / sql for seconds, sql, _ in actions.values())
    return print_verdicts(
        {
            f"{len(queries)} queries (at most {MAX_QUERIES})": len(queries) <= MAX_QUERIES,
            f"{slowest:.2f} of the bare SQL (at most {MAX_RATIO_OF_SQL})": slowest
            <= MAX_RATIO_OF_SQL,
        }
    )


def _client() -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("curator@example.org", "moss"))
    return client


def _make_papers() -> None:
    entries = [
        Entry(
            title=record["title"],
            abstract=record["abstract"],
            authors=tuple(record["authors"]),
            categories=tuple(name for name in record["categories"] if " " not in name),
            arxiv_id=arxiv_id,
        )
        for arxiv_id, record in islice(_records.records(), QUEUED + ON_TODAYS_PAGE)
    ]
    upsert.upsert(entries, now=timezone.now(), listing=ListingRule.QUEUE)
    listed = Paper.objects.order_by("pk").values("pk")[:ON_TODAYS_PAGE]
    Paper.objects.filter(pk__in=listed).update(listed_on=timezone.localdate(), listing_wanted=False)


def _measure(client: Client, name: str, rounds: int) -> tuple[float, float, int]:
    """Median seconds of the request, of its statements alone on one connection; their number."""
    today = timezone.localdate()
    requests, replays, statements = [], [], 0
    for _ in range(rounds):
        paper = Paper.objects.queued().order_by("pk")[0]
        fields = {"do": f"{name} {paper.reference}", "on": str(today)}
        fields |= {"asked": "1", "reason": "spam"} if name == "hide" else {}
        requests.append(_request(client, fields))
        _put_back(paper)
        paper.refresh_from_db()
        fields["do"] = f"{name} {paper.reference}"
        with CaptureQueriesContext(connection) as captured:
            _request(client, fields)
        _put_back(paper)
        sql = [query["sql"] for query in captured]
        statements = len(sql)
        replays.append(_replay([each for each in sql if not each.startswith(NOT_REPLAYED)]))
    return statistics.median(requests), statistics.median(replays), statements


def _request(client: Client, fields: dict[str, Any]) -> float:
    began = time.perf_counter()
    response = client.post("/admin/desk/act/", fields, headers=HEADERS)
    assert response.status_code == 200, response.status_code
    return time.perf_counter() - began


def _replay(statements: Sequence[str]) -> float:
    """Run the statements of an action once more, in one transaction."""
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()
    return time.perf_counter() - began


def _put_back(paper: Paper) -> None:
    row = Paper.objects.filter(pk=paper.pk)
    row.update(listed_on=None, listing_wanted=True, featured=False, hidden_at=None, hidden_why="")
