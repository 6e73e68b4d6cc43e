"""Bounces that real servers wrote, from the source package of flufl.bounce; never committed."""

import subprocess
import sys
import tarfile
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest

from subscriptions.bounces.dsn import EventKind, parse

BOUNCES = {EventKind.HARD, EventKind.SOFT, EventKind.REFUSED, EventKind.DELAYED}
LEAST = 0.95


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("flufl")
    words = ("--no-binary", ":all:", "--no-deps", "flufl.bounce==6.0.0")
    run = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "-d", str(folder), *words],
        capture_output=True,
        check=False,
        timeout=180,
    )
    archives = list(Path(folder).glob("*.tar.gz"))
    if not archives:
        pytest.skip(f"no package index here: {run.stderr.decode()[-200:]}")
    with tarfile.open(archives[0]) as archive:
        return {
            member.name.rpartition("/")[2]: archive.extractfile(member).read()  # type: ignore[union-attr]
            for member in archive.getmembers()
            if "/data/" in member.name and member.name.endswith(".txt")
        }


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_ninety_five_of_a_hundred_bounces_are_known(
    newline: bytes, samples: dict[str, bytes]
) -> None:
    kinds: Counter[str] = Counter()
    unknown = []
    for name, raw in sorted(samples.items()):
        as_sent = raw.replace(b"\r\n", b"\n").replace(b"\n", newline)
        normal = as_sent.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        kind = parse(message_from_bytes(normal)).kind
        kinds[kind] += 1
        if kind not in BOUNCES:
            unknown.append(name)
    print(len(samples), dict(kinds), unknown)
    assert len(samples) > 100
    assert sum(kinds[kind] for kind in BOUNCES) >= LEAST * len(samples)
