"""Loaded before Django: this run has a data folder, a PostgreSQL and a Valkey of its own."""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(tempfile.mkdtemp(prefix="papers-tests-"))
FOLDER.chmod(0o755)  # where the tests run as root, PostgreSQL's user passes through

for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "EMAIL_URL", "SITE_URL", "ALLOWED_HOSTS"):
    os.environ.pop(name, None)
os.environ |= {
    "ENV_FILE": os.devnull,
    "DATA_DIR": str(FOLDER / "data"),
    "FETCH_ALLOW_PRIVATE": "1",  # the sources of the tests are on loopback
    "SITE_URL": "http://testserver",
    "SECRET_KEY": "a key for the tests alone, long enough to be taken for a real one",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
}

from selfhost.servers import Servers  # noqa: E402 the settings above come first

servers = Servers(
    FOLDER / "data",
    # Nothing here has to outlive the run.
    postgres_options={"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"},
)


def pytest_sessionstart(session: pytest.Session) -> None:
    only_hands_out = session.config.getoption("dist", "no") != "no" and not is_worker(session)
    if not session.config.option.collectonly and not only_hands_out:
        servers.acquire()


def is_worker(session: pytest.Session) -> bool:
    """Of pytest-xdist: each process that tests has servers of its own."""
    return hasattr(session.config, "workerinput")


def pytest_sessionfinish(session: pytest.Session) -> None:
    servers.release()


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


# --- No skip where everything has to be there: `.ci/run` asks for it ---


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failed one")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    return not_skipped((yield), item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    return not_skipped((yield), collector.config)


def not_skipped(report: Any, config: pytest.Config) -> Any:
    if report.skipped and config.option.no_skips and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"no skip is allowed here: {report.longrepr[2]}"
    return report
