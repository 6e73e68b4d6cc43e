"""/metrics: gauges for Prometheus, computed from the database at each request.

So every process gives the same figures, and none is lost with a process. Figures of a process
itself, such as memory, are for the container engine to measure.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from secrets import compare_digest
from typing import Any

from django.conf import settings
from django.db.models import Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from papers.ingest.source_health import State, report
from papers.models import Backfill, EmbeddingJob, Paper
from site_web import healthz
from subscriptions.mail_report import ALARM_WINDOW
from subscriptions.models import Delivery, Issue, Subscriber

REFUSAL = "Only staff may read this, or who sends the METRICS_TOKEN as a bearer token.\n"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For staff, and for `Authorization: Bearer METRICS_TOKEN` (RFC 6750)."""
    if not (request.user.is_staff or _is_monitor(request)):
        refused = HttpResponse(REFUSAL, content_type="text/plain; charset=utf-8", status=401)
        refused["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refused
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_SiteCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_monitor(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_TOKEN
    if not expected or scheme.lower() != "bearer":
        return False
    return compare_digest(token.strip().encode(), expected.encode())


class _SiteCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        broker = float(healthz.broker() == "ok")
        yield GaugeMetricFamily("papers_broker_up", "Whether the broker answers.", broker)

        real = Paper.objects.filter(is_sample=False)
        papers, listed = real.visible(), real.listed(timezone.localdate(now))
        yield GaugeMetricFamily("papers_visible", "Papers that can be read.", papers.count())
        yield GaugeMetricFamily("papers_listed_today", "Papers on today's page.", listed.count())
        waiting = EmbeddingJob.objects.unfinished().count()
        yield GaugeMetricFamily("papers_unembedded", "Papers that wait to be embedded.", waiting)
        backfills = Backfill.objects.due(now).count()
        yield GaugeMetricFamily("papers_backfills_due", "Backfills that are due.", backfills)

        sources = report(now)
        states = dict.fromkeys(State, 0) | Counter(source.state for source in sources)
        yield _by("papers_sources", "Sources by state.", "state", states)
        ages = {
            health.source.name: (now - health.source.last_success_at).total_seconds()
            for health in sources
            if health.source.last_success_at and health.state is not State.DISABLED
        }
        name = "papers_source_last_success_age_seconds"
        yield _by(name, "Time since the last successful poll.", "source", ages)

        readers = Subscriber.objects.active().count()
        yield GaugeMetricFamily("papers_subscribers", "Confirmed, active addresses.", readers)
        issues = Issue.objects.filter(created_at__gte=now - ALARM_WINDOW)
        deliveries = Delivery.objects.filter(issue__in=issues).count_by_state()
        deliveries = dict.fromkeys(Delivery.State.values, 0) | deliveries
        yield _by("papers_deliveries", "Digests of the last days by state.", "state", deliveries)
        oldest_due = Delivery.objects.due(now).aggregate(Min("due_at"))["due_at__min"]
        age = (now - oldest_due).total_seconds() if oldest_due else 0
        name = "papers_oldest_due_delivery_age_seconds"
        yield GaugeMetricFamily(name, "How overdue the most overdue digest is.", age)


def _by(name: str, help_text: str, label: str, values: Mapping[Any, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for value, number in values.items():
        family.add_metric([str(value)], number)
    return family
