"""Pictures of papers: looked for once and politely, checked, kept within a budget, removed."""

import re
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from papers.ingest import arxiv_limiter
from papers.models import Backfill, Paper, Picture, Source
from papers.pictures import queue, storage
from papers.pictures.find import NotFound
from papers.sources.picture_sizes import encode
from papers.web import page_version
from tests.conftest import FeedServer
from tests.factories import MARCH_14, a_paper
from tests.faults.loopback import Visit, loopback
from tests.papers.test_picture_sizes import image_file, png_that_claims

pytestmark = pytest.mark.processes

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
FIGURE = '<figure><img src="/html/x1.png"><figcaption>Figure 1: Moss.</figcaption></figure>'
State = Picture.State


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path, db: None) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PICTURES = True
    return settings.MEDIA_ROOT / "pictures"


@pytest.fixture
def arxiv(feed_server: FeedServer, settings: Settings) -> FeedServer:
    """Answers with an HTML version that has a figure, and with the figure."""
    feed_server.answer = lambda path: image_file() if path.endswith("png") else FIGURE.encode()
    settings.ARXIV_HTML_URL = feed_server.url.replace("/feed", "/html")
    return feed_server


def a_picture(paper: Paper | None = None, body: bytes = b"") -> Picture:
    """One that is stored."""
    paper = paper or a_paper()
    storage.replace(paper, encode(body or image_file()), "Figure 2: Fern.")
    return Picture.objects.get(paper=paper)


def looked_for(paper: Paper) -> Picture:
    """Its picture after a worker has looked."""
    queue.queue_papers_on_pages(timezone.now())
    with suppress(NotFound):
        queue.fetch_one(Picture.objects.get(paper=paper), timezone.now())
    return Picture.objects.get(paper=paper)


def files() -> set[str]:
    return (
        set(default_storage.listdir("pictures")[1]) if default_storage.exists("pictures") else set()
    )


# --- Which picture ---


def test_first_figure_of_the_html_version_is_stored_by_two_requests(arxiv):
    picture = looked_for(a_paper(key="2503.00001"))

    assert [path for path, _ in arxiv.asked] == ["/html/2503.00001", "/html/x1.png"]
    assert (picture.state, picture.origin) == (State.STORED, Picture.Origin.ARXIV)
    assert picture.caption == "Figure 1: Moss."
    assert picture.credit == "Figure 1 from the paper on arXiv"
    assert (picture.width, picture.height) == (800, 400)
    assert files() == {f"{picture.digest}-row.webp", f"{picture.digest}-page.webp"}
    assert picture.stored_bytes == sum(default_storage.size(f"pictures/{name}") for name in files())
    assert "contact@testserver" in arxiv.asked[0][1]["user-agent"]


def test_media_of_the_source_come_first_and_videos_are_not_fetched(arxiv):
    media = [f"{arxiv.url}/{name}" for name in ("film.mp4", "drawing.svg", "moss.png?v=2")]
    arxiv.answer = lambda path: image_file()

    picture = looked_for(a_paper(extra={"media": media}))

    assert [path for path, _ in arxiv.asked] == ["/feed/moss.png?v=2"]
    assert (picture.origin, picture.source_url) == (Picture.Origin.SOURCE, media[2])
    assert picture.credit == "Picture from 127.0.0.1"
    assert picture.alt == "Figure from the paper"


def test_figure_is_taken_where_the_media_are_unusable(arxiv):
    picture = looked_for(a_paper(extra={"media": [f"{arxiv.url}/page.html"]}))
    assert (len(arxiv.asked), picture.origin) == (3, Picture.Origin.ARXIV)


def test_nothing_is_fetched_for_samples_old_ids_and_papers_on_no_page(arxiv):
    a_paper(is_sample=True)
    a_paper(listed_on=None)
    a_paper(hidden_at=NOW)
    a_paper(listed_on=timezone.localdate() + timedelta(days=1))
    old = a_paper(key="hep-th/9901001")

    assert queue.has_work(timezone.now())
    assert queue.fetch_waiting() == 0

    assert arxiv.asked == []
    picture = Picture.objects.get()
    assert (picture.paper, picture.state) == (old, State.NONE)


# --- What is refused ---


