"""How fast, in one command: `python -m benchmarks [NAME …]`, on servers and data of its own.

The servers are those of production, fsync included. Compare ratios, which are of one run: the
figures themselves are this machine's, and of what else it did, hence the load beside them.
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
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="smaller, to see that it runs")
    given = parser.parse_args()
    if unknown := set(given.names) - set(names):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names)}")
    folder = Path(tempfile.mkdtemp(prefix="papers-benchmarks-"))
    folder.chmod(0o755)  # where this runs as root, PostgreSQL's user passes through
    try:
        missed = _run(given.names or names, folder / "data", given.quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if missed:
        sys.exit(f"Missed a target: {', '.join(missed)}")


def _run(names: list[str], data_dir: Path, quick: bool) -> list[str]:
    """Those that missed a target; each begins on a new site's tables."""
    for name in ("DATABASE_URL", "REDIS_URL", "CACHE_URL", "EMAIL_URL", "ALLOWED_HOSTS"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(data_dir),
        "FETCH_ALLOW_PRIVATE": "1",  # the sources here are on loopback
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
