"""The data files of feedparser's own tests: thousands of odd feeds, none of which may hurt us."""

import io
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import feedparser
import pytest

from papers import text
from papers.sources import Entry, ParseError, arxiv, collect, generic_feed, parsers
from papers.sources.feed_xml import StreamingFailed

pytestmark = [pytest.mark.processes, pytest.mark.long]  # it needs a package index

SDIST = "feedparser-6.0.14.tar.gz"
MAX_SECONDS_PER_FILE = 5
MIN_FILES = 2_200  # files, of which there are 2,248

# Files that feedparser reads as far as they go, and that end in the middle of a tag: half a feed
# taken for the whole would keep its ETag, and the other half be lost.
CUT_OFF = {
    "entities/hex_entity_x_lowercase.xml",
    "entities/hex_entity_x_uppercase.xml",
    "illformed/rss_incomplete_cdata.xml",
}


@pytest.fixture(scope="module")
def corpus(pytestconfig: pytest.Config) -> dict[str, bytes]:
    """Each file by its name under tests/; downloaded once, and kept with pytest's cache."""
    folder = pytestconfig.cache.mkdir("feedparser") if pytestconfig.cache else None
    if folder is None:
        pytest.skip("pytest runs without a cache to keep feedparser's source in")
    if not (folder / SDIST).is_file():
        _download(folder)
    with tarfile.open(folder / SDIST) as sdist:
        return {
            member.name.split("/tests/", 1)[1]: sdist.extractfile(member).read()  # type: ignore[union-attr]
            for member in sdist
            if member.isfile() and re.search(r"/tests/\w+/.*\.(?:xml|z|gz)$", member.name)
        }


def _download(folder: Path) -> None:
    # Not `--no-binary :all:`, which would have pip build setuptools from source beforehand.
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
        *("--no-binary", "feedparser", "--dest", str(folder), "feedparser==6.0.14"),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        pytest.skip("PyPI did not answer within a minute")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"feedparser's source is not to be had from PyPI: {error.stderr[-300:]}")


def test_every_file_is_read_in_time_and_whole(corpus: dict[str, bytes]) -> None:
    assert len(corpus) > MIN_FILES
    slow, lost, refused = [], {}, set()
    for name, body in corpus.items():
        bare = len(feedparser.parse(io.BytesIO(body)).entries)
        for parse in (generic_feed.parse, arxiv.parse):
            began = time.monotonic()
            try:
                entries, rejected = parse(body)
                if len(entries) + len(rejected) != bare:
                    lost[name] = (len(entries), len(rejected), bare)
            except ParseError:
                if bare:
                    refused.add(name)
            if time.monotonic() - began > MAX_SECONDS_PER_FILE:
                slow.append(name)
    assert (slow, lost, refused) == ([], {}, CUT_OFF)


def test_what_is_streamed_is_what_is_read(corpus: dict[str, bytes]) -> None:
    different, streamed = [], 0
    for name, body in corpus.items():
        try:
            found = collect(parsers.stream("feed", body))
        except (StreamingFailed, ParseError):
            continue
        streamed += 1
        if found != generic_feed.parse(body):
            different.append(name)
    assert streamed > 1_000
    assert different == []


def test_no_address_but_of_the_web(corpus: dict[str, bytes]) -> None:
    addresses = [
        address
        for _, entry in _entries(corpus)
        for address in (
            *(entry.abstract_url, entry.pdf_url, entry.code_url, entry.project_url),
            *(entry.extra.get("license", ""), *entry.extra.get("media", [])),
        )
        if address
    ]
    assert len(addresses) > 80
    assert [one for one in addresses if not one.startswith(("http://", "https://"))] == []


def test_no_script_in_what_is_shown(corpus: dict[str, bytes]) -> None:
    found = []
    for name, entry in _entries(corpus):
        for field in (entry.title, entry.abstract, *entry.authors):
            shown = text.html(field) + text.paragraphs_html(field)
            if re.search(r"<script|javascript:|\bon\w+\s*=", shown, re.IGNORECASE):
                found.append(name)
            page = Page()
            page.feed(shown)
            found += [name] if page.unsafe else []
    assert found == []


class Page(HTMLParser):
    """HTML as a browser meets it: which elements and attributes there are."""

    unsafe = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name.startswith("on") or (name in ("href", "src") and not _is_web(value)):
                self.unsafe = True
        if tag in ("script", "style", "iframe", "object", "embed", "svg", "form", "img"):
            self.unsafe = True


def _is_web(address: str | None) -> bool:
    return (address or "").startswith(("http://", "https://"))


def _entries(corpus: dict[str, bytes]) -> Iterator[tuple[str, Entry]]:
    for name, body in corpus.items():
        try:
            for entry in generic_feed.parse(body).entries:
                yield name, entry
        except ParseError:
            continue
