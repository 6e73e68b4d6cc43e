"""One template process serves every body; a bomb ends its own child and nothing else."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from papers.sources import ParseError, sandbox
from tests.faults.loopback import arxiv_feed

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.processes

SMALL = arxiv_feed("2611.00001")
LARGE = arxiv_feed(*(f"2611.{number:05}" for number in range(1, 2_001)))


def ids_of(body: bytes) -> list[str]:
    return [entry.arxiv_id for part in sandbox.stream("arxiv", body) for entry in part.entries]


def templates(pid: int | None = None) -> list[psutil.Process]:
    children = psutil.Process(pid).children()
    return [child for child in children if "papers.sources.sandbox_process" in child.cmdline()]


def wait_until_gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=10)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []


def test_two_bodies_are_parsed_by_children_of_one_template():
    assert ids_of(SMALL) == ["2611.00001"]
    (template,) = templates()

    assert ids_of(LARGE)[-1] == "2611.02000"

    assert templates() == [template]
    assert template.children() == []


def test_body_over_the_limit_of_time_costs_only_its_own_child(monkeypatch):
    ids_of(SMALL)
    (template,) = templates()
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "MAX_CPU_TIME", timedelta(seconds=0.01))
        with pytest.raises(ParseError, match="longer than"):
            ids_of(LARGE)

    assert ids_of(SMALL) == ["2611.00001"]
    assert templates() == [template]


def test_body_over_the_limit_of_memory_costs_only_its_own_child(monkeypatch):
    ids_of(SMALL)
    (template,) = templates()
    with monkeypatch.context() as patch:
        patch.setattr(sandbox, "MAX_MEMORY_MB", 1)
        with pytest.raises(ParseError, match="memory"):
            ids_of(SMALL + b" " * 5_000_000)

    assert ids_of(SMALL) == ["2611.00001"]
    assert templates() == [template]


def test_killed_template_is_replaced_for_the_next_body():
    ids_of(SMALL)
    (template,) = templates()
    template.kill()

    assert ids_of(SMALL) == ["2611.00001"]

    (successor,) = templates()
    assert successor.pid != template.pid


def test_body_that_is_given_up_midway_leaves_no_child_and_no_harm():
    parts = sandbox.stream("arxiv", LARGE)
    next(parts)
    (template,) = templates()
    assert len(template.children()) == 1

    del parts

    assert template.children() == []
    assert ids_of(SMALL) == ["2611.00001"]


def test_bodies_are_written_no_faster_than_they_are_taken():
    parts = sandbox.stream("arxiv", LARGE)
    next(parts)
    (child,) = templates()[0].children()
    time.sleep(1.5)

    assert child.is_running()  # it waits: there are more entries than its socket can hold
    rest = [entry for part in parts for entry in part.entries]
    assert len(rest) == 2_000 - 250


def test_threads_share_the_template():
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ids_of, [SMALL] * 12))

    assert found == [["2611.00001"]] * 12
    assert len(templates()) == 1


def in_a_fork(answers):
    answers.put((ids_of(SMALL), templates()[0].pid))
    time.sleep(0.5)  # until the test has seen it


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_fork_of_a_process_such_as_a_worker_of_celery_has_a_template_of_its_own():
    ids_of(SMALL)
    (template,) = templates()
    forking = multiprocessing.get_context("fork")
    answers = forking.SimpleQueue()
    worker = forking.Process(target=in_a_fork, args=[answers], daemon=True)
    worker.start()

    found, pid = answers.get()

    assert found == ["2611.00001"]
    assert pid != template.pid
    wait_until_gone([psutil.Process(pid)])
    worker.join(10)
    assert ids_of(SMALL) == ["2611.00001"]
    assert templates() == [template]


@pytest.mark.parametrize("is_midway", [False, True])
def test_template_and_its_children_end_with_a_process_that_is_killed(is_midway):
    program = f"""
import sys, time
from papers.sources import sandbox
parts = sandbox.stream("arxiv", sys.stdin.buffer.read())
{"next(parts)" if is_midway else "list(parts)"}
print("parsed", flush=True)
time.sleep(60)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin and process.stdout
    process.stdin.write(LARGE)
    process.stdin.close()
    process.stdout.readline()
    (template,) = templates(process.pid)
    family = [template, *template.children()]
    assert len(family) == 1 + is_midway

    process.send_signal(signal.SIGKILL)
    process.wait()

    wait_until_gone(family)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks at /proc")
def test_template_has_none_of_our_sockets_and_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for parsers")
    ids_of(SMALL)
    templates()[0].kill()
    ids_of(SMALL)

    (template,) = templates()

    assert set(template.environ()) <= {*sandbox.ENVIRONMENT, "LC_CTYPE"}
    descriptors = sorted(int(name) for name in os.listdir(f"/proc/{template.pid}/fd"))
    assert descriptors == [0, 1, 2]
    assert os.readlink(f"/proc/{template.pid}/fd/1") == os.devnull