@pytest.mark.parametrize(
    ("figure", "reason"),
    [
        (png_that_claims(100_000, 100_000), "more than 40,000,000 pixels"),
        (image_file()[:200], "broken image"),
        (b"<html>no such figure</html>", "not a PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG"),
    ],
)
def test_unusable_figure_leaves_no_picture_and_is_not_fetched_again(arxiv, figure, reason):
    arxiv.answer = lambda path: figure if path.endswith("png") else FIGURE.encode()
    paper = a_paper()

    picture = looked_for(paper)

    assert (picture.state, picture.digest) == (State.NONE, None)
    assert reason in picture.last_error
    assert files() == set()
    assert not queue.has_work(timezone.now() + timedelta(days=30))


def test_body_of_a_hundred_megabytes_is_not_read(arxiv):
    arxiv.answer = lambda path: bytes(100_000_000) if "png" in path else FIGURE.encode()
    assert "a body of more than 15000000 bytes" in looked_for(a_paper()).last_error


def test_body_without_end_is_not_read_to_the_end(settings):
    def send_forever(peer: socket.socket, visit: Visit) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
        while True:
            peer.sendall(bytes(1_000_000))

    with loopback() as server:
        server.does["/html/2503.00001"] = send_forever
        settings.ARXIV_HTML_URL = f"{server.url}/html"
        picture = looked_for(a_paper(key="2503.00001"))

    assert "15000000 bytes" in picture.last_error


def test_redirect_into_a_private_network_is_refused(arxiv, settings):
    port = int(arxiv.url.split(":")[2].split("/")[0])
    settings.FETCH_ALLOW_PRIVATE = {f"127.0.0.1:{port}"}
    arxiv.moved = {"/html/x1.png": (302, "http://127.0.0.2/x1.png")}

    assert "127.0.0.2 is not a public address" in looked_for(a_paper()).last_error


def test_paper_without_html_version_is_asked_for_once(arxiv):
    arxiv.status = 404
    picture = looked_for(a_paper())
    assert (len(arxiv.asked), picture.state) == (1, State.NONE)
    assert "answered 404" in picture.last_error


def test_html_version_without_a_figure_is_asked_for_once(arxiv):
    arxiv.answer = lambda path: b"<p>No figure</p>"
    picture = looked_for(a_paper())
    assert (len(arxiv.asked), picture.state) == (1, State.NONE)
    assert picture.last_error == "arXiv's HTML version has no figure"


def test_failing_server_is_asked_again_later_and_given_up_in_the_end(arxiv):
    arxiv.status = 503
    paper, now, waits = a_paper(), timezone.now(), []
    queue.queue_papers_on_pages(now)
    while due := Picture.objects.due(now).first():
        with pytest.raises(NotFound, match="answered 503"):
            queue.fetch_one(due, now)
        picture = Picture.objects.get(paper=paper)
        waits.append(round((picture.next_try_at - now) / timedelta(hours=1)))
        now = picture.next_try_at

    assert waits == [1, 4, 16, 64]
    assert (picture.state, len(arxiv.asked)) == (State.NONE, 4)


# --- Politeness ---


def test_requests_to_arxiv_share_its_limit_and_obey_its_retry_after(arxiv, settings):
    settings.ARXIV_HOSTS = ["127.0.0.1"]
    arxiv.status, arxiv.headers = 429, {"Retry-After": "600"}
    a_paper(), a_paper()
    queue.queue_papers_on_pages(timezone.now())

    assert queue.fetch_waiting() == 0

    assert len(arxiv.asked) == 1
    attempts = Picture.objects.order_by("-attempts").values_list("attempts", flat=True)
    assert list(attempts) == [1, 0]
    assert Picture.objects.filter(next_try_at__gt=timezone.now() + timedelta(seconds=590)).exists()


def test_polls_and_backfills_go_first(arxiv):
    a_paper()
    source = Source.objects.create(name="Lab", url=arxiv.url)
    queue.queue_papers_on_pages(timezone.now())
    assert queue.fetch_waiting() == 0
    source.disable(NOW, "moved")
    backfill = Backfill.objects.create(source=source, since=MARCH_14, until=MARCH_14)
    assert queue.fetch_waiting() == 0
    assert arxiv.asked == []

    backfill.delete()
    assert queue.fetch_waiting() == 1


@pytest.mark.parametrize("status", [403, 500, 503])
def test_server_in_trouble_gets_one_request_in_a_run(arxiv, status):
    arxiv.status = status
    a_paper(), a_paper()
    queue.queue_papers_on_pages(timezone.now())

    assert queue.fetch_waiting() == 0

    assert len(arxiv.asked) == 1
    assert Picture.objects.filter(state=State.PENDING).count() == 2


