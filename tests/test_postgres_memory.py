"""How much memory PostgreSQL gets for pages of tables: a quarter, within limits."""

from pathlib import Path

import pytest

from selfhost import postgres

GB = 1024**3


@pytest.mark.parametrize(
    ("limit", "megabytes"),
    [(GB // 2, 256), (4 * GB, 1024), (10**15, 2048)],
)
def test_it_is_a_quarter_within_limits(limit, megabytes, tmp_path: Path, monkeypatch):
    file = tmp_path / "memory.max"
    file.write_text(f"{limit}\n")
    monkeypatch.setattr(postgres, "CONTAINER_LIMIT", file)
    monkeypatch.setattr(postgres.os, "sysconf", lambda name: 10**8)  # pages, and bytes of one

    assert postgres.cache_mb() == megabytes


@pytest.mark.parametrize("text", ["max\n", None])
def test_without_a_limit_it_is_a_quarter_of_the_machine(text, tmp_path: Path, monkeypatch):
    file = tmp_path / "memory.max"
    if text:
        file.write_text(text)
    monkeypatch.setattr(postgres, "CONTAINER_LIMIT", file)
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 2**20}
    monkeypatch.setattr(postgres.os, "sysconf", sizes.__getitem__)

    assert postgres.cache_mb() == 1024
