"""One worker of the benchmark: sends what is due until nothing is; `--profile` says where to."""

import cProfile
import json
import pstats
import resource
import sys
import time

import django

django.setup()

from django.utils import timezone  # noqa: E402 the models need the line above

from subscriptions import digests  # noqa: E402


def main() -> None:
    sys.stdin.readline()  # all begin together
    began = time.monotonic()
    profile = cProfile.Profile() if "--profile" in sys.argv else None
    account = (
        profile.runcall(digests.run, timezone.now()) if profile else digests.run(timezone.now())
    )
    if profile:
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(35)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.monotonic() - began
    print(json.dumps({"account": account, "megabytes": peak, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
