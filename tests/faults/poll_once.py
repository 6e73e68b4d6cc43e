"""One poll in a process of its own, forked from one that has Django ready, to be killed."""

import django

django.setup()

from django.db import connection  # noqa: E402 the models need the line above
from django.utils import timezone  # noqa: E402

from papers.ingest import polling  # noqa: E402
from papers.models import Source  # noqa: E402


def poll_once(source_id: int, database: str) -> None:
    connection.settings_dict["NAME"] = database
    polling.poll(Source.objects.get(pk=source_id), timezone.now())