def test_newest_and_hottest_papers_are_served_first(arxiv):
    older = a_paper(listed_on=MARCH_14 - timedelta(days=1), upvotes=9)
    hot, cold = a_paper(upvotes=5), a_paper()
    queue.queue_papers_on_pages(timezone.now())
    due = Picture.objects.due(timezone.now())
    assert [picture.paper for picture in due] == [hot, cold, older]


def test_setting_turns_it_off(arxiv, settings):
    a_paper()
    settings.PICTURES = False
    assert not queue.has_work(timezone.now())


# --- Claims ---


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_claims_a_picture():
    a_paper()
    queue.queue_papers_on_pages(timezone.now())
    picture, now = Picture.objects.get(), timezone.now()
    start, won = threading.Barrier(4), []

    def claim() -> None:
        mine = Picture.objects.get()
        start.wait()
        won.append(mine.claim(now))
        connection.close()

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    picture.refresh_from_db()
    assert sorted(won) == [False, False, False, True]
    assert picture.attempts == 1
    assert not queue.has_work(now)


def test_lease_of_a_worker_that_died_ends(arxiv):
    a_paper()
    queue.queue_papers_on_pages(timezone.now())
    now = timezone.now()
    assert Picture.objects.get().claim(now)
    assert not queue.has_work(now)
    assert queue.has_work(now + timedelta(minutes=4))


def test_same_search_again_changes_nothing(arxiv):
    paper = a_paper()
    picture = looked_for(paper)
    names = files()

    again = looked_for(paper)

    assert (again.digest, files(), len(arxiv.asked)) == (picture.digest, names, 2)


def test_busy_arxiv_costs_no_attempt(arxiv, settings):
    settings.ARXIV_HOSTS = ["127.0.0.1"]
    arxiv_limiter.hold_off(arxiv.url, 600)
    a_paper()
    queue.queue_papers_on_pages(timezone.now())

    assert queue.fetch_waiting() == 0

    picture = Picture.objects.get()
    assert (picture.attempts, picture.lease_until, arxiv.asked) == (0, None, [])


# --- A curator's decisions ---


def test_removed_picture_stays_removed(arxiv, django_capture_on_commit_callbacks):
    paper = a_paper()
    looked_for(paper)
    with django_capture_on_commit_callbacks(execute=True):
        storage.remove(paper)

    picture = looked_for(paper)

    assert (picture.state, picture.digest, files()) == (State.REMOVED, None, set())
    assert len(arxiv.asked) == 2


def test_removal_during_a_search_wins(arxiv, django_capture_on_commit_callbacks):
    paper = a_paper()
    queue.queue_papers_on_pages(timezone.now())
    picture = Picture.objects.get()
    assert picture.claim(timezone.now())
    found = queue.find(paper)
    storage.remove(paper)
    with django_capture_on_commit_callbacks(execute=True):
        assert not storage.store(picture, found)

    assert Picture.objects.get().state == State.REMOVED
    assert files() == set()


def test_replaced_picture_stays_and_the_old_files_go(arxiv, django_capture_on_commit_callbacks):
    paper = a_paper()
    old = looked_for(paper).digest
    with django_capture_on_commit_callbacks(execute=True):
        picture = a_picture(paper, image_file((400, 300)))

    assert looked_for(paper).digest == picture.digest != old
    assert picture.credit == "Picture chosen by the editors"
    assert len(files()) == 2


def test_look_again_forgets_a_removal(arxiv):
    paper = a_paper()
    storage.remove(paper)
    storage.look_again(paper)
    assert looked_for(paper).state == State.STORED


# --- The budget ---


def test_budget_drops_the_pictures_of_the_oldest_papers(
    arxiv, settings, django_capture_on_commit_callbacks
):
    papers = [a_paper(listed_on=MARCH_14 - timedelta(days=number)) for number in range(4)]
    older = a_paper(listed_on=MARCH_14 - timedelta(days=9))
    sizes = [a_picture(paper).stored_bytes for paper in papers]
    queue.queue_papers_on_pages(timezone.now())
    settings.MEDIA_BUDGET = sizes[0] + sizes[1]

    with django_capture_on_commit_callbacks(execute=True):
        assert storage.keep_within_budget() == 2

    states = [Picture.objects.get(paper=paper).state for paper in papers]
    assert states == [State.STORED, State.STORED, State.DROPPED, State.DROPPED]
    assert Picture.objects.total_bytes() == settings.MEDIA_BUDGET
    assert len(files()) == 4
    # Nothing older is looked for: it would be dropped at once.
    assert Picture.objects.get(paper=older).state == State.DROPPED
    assert not queue.has_work(timezone.now())


