"""A file of papers goes in whatever its form, once however often, and in full after a kill."""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from papers.ingest import bulk_import
from papers.models import Alias, EmbeddingJob, Paper, PaperSearch, Tombstone
from selfhost import servers
from tests.factories import MARCH_14

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
FEEDS = ROOT / "tests" / "feeds"
MARCH_13 = date(2025, 3, 13)

DAILY = {
    "arxiv_id": "2503.10001",
    "title": "Words in a row",
    "abstract": "One after another.",
    "authors": ["Ada Lovelace"],
    "daily_date": "2025-03-14",
    "upvotes": 7,
}
METADATA = {
    "arxiv_id": "supr-con/9607005",
    "title": "Vortices",
    "abstract": "They move.",
    "authors": ["C. Reichhardt", "J. Groth"],
    "categories": ["supr-con", "cond-mat.supr-con"],
}
NATIVE = {
    "arxiv_id": "0704.0248",
    "version": 2,
    "title": "Solitons",
    "authors": "G. Marsh and P. Quill",
    "abs_categories": "physics.optics math-ph",
    "abstract": "They stay.",
}
SNAPSHOT = {
    "id": "0704.0001",
    "title": "Snapshots",
    "authors": "Ada Lovelace",
    "categories": "hep-ph cs.CL",
    "abstract": "They are taken.",
    "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
}
API = {
    "paper": {
        "id": "2503.10001",
        "title": "Words in a row",
        "summary": "One after another.",
        "authors": [{"name": "Ada Lovelace"}],
        "publishedAt": "2025-03-13T17:55:45.000Z",
        "upvotes": 7,
    },
    "title": "Words in a row",
}

Run = Callable[..., str]


def lines(*records: object) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


FORMS = {
    "daily papers": (lines(DAILY), ["2503.10001"]),
    "arXiv metadata": (lines(METADATA), ["supr-con/9607005"]),
    "arXiv's internal form": (lines(NATIVE), ["0704.0248"]),
    "snapshot": (lines(SNAPSHOT), ["0704.0001"]),
    "API listing": (json.dumps([API]).encode(), ["2503.10001"]),
    "API listing, on many lines": (json.dumps([API], indent=2).encode(), ["2503.10001"]),
    "API, one paper": (json.dumps(API, indent=2).encode(), ["2503.10001"]),
    "Atom": (
        (FEEDS / "arxiv_api.xml").read_bytes(),
        ["2503.09001", "math/0309136"],
    ),
    "OAI-PMH": (
        (FEEDS / "oai_raw.xml").read_bytes(),
        ["2503.10001", "2503.10002", "math/0309136"],
    ),
    "forms mixed, after a line that is none": (
        b"# kept since 1996\n\n" + lines(METADATA, SNAPSHOT),
        ["0704.0001", "supr-con/9607005"],
    ),
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object) -> str:
        call_command("import_papers", *map(str, words))
        return capsys.readouterr().out

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def file(body: bytes, name: str = "papers") -> Path:
        path = tmp_path / name
        path.write_bytes(body)
        return path

    return file


def keys() -> list[str]:
    return sorted(Paper.objects.values_list("key", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
@pytest.mark.parametrize("form", FORMS)
def test_form_is_known_by_what_the_file_holds(form, pack, file, run):
    body, wanted = FORMS[form]

    run(file(pack(body)))

    assert keys() == wanted


@pytest.mark.django_db
def test_title_and_abstract_alone_are_a_paper(file, run):
    run(file(lines({"title": "On nothing", "abstract": "We say so."})))

    paper = Paper.objects.get()
    assert (paper.title, paper.arxiv_id) == ("On nothing", "")


# --- Which page ---


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body, name, words, day",
    [
        (lines(DAILY), "papers", [], None),
        (lines(DAILY), "papers", ["--date", "2025-03-13"], None),
        (lines(DAILY), "papers", ["--list"], MARCH_14),
        (lines(DAILY), "papers", ["--list", "--date", "2025-03-13"], MARCH_14),
        (lines(METADATA), "2025-03-13.jsonl", ["--list"], None),
        (lines(METADATA), "papers", ["--list", "--date", "2025-03-13"], MARCH_13),
        (FORMS["API listing"][0], "papers", ["--list"], None),
        (FORMS["API listing"][0], "2025-03-13.json", [], None),
        (FORMS["API listing"][0], "2025-03-13.json", ["--list"], MARCH_13),
        (FORMS["API listing"][0], "day-2025-03-13.json", ["--list"], MARCH_13),
        (FORMS["API listing"][0], "2025-13-13.json", ["--list"], None),
        (
            FORMS["API listing"][0],
            "2025-03-13.json",
            ["--list", "--date", "2025-03-14"],
            MARCH_14,
        ),
    ],
)
def test_paper_is_listed_only_if_asked_and_on_a_day_that_is_known(
    body, name, words, day, file, run
):
    run(file(body, name), *words)

    paper = Paper.objects.get()
    assert paper.listed_on == day
    assert not paper.listing_wanted


@pytest.mark.django_db
def test_import_that_lists_moves_no_paper_from_its_page(file, run):
    run(file(lines(DAILY)), "--list")

    run(file(lines(DAILY | {"daily_date": "2025-03-13"})), "--list")

    assert Paper.objects.get().listed_on == MARCH_14


@pytest.mark.django_db
def test_date_that_is_none_is_refused(file, run):
    with pytest.raises(CommandError, match="--date"):
        run(file(lines(DAILY)), "--date", "yesterday")


# --- Records that are none ---

BROKEN = [{"arxiv_id": "abc", "title": "No id"}, {"what": "is this"}]


@pytest.mark.django_db
def test_bad_records_are_kept_beside_the_file_with_the_reason(file, run):
    path = file(lines(DAILY, BROKEN[0], METADATA, BROKEN[1]))

    said = run(path)

    assert "2 records, 2 new, 0 updated, 0 known, 2 rejected" in said
    kept = [json.loads(line) for line in Path(f"{path}.rejected.jsonl").read_text().splitlines()]
    assert [(one["number"], json.loads(one["record"])) for one in kept] == [
        (2, BROKEN[0]),
        (4, BROKEN[1]),
    ]
    assert "not an arXiv id: 'abc'" in kept[0]["reason"]
    assert "not an arXiv id: 'abc'" in said and f"{path}.rejected.jsonl" in said
    assert keys() == ["2503.10001", "supr-con/9607005"]


@pytest.mark.django_db
def test_bad_records_of_a_folder_that_is_not_ours_are_kept_under_data_dir(
    file, run, settings, tmp_path
):
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    with file(lines(DAILY, BROKEN[0])).open() as opened:
        folder = Path("/proc/self/fd")  # in which not even root can make a file

        said = run(folder / str(opened.fileno()))

        kept = settings.DATA_DIR / f"{opened.fileno()}.rejected.jsonl"
    assert json.loads(kept.read_text())["number"] == 2
    assert str(kept) in said


@pytest.mark.django_db
def test_file_without_bad_records_leaves_nothing_beside_it(file, run, tmp_path):
    path = file(lines(DAILY))

    run(path)

    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"<html><title>Sign in</title></html>", lines(*BROKEN), b"\x1f\x8b\x08 cut"],
)
def test_file_of_which_nothing_can_be_read_is_a_failure(body, file, run, tmp_path):
    good = file(lines(DAILY), "good")

    with pytest.raises(CommandError, match=re.escape(f"{tmp_path}/bad")):
        run(file(body, "bad"), good)

    assert keys() == ["2503.10001"]  # the other file is in all the same


