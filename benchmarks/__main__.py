"""Runs the benchmarks: `python -m benchmarks [NAME …]`, on servers and data of their own.

The servers are configured as in production, fsync included. Compare the ratios, which come from one
run. The figures themselves depend on the machine and on what else it did: see the load beside them.
"""

import argparse
import os
import pkgutil
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path


def main() -> None:
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    names = sorted(module.name for module in modules if not module.name.startswith("_"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(names)}; all by default"
    )
    parser.add_argument("--quick", action="store_true", help="less data: only shows that it runs")
    args = parser.parse_args()
    if unknown := set(args.names) - set(names):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names)}")
    folder = Path(tempfile.mkdtemp(prefix="papers-benchmarks-"))
    try:
        missed = _run(args.names or names, folder / "data", args.quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if missed:
        sys.exit(f"Missed a target: {', '.join(missed)}")


def _run(names: list[str], data_dir: Path, quick: bool) -> list[str]:
    """Run each on the tables of a new site; returns the names that missed a target."""
    for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "EMAIL_URL", "ALLOWED_HOSTS"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(data_dir),
        "FETCH_ALLOW_PRIVATE": "1",  # the benchmarks' sources are on loopback
        "SITE_URL": "http://localhost",
    }
    import django
    from django.core.management import call_command
    from django.db import connection

    from selfhost.servers import Servers

    django.setup()
    from papers.ingest import seed

    with Servers(data_dir).running():
        call_command("migrate", verbosity=0, interactive=False)
        missed = []
        for name in names:
            call_command("flush", verbosity=0, interactive=False)
            seed.make_topics()
            if not import_module(f"benchmarks.{name}").run(quick):
                missed.append(name)
        connection.close_pool()  # type: ignore[attr-defined]
        return missed


if __name__ == "__main__":
    main()
