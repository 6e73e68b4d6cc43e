"""What `up` does before its first page."""

from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import ProgrammingError

from selfhost import folders, site_data
from selfhost.folders import ServerError
from selfhost.servers import Servers


@pytest.mark.django_db
def test_database_that_cannot_be_migrated_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*words: str, **options: object) -> None:
        raise ProgrammingError('permission denied to create extension "vector"\nHINT:  Ask.\n')

    monkeypatch.setattr(site_data, "call_command", refuse)

    with pytest.raises(CommandError) as caught:
        site_data.prepare(lambda step: None, with_samples=False, with_sources=False)

    (line,) = str(caught.value).splitlines()
    assert 'create extension "vector" HINT: Ask.' in line


def test_full_disk_is_one_line_before_a_server_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "MIN_FREE_BYTES", 2**60)

    with pytest.raises(ServerError) as caught, Servers(tmp_path).running():
        pass

    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"the disk that holds {tmp_path} is full: ")
