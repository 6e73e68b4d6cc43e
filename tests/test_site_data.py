"""What `up` does before its first page."""

import pytest
from django.core.management import CommandError
from django.db import ProgrammingError

from selfhost import site_data


@pytest.mark.django_db
def test_database_that_cannot_be_migrated_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*words: str, **options: object) -> None:
        raise ProgrammingError('permission denied to create extension "vector"\nHINT:  Ask.\n')

    monkeypatch.setattr(site_data, "call_command", refuse)

    with pytest.raises(CommandError) as caught:
        site_data.prepare(lambda step: None, with_samples=False, with_sources=False)

    (line,) = str(caught.value).splitlines()
    assert 'create extension "vector" HINT: Ask.' in line
