"""Sample papers go by themselves when the first real paper is listed, and are never mailed."""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.utils import timezone

from papers import tasks
from papers.ingest import samples
from papers.models import Paper
from selfhost import site_data
from subscriptions.issues import archive
from subscriptions.models import Issue
from subscriptions.sending import run
from tests.factories import a_paper, a_user
from tests.subscriptions.factories import a_subscriber

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_they_go_with_the_first_real_paper_on_a_page_and_the_desk_says_so_once(
    client: Client,
) -> None:
    admin = a_user(is_staff=True, is_superuser=True)
    count = samples.load()
    tasks.sweep()
    real = a_paper(listed_on=None)
    tasks.sweep()
    assert Paper.objects.count() == count + 1
    real.list_on(timezone.localdate())
    for _ in range(2):
        tasks.sweep()
    assert list(Paper.objects.all()) == [real]
    entry = LogEntry.objects.get()
    assert (entry.user, "62 sample papers" in entry.object_repr) == (admin, True)
    client.force_login(admin)
    assert "62 sample papers, removed by the site" in client.get("/admin/overview/").text


def test_one_that_a_curator_changed_stays() -> None:
    admin = a_user(is_staff=True, is_superuser=True)
    samples.load()
    kept = Paper.objects.filter(is_sample=True)[0]
    LogEntry.objects.log_actions(admin.pk, [kept], 2, change_message="Featured")
    real = a_paper()
    assert samples.remove_if_outdated() == 61
    assert set(Paper.objects.all()) == {kept, real}


def test_a_site_that_had_papers_gets_no_samples_at_its_next_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    samples.load()
    Paper.objects.all().delete()
    for name in ("_check_connections", "collect_static_files", "call_command"):
        monkeypatch.setattr(site_data, name, lambda *_, **__: None)
    site_data.prepare(lambda _: None, with_samples=True, with_sources=False)
    assert not Paper.objects.exists()


@pytest.mark.parametrize("compose", [run.run, archive.publish])
def test_they_are_in_no_digest_and_no_archive(compose: Callable[..., object]) -> None:
    samples.load()
    now = timezone.now()
    subscriber = a_subscriber()
    type(subscriber).objects.update(next_due_at=now)
    compose(now)
    assert mail.outbox == []
    assert not Issue.objects.exclude(papers=[]).exists()


def test_an_issue_that_was_published_with_them_shows_them_no_more(client: Client) -> None:
    real, sample = a_paper("Moss"), a_paper("Invented", is_sample=True)
    now = timezone.now()
    Issue.objects.create(
        frequency="daily",
        period="2025-03-14",
        first_day="2025-03-14",
        last_day="2025-03-14",
        papers=[sample.pk, real.pk],
        published_at=now,
    )
    for path in ("/digests", "/digests/daily/2025-03-14", "/feeds/digests.atom"):
        page = client.get(path).text
        assert "Moss" in page and "Invented" not in page
