"""One running site for the tests that need real workers; it stops with the last of them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.loopback import Loopback, loopback
from tests.running_site import Site, running_site

NOBODY = "http://127.0.0.1:9/"  # so that nothing ever leaves this machine
# Two names of one machine: what is asked of either counts for both, as with arXiv's four.
ARXIV_HOSTS = ("localhost", "arxiv.localhost")


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as made:
        yield made


@pytest.fixture
def away() -> Iterator[Loopback]:
    """A second one, at another place than `server`."""
    with loopback() as made:
        yield made


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(
        tmp_path_factory.mktemp("site"),
        "--no-sources",
        "--no-sample",
        FETCH_ALLOW_PRIVATE="1",
        ARXIV_HOSTS=",".join(ARXIV_HOSTS),
        ARXIV_API_URL=NOBODY,
        ARXIV_OAI_URL=NOBODY,
    ) as made:
        yield made


def add_sources(site: Site, folder: Path, sources: dict[str, tuple[str, str]]) -> None:
    """Rows as the admin would save them: name to kind and address, all due at once."""
    rows = [
        {"model": "papers.source", "fields": {"name": name, "kind": kind, "url": url}}
        for name, (kind, url) in sources.items()
    ]
    (folder / "sources.json").write_text(json.dumps(rows))
    site.manage("loaddata", str(folder / "sources.json"))
