"""One worker of the digests benchmark: sends all that is due, prints counts, memory and seconds.

`--profile` prints on stderr the functions that took longest.
"""

import cProfile
import json
import pstats
import sys
import time
from pathlib import Path

import django

django.setup()

from django.urls import get_resolver  # noqa: E402 the models need the line above
from django.utils import timezone  # noqa: E402

from config.celery import freeze_loaded_objects  # noqa: E402
from subscriptions.sending import run  # noqa: E402


def main() -> None:
    assert get_resolver().url_patterns  # a worker loads them once, which is not measured
    freeze_loaded_objects()
    sys.stdin.readline()  # until all workers are ready
    started = time.monotonic()
    profile = cProfile.Profile() if "--profile" in sys.argv else None
    account = profile.runcall(run.run, timezone.now()) if profile else run.run(timezone.now())
    if profile:
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(35)
    seconds = time.monotonic() - started
    # Not from getrusage: its peak includes that of the parent process at the fork.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(json.dumps({"account": account, "megabytes": peak, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