# --- Twice is once ---


def state() -> list[list[tuple[Any, ...]]]:
    rows = [Paper.objects.order_by("pk"), PaperSearch.objects.order_by("pk")]
    rows.append(EmbeddingJob.objects.order_by("pk"))
    return [list(one.values_list()) for one in (*rows, Alias.objects.order_by("pk"))]


@pytest.mark.django_db
def test_second_import_of_a_file_changes_nothing_and_says_so(file, run):
    path = file(lines(DAILY, METADATA, NATIVE, SNAPSHOT))
    assert "4 records, 4 new, 0 updated, 0 known, 0 rejected" in run(path, "--list")
    before = state()

    said = run(path, "--list")

    assert "4 records, 0 new, 0 updated, 4 known, 0 rejected" in said
    assert state() == before


@pytest.mark.django_db
def test_newer_record_of_a_known_paper_updates_it(file, run):
    run(file(lines(NATIVE)))

    said = run(file(lines(NATIVE | {"version": 3, "title": "Solitons, revised"})))

    assert "1 records, 0 new, 1 updated, 0 known" in said
    assert Paper.objects.get().title == PaperSearch.objects.get().title == "Solitons, revised"


@pytest.mark.django_db
def test_record_that_stands_twice_in_a_file_is_one_paper(file, run, monkeypatch):
    monkeypatch.setattr(bulk_import, "IMPORT_BATCH_ROWS", 2)

    run(file(lines(DAILY, METADATA, DAILY, DAILY)))

    assert keys() == ["2503.10001", "supr-con/9607005"]


@pytest.mark.django_db
def test_paper_that_a_curator_removed_for_good_stays_away(file, run):
    Tombstone.objects.create(scheme="arxiv", value="2503.10001")

    run(file(lines(DAILY, METADATA)))

    assert keys() == ["supr-con/9607005"]


@pytest.mark.django_db
def test_what_authors_write_is_stored_as_they_wrote_it(file, run):
    odd = ['Ada "The" Quill', "B{en}, Marsh", r"G\"odel", "NULL", "Łucja\tØ"]
    record = METADATA | {"authors": odd, "title": 'A\\B "C" {D}', "comment": 'x"y\\z'}

    run(file(lines(record)))

    paper = Paper.objects.get()
    assert paper.title == 'A\\B "C" {D}'
    assert (len(paper.authors), paper.authors[0]) == (5, 'Ada "The" Quill')
    assert paper.authors[3:] == ["NULL", "Łucja Ø"]
    assert paper.extra["comment"] == 'x"y\\z'
    assert paper.found_by.authors == paper.authors


# --- A kill in the middle ---


@pytest.mark.long
def test_import_killed_in_the_middle_loses_nothing_and_the_second_run_finishes(
    transactional_db, file, settings
):
    total = 8 * bulk_import.IMPORT_BATCH_ROWS
    first = {f"2501.{number:05}" for number in range(1, total + 1)}
    path = file(lines(*(METADATA | {"arxiv_id": one, "title": f"On {one}"} for one in first)))

    process = _importing(path, settings)
    while Paper.objects.count() == 0:
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    stood = Paper.objects.count()
    again = _importing(path, settings)
    said = again.communicate()[0]

    assert 0 < stood < total and stood % bulk_import.IMPORT_BATCH_ROWS == 0
    assert f"{total:,} records, {total - stood:,} new, 0 updated, {stood:,} known" in said
    assert set(Paper.objects.values_list("key", flat=True)) == first
    assert PaperSearch.objects.count() == Alias.objects.count() == total


def _importing(path: Path, settings: Any) -> "subprocess.Popen[str]":
    """`manage.py import_papers` as an operator runs it, on the database of this test."""
    server = servers.database_url(settings.DATA_DIR).rpartition("/")[0]
    database = connection.settings_dict["NAME"]
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_papers", str(path)],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": f"{server}/{database}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
