"""Records of papers that readers add are looked up at archives on loopback, once and politely."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from papers import tasks
from papers.ingest import arxiv_limiter
from papers.models import RecordLookup
from papers.submissions import archives, lookup, stored_entry
from tests.conftest import FeedServer
from tests.papers.test_records import NOTE, RECORD, WORK, body_of

pytestmark = [pytest.mark.processes, pytest.mark.django_db]
State = RecordLookup.State
ARXIV = """<feed xmlns="http://www.w3.org/2005/Atom"
  xmlns:arxiv="http://arxiv.org/schemas/atom"><title>arXiv Query</title><entry>
  <id>http://arxiv.org/abs/2503.00001v2</id><published>2025-03-01T10:00:00Z</published>
  <updated>2025-03-03T10:00:00Z</updated><title>On moss</title><summary>We weigh moss.</summary>
  <author><name>Ada Quill</name></author><arxiv:primary_category term="cs.CL"/>
  <category term="cs.CL"/></entry></feed>"""
NO_ENTRY = '<feed xmlns="http://www.w3.org/2005/Atom"><title>arXiv Query</title></feed>'


@pytest.fixture
def archive(feed_server: FeedServer, settings: Settings) -> FeedServer:
    """All archives at once, each under a path of its own; it knows four papers."""
    base = feed_server.url.replace("/feed", "")
    settings.FETCH_ALLOW_PRIVATE = True
    settings.ARXIV_API_URL = f"{base}/arxiv"
    settings.CROSSREF_API_URL = f"{base}/crossref"
    settings.DATACITE_API_URL = f"{base}/datacite"
    settings.OPENREVIEW_API_URLS = [f"{base}/openreview2", f"{base}/openreview1"]
    known = {
        "/arxiv?id_list=2503.00001&max_results=1": ARXIV.encode(),
        "/crossref/works/10.5555%2Fmoss.1": body_of("crossref", WORK),
        "/datacite/dois/10.5555%2Ffern.2": body_of("datacite", RECORD),
        "/openreview1/notes?id=aBcDeFgH12": body_of("openreview", NOTE),
    }
    feed_server.moved = _StatusOf(known)
    feed_server.answer = lambda path: known.get(path, NO_ENTRY.encode())
    return feed_server


class _StatusOf(dict[str, tuple[int, str]]):
    """200 for what an archive has, and for arXiv, which has no other; else 404."""

    def __init__(self, known: dict[str, bytes]) -> None:
        self.known = known

    def get(self, path: str, default: object = None) -> tuple[int, str]:  # type: ignore[override]
        return (200 if path in self.known or path.startswith("/arxiv") else 404), ""


def looked_up(scheme: str, value: str) -> RecordLookup:
    """The row of this id after a worker ran."""
    row = RecordLookup.objects.start(scheme, value, timezone.now())
    lookup.look_up(row, timezone.now())
    return RecordLookup.objects.get(pk=row.pk)


@pytest.mark.parametrize(
    ("scheme", "value", "archive_name", "title", "requests"),
    [
        ("arxiv", "2503.00001", "arXiv", "On moss", 1),
        ("doi", "10.5555/moss.1", "Crossref", "Moss takes up CO_{2} at night: A field study", 1),
        ("doi", "10.5555/fern.2", "DataCite", "A fern", 2),
        ("openreview", "aBcDeFgH12", "OpenReview", "Learning from lichen", 2),
    ],
)
def test_each_archive_gives_its_record(
    archive: FeedServer, scheme: str, value: str, archive_name: str, title: str, requests: int
) -> None:
    row = looked_up(scheme, value)

    assert (row.state, row.archive) == (State.FOUND, archive_name), row.error
    assert stored_entry.from_json(row.record).title == title
    assert len(archive.asked) == requests
    assert all("contact@testserver" in headers["user-agent"] for _, headers in archive.asked)


def test_what_no_archive_has_is_missing(archive: FeedServer) -> None:
    for scheme, value in (("arxiv", "2503.99999"), ("doi", "10.5555/x"), ("openreview", "xxxxxxx")):
        assert looked_up(scheme, value).state == State.MISSING


def test_a_record_of_another_paper_is_none(archive: FeedServer) -> None:
    other = body_of("crossref", WORK | {"DOI": "10.5555/another"})
    archive.answer, archive.moved = (lambda path: other), {}

    assert looked_up("doi", "10.5555/moss.1").state == State.FAILED  # DataCite sent Crossref's
    assert "without a record of DataCite" in RecordLookup.objects.get().error


@pytest.mark.parametrize(
    ("status", "body"), [(503, b"busy"), (429, b""), (200, b"<html><title>Log in"), (200, b"{")]
)
def test_an_archive_in_trouble_is_named_and_asked_again_later(
    archive: FeedServer, status: int, body: bytes
) -> None:
    archive.moved, archive.status, archive.answer = {}, status, lambda path: body

    row = looked_up("doi", "10.5555/moss.1")

    assert (row.state, row.archive, row.lease_until) == (State.FAILED, "Crossref", None)
    now = timezone.now()
    assert RecordLookup.objects.start("doi", row.value, now).state == State.FAILED  # not at once
    later = now + timedelta(minutes=1)
    assert RecordLookup.objects.start("doi", row.value, later).state == State.WAITING


def test_two_readers_cause_one_request(archive: FeedServer) -> None:
    now = timezone.now()
    rows = [RecordLookup.objects.start("doi", "10.5555/moss.1", now) for _ in range(2)]
    assert rows[0].pk == rows[1].pk

    for _ in range(2):  # the page rings again, a sweep too
        tasks.look_up(rows[0].pk)
    looked_up("doi", "10.5555/moss.1")

    assert len(archive.asked) == 1


def test_a_row_whose_worker_died_is_looked_up_by_another(archive: FeedServer) -> None:
    now = timezone.now()
    row = RecordLookup.objects.start("doi", "10.5555/moss.1", now)
    assert row.claim(now)
    assert not RecordLookup.objects.get().claim(now)

    assert RecordLookup.objects.due(now + timedelta(minutes=3)).get() == row
    assert not RecordLookup.objects.due(now + timedelta(hours=2)).exists()  # nobody waits any more


@pytest.mark.django_db(transaction=True)
def test_arxiv_in_use_leaves_the_row_due(archive: FeedServer, settings: Settings) -> None:
    settings.ARXIV_HOSTS = ["127.0.0.1"]
    settings.ARXIV_API_URL = archive.url.replace("/feed", "/arxiv")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [arxiv_limiter.REQUEST_LOCK])
        row = looked_up("arxiv", "2503.00001")
    finally:
        other.close()

    assert (row.state, row.lease_until, archive.asked) == (State.WAITING, None, [])
    assert RecordLookup.objects.due(timezone.now() + lookup.ARXIV_PAUSE).exists()
    assert looked_up("arxiv", "2503.00001").state == State.WAITING  # not before the pause is over


def test_private_addresses_are_not_fetched(archive: FeedServer, settings: Settings) -> None:
    settings.FETCH_ALLOW_PRIVATE = False

    assert "not a public address" in looked_up("doi", "10.5555/moss.1").error
    assert archive.asked == []


def test_ids_are_quoted_in_addresses() -> None:
    urls = [address.url for address in archives.addresses("doi", "10.5555/a/../b?x=1#y&z")]

    assert all(url.endswith("10.5555%2Fa%2F..%2Fb%3Fx%3D1%23y%26z") for url in urls)
    assert not list(archives.addresses("link", "https://example.org"))


def test_old_rows_are_deleted() -> None:
    now = timezone.now()
    RecordLookup.objects.start("doi", "10.5555/moss.1", now - timedelta(days=2))
    RecordLookup.objects.start("doi", "10.5555/fern.2", now)

    RecordLookup.objects.delete_old(now)

    assert [row.value for row in RecordLookup.objects.all()] == ["10.5555/fern.2"]
