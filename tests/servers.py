"""Pytest plugin, loaded before Django: data folder, PostgreSQL and Valkey of this process."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

FOLDER = Path(tempfile.mkdtemp(prefix="papers-tests-"))
# The first process of a run, which starts the others, makes it for all.
SHARED_FOLDER = Path(os.environ.setdefault("PAPERS_TESTS_SHARED", str(FOLDER)))

for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "EMAIL_URL", "SITE_URL", "ALLOWED_HOSTS"):
    os.environ.pop(name, None)
os.environ |= {
    "ENV_FILE": os.devnull,
    "DATA_DIR": str(FOLDER / "data"),
    "FETCH_ALLOW_PRIVATE": "1",  # the sources of the tests are on loopback
    "PICTURES": "off",  # else every site with a paper of arXiv's would ask arXiv
    "SITE_URL": "http://testserver",
    "SECRET_KEY": "a key for the tests alone, long enough to be taken for a real one",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
}

# Another PostgreSQL than the one from the wheels, such as an older version; see CONTRIBUTING.
OTHER_SERVER = os.environ.get("TEST_DATABASE_URL")
if OTHER_SERVER:
    os.environ["DATABASE_URL"] = OTHER_SERVER

from selfhost.servers import Servers  # noqa: E402 the settings above come first

servers = Servers(
    FOLDER / "data",
    postgres=not OTHER_SERVER,
    postgres_options={
        # Faster: no row has to outlive the run.
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "256MB",  # tables are emptied often, which looks through all of it
    },
)


def pytest_sessionstart(session: pytest.Session) -> None:
    only_distributes = session.config.getoption("dist", "no") != "no" and not is_worker(session)
    if not session.config.option.collectonly and not only_distributes:
        servers.acquire()


def is_worker(session: pytest.Session) -> bool:
    """Of pytest-xdist: each process that tests has servers of its own."""
    return hasattr(session.config, "workerinput")


def pytest_sessionfinish(session: pytest.Session) -> None:
    servers.release()


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