def test_files_without_a_row_are_deleted_a_day_later_and_lost_ones_looked_for(
    media, django_capture_on_commit_callbacks
):
    kept, gone, lost = a_picture(), a_picture(), a_picture()
    (media / "0123-row.webp").write_bytes(b"half")
    (media / f"{lost.digest}-row.webp").unlink()
    gone.paper.delete()

    storage.match_files_with_rows(timezone.now())
    assert len(files()) == 6
    lost.refresh_from_db()
    assert (lost.state, lost.digest) == (State.PENDING, None)
    storage.match_files_with_rows(timezone.now() + timedelta(days=2))

    assert files() == {f"{kept.digest}-row.webp", f"{kept.digest}-page.webp"}


def test_any_storage_of_django_keeps_them(
    client: Client, settings: Settings, media, django_capture_on_commit_callbacks
):
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = settings.STORAGES | {"default": memory}
    picture = a_picture()

    assert client.get(picture.page_url).content[8:12] == b"WEBP"
    assert (len(files()), media.exists()) == (2, False)
    storage.match_files_with_rows(timezone.now() + timedelta(days=2))
    assert len(files()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        storage.remove(picture.paper)
    assert files() == set()


# --- Pages ---


def test_picture_is_served_for_a_year_as_what_it_is(client: Client):
    picture = a_picture()

    response = client.get(picture.row_url)

    assert picture.row_url == f"/pictures/row/{picture.digest}.webp"
    assert response.content[8:12] == b"WEBP"
    assert response["Content-Type"] == "image/webp"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cookie" not in response.get("Vary", "")
    again = client.get(picture.row_url, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert client.get(picture.page_url).content != response.content


def test_no_picture_of_a_hidden_paper_of_another_size_or_without_a_file(client: Client, media):
    hidden, lost = a_picture(), a_picture()
    hidden.paper.hide("spam")
    (media / f"{lost.digest}-row.webp").unlink()

    for path in (hidden.row_url, lost.row_url, lost.page_url.replace("/page/", "/huge/")):
        assert client.get(path).status_code == 404
    assert client.get("/pictures/row/..%2f..%2fsecret-key.webp").status_code == 404


def test_row_and_paper_page_show_it_and_nothing_where_there_is_none(client: Client):
    picture, bare = a_picture(), a_paper()
    Picture.objects.create(paper=bare)

    day = client.get(f"/papers/date/{MARCH_14}").text
    page = client.get(picture.paper.url).text

    assert day.count("/pictures/") == 1
    assert f'src="{picture.row_url}" width="120" height="68" alt="Figure 2: Fern."' in day
    assert f'src="{picture.page_url}" width="800" height="400" alt="Figure 2: Fern."' in page
    assert "<figcaption>Figure 2: Fern." in page
    assert page.index("/pictures/page/") < page.index('class="reading"')
    assert "/pictures/" not in client.get(bare.url).text


def test_pictures_at_the_top_of_a_page_load_at_once_those_below_when_scrolled_to(client: Client):
    """Lighthouse measures when the largest thing of the first screen is drawn."""
    pictures = [a_picture() for _ in range(3)]

    day = client.get(f"/papers/date/{MARCH_14}").text
    page = client.get(pictures[0].paper.url).text

    rows = re.findall(r"<img src=[^>]*>", day)
    assert ["lazy" in row for row in rows] == [False, False, True]
    assert re.search(r'<img src="/pictures/page/[^>]* fetchpriority="high"', page)
    assert "lazy" not in page


def test_list_reads_its_pictures_by_no_further_query(client: Client, django_assert_num_queries):
    for _ in range(3):
        a_picture()
    with django_assert_num_queries(1):
        papers = list(Paper.objects.listed().for_list(AnonymousUser()))
        assert all(paper.shown_picture for paper in papers)


@pytest.mark.django_db(transaction=True)
def test_kept_pages_are_old_with_a_new_picture_but_not_with_a_claim():
    paper = a_paper()
    queue.queue_papers_on_pages(timezone.now())

    def mark() -> str:
        page_version.reset()
        version = page_version.current()
        assert version
        return version.mark

    before = mark()
    assert Picture.objects.get().claim(timezone.now())
    assert mark() == before

    storage.replace(paper, encode(image_file()))
    shown = mark()
    storage.remove(paper)

    assert before != shown != mark()
