"""Pytest plugin: which tests are `fast`, which share a process, and no skip where none is allowed.

A test is `fast` unless it is `long`, a `sweep` over many pages, `slow`, or starts other programs
(`processes`, `browser`): a site, a worker, a parser's sandbox. `-m fast` enforces the last: a test
that starts a program fails there.
"""

import os
import subprocess
from collections.abc import Callable, Generator, Iterable
from functools import wraps
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

PROGRAM_FIXTURES = {"site", "chromium"}
# They come first in all processes but one, so that the end is short files, with which the
# processes finish together.
LONG_FOLDERS = ("tests/browser/", "tests/faults/", "tests/test_")
# Files that share a running site, and so a process: to start one takes 20 seconds of processor.
SHARED_SITES = {
    "tests/browser/": "tests/browser/",
    "tests/faults/test_arxiv_limiter.py": "tests/faults/site",
    "tests/faults/test_hostile_sources.py": "tests/faults/site",
}
MARKERS_OF_SLOW_TESTS = ("long", "sweep", "slow", "processes", "browser")
MAX_PROCESSES = 4  # each has a PostgreSQL and a Valkey of its own


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test is a failed one")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before `-m` selects."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "shared_data" in fixtures:
            item.add_marker("long")
        if PROGRAM_FIXTURES & fixtures or item.nodeid.startswith(
            ("tests/browser/", "tests/faults/")
        ):
            item.add_marker("processes")
        if not any(map(item.get_closest_marker, MARKERS_OF_SLOW_TESTS)):
            item.add_marker("fast")


def every_nth(step: int, values: Iterable[Any]) -> list[Any]:
    """Parameters of a test: one of `step` in every run, the others in a long one.

    A value that is a tuple is the values of several parameters.
    """
    return [
        pytest.param(
            *(value if isinstance(value, tuple) else (value,)),
            marks=[pytest.mark.long] * bool(number % step),
        )
        for number, value in enumerate(values)
    ]


class LastHooks:
    """After pytest-django has put the tests in an order of its own."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=_order)


def _order(item: pytest.Item) -> int:
    for place, folder in enumerate(LONG_FOLDERS):
        if item.nodeid.startswith(folder):
            return place
    return len(LONG_FOLDERS) + (item.get_closest_marker("processes") is None)


# --- In how many processes, and in which of them a test runs ---


@pytest.hookimpl(tryfirst=True)  # else xdist's own, which comes later, answers
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One for each core; one more where tests wait for the programs that they start."""
    waiting = config.option.markexpr != "fast"
    return min((os.cpu_count() or 1) + waiting, MAX_PROCESSES)


class ByFileOrSite(LoadFileScheduling):
    """The tests of a file run in one process, and those that share a site too.

    The last process begins with short files, which use the processor while the long ones wait.
    """

    def _assign_work_unit(self, node: WorkerController) -> None:
        short = (scope for scope in self.workqueue if not scope.startswith(LONG_FOLDERS))
        is_last = len(self.nodes) > 1 and node is self.nodes[-1]
        if is_last and (scope := next(short, None)):
            self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        for place, site in SHARED_SITES.items():
            if nodeid.startswith(place):
                return site
        return super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFileOrSite | None:
    return ByFileOrSite(config, log) if config.getoption("dist") == "loadfile" else None


# --- Fast tests start no program ---

running_fast_test = ""  # its name


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LastHooks())
    if config.option.markexpr == "fast":
        # Not by an audit hook: Python would call it for every file that is opened.
        for module, name in ((subprocess.Popen, "__init__"), (os, "fork"), (os, "posix_spawn")):
            setattr(module, name, refuse_in_fast_tests(getattr(module, name)))


def refuse_in_fast_tests(start: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(start)
    def start_or_fail(*args: Any, **options: Any) -> Any:
        if running_fast_test:
            pytest.fail(f"{running_fast_test} starts {args[1:2]}: mark it `processes`")
        return start(*args, **options)

    return start_or_fail


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    global running_fast_test
    running_fast_test = item.nodeid if item.get_closest_marker("fast") else ""
    try:
        return (yield)
    finally:
        running_fast_test = ""


# --- No skips where everything is at hand: `.ci/run` says so ---


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    # A long test may need data or a network that a clone does not have.
    return report if item.get_closest_marker("long") else _not_skipped(report, item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    return _not_skipped((yield), collector.config)


def _not_skipped(report: Any, config: pytest.Config) -> Any:
    if report.skipped and config.option.no_skips and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"no skip is allowed here: {report.longrepr[2]}"
    return report
