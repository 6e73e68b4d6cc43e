"""One import in a process that does nothing else: prints its seconds and its peak megabytes."""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import django

django.setup()

from papers import imports  # noqa: E402 after the settings

started = time.perf_counter()
for batch in imports.run(Path(sys.stdin.read()), now=datetime.now(UTC), listed=False):
    assert not batch.refused, batch.refused[0]
seconds = time.perf_counter() - started
kilobytes = sum(getrusage(who).ru_maxrss for who in (RUSAGE_SELF, RUSAGE_CHILDREN))
print(json.dumps([seconds, kilobytes / 1024]))
