"""What a monitor reads: true figures, and for nobody else."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families as parsed

from papers.ingest.upsert import upsert
from papers.models import Source
from tests.factories import a_paper, a_user, an_entry
from tests.subscriptions.factories import a_delivery, a_subscriber

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-a-monitor"


def figures(client: Client, settings: LazySettings) -> dict[tuple[str, ...], float]:
    settings.METRICS_TOKEN = TOKEN
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (response.status_code, response["Content-Type"][:10]) == (200, "text/plain")
    assert "no-store" in response["Cache-Control"]
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in parsed(response.content.decode())
        for sample in family.samples
    }


def test_figures_are_those_of_the_rows(client: Client, settings: LazySettings):
    now = timezone.now()
    upsert([an_entry(), an_entry()], now=now)
    a_paper(listed_on=timezone.localdate())
    a_paper(hidden_at=now)
    Source.objects.create(
        name="silent", url="https://s.example/a", last_success_at=now - timedelta(hours=3)
    )
    Source.objects.create(name="new", url="https://s.example/b")
    a_delivery(due_at=now - timedelta(minutes=10), expires_at=now + timedelta(hours=1))
    a_delivery(state="sent")
    a_subscriber(unsubscribed_at=now)

    told = figures(client, settings)

    assert told["papers_broker_up",] == 1
    assert told["papers_visible",] == 3
    assert told["papers_listed_today",] == 1
    assert told["papers_unembedded",] == 2
    assert told["papers_sources", "new"] == 1
    assert told["papers_sources", "broken"] == 0
    assert 3 * 3600 <= told["papers_source_last_success_age_seconds", "silent"] < 3 * 3600 + 60
    assert ("papers_source_last_success_age_seconds", "new") not in told
    assert told["papers_subscribers",] == 2
    assert told["papers_deliveries", "pending"] == told["papers_deliveries", "sent"] == 1
    assert told["papers_deliveries", "uncertain"] == 0
    assert 600 <= told["papers_oldest_due_delivery_age_seconds",] < 660


def test_name_of_a_source_cannot_break_the_format(client: Client, settings: LazySettings):
    name = 'a"b\\c\nd{}'
    Source.objects.create(name=name, url="https://s.example/a", last_success_at=timezone.now())

    assert ("papers_source_last_success_age_seconds", name) in figures(client, settings)


def test_staff_may_look(client: Client):
    client.force_login(a_user(is_staff=True))

    assert b"papers_visible" in client.get("/metrics").content


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", "Bearer é"]
)
@pytest.mark.parametrize("token", ["", TOKEN])
def test_nobody_else_may(given: str, token: str, client: Client, settings: LazySettings):
    settings.METRICS_TOKEN = token

    response = client.get("/metrics", headers={"Authorization": given})

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert "papers_visible" not in response.content.decode()


def test_reader_who_is_signed_in_may_not(client: Client):
    client.force_login(a_user())

    assert client.get("/metrics").status_code == 401
