"""Imports one file in a process of its own; prints its seconds and its peak megabytes."""

import json
import re
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import django
import psutil

django.setup()

from papers.ingest import bulk_import  # noqa: E402 after the settings


def megabytes() -> float:
    """Peak memory of this process and of the one that parses the file for it.

    From /proc, not by getrusage: there a child begins with what its parent had when it forked.
    """
    this = psutil.Process()
    return sum(_peak(process.pid) for process in [this, *this.children()])


def _peak(pid: int) -> float:
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(peak[1]) / 1024 if peak else 0.0  # it has ended


started = time.perf_counter()
peak = 0.0
for batch in bulk_import.run(Path(sys.stdin.read()), now=datetime.now(UTC), listed=False):
    assert not batch.refused, batch.refused[0]
    peak = max(peak, megabytes())
print(json.dumps([time.perf_counter() - started, peak]))
