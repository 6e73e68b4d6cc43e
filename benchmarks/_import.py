"""One import in a process that does nothing else: prints its seconds and its peak megabytes."""

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
    """Peaks of this process and of the one that reads the file for it, as the kernel keeps them.

    Not those of getrusage: there a child begins with what its parent had when it forked.
    """
    us = psutil.Process()
    return sum(_peak(process.pid) for process in [us, *us.children()])


def _peak(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0  # it has ended


started = time.perf_counter()
peak = 0.0
for batch in bulk_import.run(Path(sys.stdin.read()), now=datetime.now(UTC), listed=False):
    assert not batch.refused, batch.refused[0]
    peak = max(peak, megabytes())
print(json.dumps([time.perf_counter() - started, peak]))
