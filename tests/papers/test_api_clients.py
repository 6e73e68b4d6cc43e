"""Programs that we did not write use the API: huggingface_hub, its command, and schemathesis."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests
from django.core.cache import cache
from django.utils import timezone
from huggingface_hub import HfApi
from huggingface_hub.errors import BadRequestError, HfHubHTTPError
from huggingface_hub.utils import parse_ratelimit_headers
from pytest_django.live_server_helper import LiveServer

from papers.ingest.upsert import upsert
from papers.models import Paper
from tests.factories import MARCH_14, a_paper, an_entry

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
HF = Path(sys.executable).with_name("hf")
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
LISTED = datetime(2025, 3, 14, 4, 30, 0, 259_000, tzinfo=UTC)


@pytest.fixture
def papers() -> list[Paper]:
    cache.clear()
    return [
        a_paper(
            "First", key="2503.00001", upvotes=3, submitter_name="Cleo Ward", authors=["Ada Quill"]
        ),
        a_paper("Second", key="2503.00002", upvotes=9, listed_at=LISTED, abstract="Of the second."),
        a_paper("Third", key="hep-th/9901001", listed_on=date(2025, 3, 13)),
        a_paper("Fourth", key="2012.00053", listed_on=date(2020, 12, 31)),
    ]


@pytest.fixture
def client(live_server: LiveServer, papers) -> HfApi:
    return HfApi(endpoint=live_server.url, token=False)


def ids(papers) -> list[str]:
    return [paper.id for paper in papers]


# --- huggingface_hub ---


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["2503.00001", "2503.00002", "hep-th/9901001", "2012.00053"]),
        ({"date": "2025-03-14"}, ["2503.00002", "2503.00001"]),
        ({"week": "2025-W11"}, ["2503.00002", "2503.00001", "hep-th/9901001"]),
        ({"week": "2020-W53"}, ["2012.00053"]),
        ({"month": "2025-03"}, ["2503.00002", "2503.00001", "hep-th/9901001"]),
        ({"submitter": "Cleo Ward"}, ["2503.00001"]),
        ({"sort": "trending", "limit": 2}, ["2503.00002", "2503.00001"]),
        ({"sort": "publishedAt", "date": "2025-03-14"}, ["2503.00001", "2503.00002"]),
        ({"p": 1, "limit": 3}, ["2012.00053"]),
        ({"p": 100}, []),
        ({"date": "2025-03-15"}, []),
    ],
)
def test_daily_papers_by_what_is_asked(client: HfApi, asked, expected):
    assert ids(client.list_daily_papers(**asked)) == expected


def test_client_sees_what_we_say_of_a_paper(client: HfApi):
    second, first = client.list_daily_papers(date="2025-03-14")

    assert (second.title, second.summary, second.upvotes) == ("Second", "Of the second.", 9)
    assert second.comments == 0
    assert first.authors[0].name == "Ada Quill"
    assert first.submitted_by.fullname == first.submitted_by.username == "Cleo Ward"
    assert second.submitted_by.fullname == "Trending Papers"
    assert second.published_at.date() == MARCH_14


@pytest.mark.parametrize("key", ["2503.00001", "hep-th/9901001"])
def test_paper_info(client: HfApi, key):
    paper = client.paper_info(key)

    assert paper.id == key
    assert paper.title and paper.submitted_at and paper.linked_models == []


def test_read_paper(client: HfApi):
    assert client.read_paper("2503.00002").startswith("# Second\n")


def test_list_papers_searches(client: HfApi):
    upsert([an_entry(title="Sparse attention", arxiv_id="2503.90001")], now=timezone.now())

    assert ids(client.list_papers(query="sparse attention"))[0] == "2503.90001"
    assert len(list(client.list_papers(limit=2))) == 2


@pytest.mark.parametrize("asked", [{"date": "2025-13-40"}, {"limit": 101}, {"week": "2025-W60"}])
def test_its_documented_error_for_a_wrong_parameter(client: HfApi, asked):
    with pytest.raises(BadRequestError) as raised:
        list(client.list_daily_papers(**asked))

    assert raised.value.response.status_code == 400
    assert raised.value.response.json()["error"] in str(raised.value), "it shows our words"


def test_its_documented_error_for_an_unknown_paper(client: HfApi):
    with pytest.raises(HfHubHTTPError) as raised:
        client.paper_info("2503.99999")

    assert raised.value.response.status_code == 404


def test_it_understands_the_limits(client: HfApi):
    headers = requests.get(f"{client.endpoint}/api/daily_papers", timeout=20).headers

    found = parse_ratelimit_headers(headers)

    assert (found.resource_type, found.limit, found.window_seconds) == ("api", 500, 300)
    assert found.remaining < 500


def hf(live_server: LiveServer, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HF, "papers", *words],
        env=os.environ
        | {
            "HF_ENDPOINT": live_server.url,
            "HF_HOME": str(folder),
            "NO_COLOR": "1",
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_hf_papers_command(client: HfApi, live_server: LiveServer, tmp_path: Path):
    listed = hf(live_server, tmp_path, "ls", "--date", "2025-03-14", "--format", "json")
    missing = hf(live_server, tmp_path, "info", "2503.99999")
    read = hf(live_server, tmp_path, "read", "hep-th/9901001")

    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.index("2503.00002") < listed.stdout.index("2503.00001")
    assert missing.returncode != 0
    assert "not found" in missing.stderr + missing.stdout
    assert "# Third" in read.stdout


# --- schemathesis ---


@pytest.fixture
def unlimited(settings) -> None:
    """Without a cache nothing is counted; the limits have tests of their own."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def surprises(live_server: LiveServer, folder: Path, *options: str) -> str:
    """What schemathesis says of answers that the document does not foresee."""
    run = subprocess.run(
        [SCHEMATHESIS, "run", f"{live_server.url}/api/openapi.json", "--seed", "1", *options],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    return "" if run.returncode == 0 else run.stdout[-5_000:] + run.stderr[-2_000:]


def test_whatever_is_sent_only_what_is_documented_comes_back(
    live_server: LiveServer, papers, unlimited, tmp_path: Path
):
    options = ("--max-examples", "5", "--phases", "coverage,fuzzing")
    options += ("--exclude-path-regex", "^/api/me/")  # tests/reader_api/; all in the long test

    assert surprises(live_server, tmp_path, *options) == ""


@pytest.mark.long
@pytest.mark.timeout(900)
def test_whatever_is_sent_in_whatever_order_only_what_is_documented_comes_back(
    live_server: LiveServer, papers, unlimited, tmp_path: Path
):
    assert surprises(live_server, tmp_path, "--max-examples", "200") == ""
