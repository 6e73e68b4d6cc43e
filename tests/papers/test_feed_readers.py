"""Readers that we did not write take the feeds, and get a 304 the second time."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

import feedparser_sgmllib
import pytest
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from pytest_django import Settings

from papers.feeds.formats import WORD_JOINER
from tests.factories import a_paper

# reader carries a feedparser of its own, which asks for this by the name it had before 6.0.14.
sys.modules.setdefault("sgmllib", feedparser_sgmllib)
from reader import make_reader  # noqa: E402 it needs the line above

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
NEWSBOAT = shutil.which("newsboat")
TITLES = ["Sparse O(n log n) <think> & more", "خوارزمية سريعة ]]>", "Über Ω-Netze"]


@dataclass
class Heard:
    """The site on loopback, and what it answered."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)

    def take(self) -> list[int]:
        taken, self.statuses = self.statuses, []
        return taken


@pytest.fixture
def site() -> Iterator[Heard]:
    heard = Heard()
    application = get_wsgi_application()

    def listening(environ, start_response):
        def start(status, headers, exc_info=None):
            heard.statuses.append(int(status[:3]))
            return start_response(status, headers, exc_info)

        return application(environ, start)

    class Quiet(WSGIRequestHandler):
        def log_message(self, *words: object) -> None:
            pass

    server = make_server("127.0.0.1", 0, listening, handler_class=Quiet)
    Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    heard.url = f"http://127.0.0.1:{server.server_port}"
    yield heard
    server.shutdown()
    server.server_close()


@pytest.fixture
def addresses(site: Heard) -> list[str]:
    cache.clear()
    for title in TITLES:
        a_paper(title, authors=["Łukasz Młynarz", "محمد بن موسى"])
    return [f"{site.url}/feeds/day/2025-03-14.{form}" for form in ("atom", "rss", "json")]


def test_reader_reads_every_form_and_asks_only_for_news(site: Heard, addresses):
    with make_reader(":memory:") as reader:
        for address in addresses:
            reader.add_feed(address)

        new = {it.url: it.value.new for it in reader.update_feeds_iter()}
        first = site.take()
        for address in addresses:
            reader.update_feed(address)

        assert new == dict.fromkeys(addresses, len(TITLES))
        assert (first, site.take()) == ([200, 200, 200], [304, 304, 304])
        for address in addresses:
            entries = list(reader.get_entries(feed=address))
            assert {it.title.replace(WORD_JOINER, "") for it in entries} == set(TITLES)
            assert all(it.link and it.id and it.published for it in entries)
            assert all(it.summary or it.content for it in entries)


def test_nothing_is_unread_again_when_the_address_of_the_site_changes(
    addresses, settings: Settings
):
    with make_reader(":memory:") as reader:
        for address in addresses:
            reader.add_feed(address)
        reader.update_feeds()
        for entry in reader.get_entries():
            reader.mark_entry_as_read(entry)

        settings.SITE_URL = "https://papers.example.net"
        for address in addresses:
            reader.update_feed(address)

        assert reader.get_entry_counts().total == len(addresses) * len(TITLES)
        assert list(reader.get_entries(read=False)) == []
        assert all("//papers.example.net/" in entry.link for entry in reader.get_entries())


@pytest.mark.skipif(not NEWSBOAT, reason="there is no newsboat here: apt-get install newsboat")
def test_newsboat_reads_atom_and_rss_and_gets_a_304_the_second_time(
    site: Heard, addresses, tmp_path: Path
):
    (tmp_path / "urls").write_text("\n".join(addresses[:2]))
    (tmp_path / "config").write_text("reload-threads 1\n")
    command = [
        NEWSBOAT,
        f"--url-file={tmp_path / 'urls'}",
        f"--cache-file={tmp_path / 'cache.db'}",
        f"--config-file={tmp_path / 'config'}",
    ]
    env = os.environ | {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}

    def run(*words: str) -> str:
        done = subprocess.run(
            [*command, "-x", *words], env=env, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    unread = run("reload", "print-unread")
    run("reload")  # it writes validators down for feeds that it knew before
    first = site.take()
    run("reload")

    assert unread == f"{len(TITLES)} unread articles\n"  # one paper in two feeds is read once
    assert (first, site.take()) == ([200, 200, 200, 200], [304, 304])
