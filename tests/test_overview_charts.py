"""The charts of the admin's overview: counts by day, ages of the queue, and who sees what."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from papers.models import EmptySearch, Paper
from site_web.overview_charts import Chart, counts_by_day, queue_ages
from tests.factories import MARCH_14, a_paper
from tests.subscriptions.factories import FRIDAY_8AM, a_subscriber
from tests.test_permissions import client_of

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@time_machine.travel(FRIDAY_8AM, tick=False)
def test_counts_by_day_and_ages_of_the_queue() -> None:
    days = [MARCH_14 - ago * A_DAY for ago in (2, 1, 0)]
    for listed_on in (days[0], days[2], days[2], days[0] - A_DAY):
        a_paper(listed_on=listed_on)
    assert counts_by_day(Paper.objects.all(), "listed_on", days) == [1, 0, 2]
    now = timezone.now()
    for age in (0, 2, 3, 8, 40):
        a_paper(listed_on=None, listing_wanted=True, created_at=now - age * A_DAY)
    assert [count for _, count in queue_ages(Paper.objects.queued(), now)] == [1, 2, 1, 1]
    assert counts_by_day(Paper.objects.all(), "created_at", days)[0] == 1


def test_a_single_row_among_many_is_drawn() -> None:
    chart = Chart("Upvotes", [1_000, 1, 0])
    assert [bar["height"] for bar in chart.bars] == ["60.0", "1.0", "0.0"]
    assert [bar["height"] for bar in Chart("Upvotes", [0]).bars] == ["0.0"]


def test_each_role_sees_the_charts_of_its_rows() -> None:
    a_subscriber()
    EmptySearch.objects.note("<moss>", timezone.localdate())
    page = client_of("curator").get("/admin/overview/").text
    assert '?q=%3Cmoss%3E">&lt;moss&gt;</a>' in page
    assert "Upvotes:" in page and "In the queue, by" in page
    assert "New subscribers" not in page and "Digests sent" not in page
