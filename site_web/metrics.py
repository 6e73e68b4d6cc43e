"""Figures for a monitor, as Prometheus reads them: read from the rows when they are asked for.

So every process tells the same, and none of it is lost with one. What processes know of themselves
(memory, time) is for the container engine to tell.
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
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_monitor(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_TOKEN
    if not expected or scheme.lower() != "bearer":
        return False
    return compare_digest(token.strip().encode(), expected.encode())


class _Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        broker = float(healthz.broker() == "ok")
        yield GaugeMetricFamily("papers_broker_up", "Whether the broker answers.", broker)

        papers, listed = Paper.objects.visible(), Paper.objects.listed(timezone.localdate(now))
        yield GaugeMetricFamily("papers_visible", "Papers that can be read.", papers.count())
        yield GaugeMetricFamily("papers_listed_today", "Papers on today's page.", listed.count())
        waiting = EmbeddingJob.objects.unfinished().count()
        yield GaugeMetricFamily("papers_unembedded", "Papers that wait to be embedded.", waiting)
        holes = Backfill.objects.due(now).count()
        yield GaugeMetricFamily("papers_backfills_due", "Missed days to be asked for.", holes)

        sources = report(now)
        found = dict.fromkeys(State, 0) | Counter(source.state for source in sources)
        yield _by("papers_sources", "Sources by how they do.", "state", found)
        silences = {
            it.source.name: (now - it.source.last_success_at).total_seconds()
            for it in sources
            if it.source.last_success_at and it.state is not State.DISABLED
        }
        yield _by(
            "papers_source_silence_seconds", "Since its last good answer.", "source", silences
        )

        readers = Subscriber.objects.active().count()
        yield GaugeMetricFamily("papers_subscribers", "Addresses that get mail.", readers)
        issues = Issue.objects.filter(created_at__gte=now - ALARM_WINDOW)
        states = Delivery.objects.filter(issue__in=issues).by_state()
        every = dict.fromkeys(Delivery.State.values, 0) | states
        yield _by("papers_deliveries", "Digests of nine days by where they stand.", "state", every)
        first = Delivery.objects.to_do(now).aggregate(Min("due_at"))["due_at__min"]
        late = (now - first).total_seconds() if first else 0
        yield GaugeMetricFamily("papers_mail_late_seconds", "Of the digest due longest.", late)


def _by(name: str, what: str, label: str, values: Mapping[Any, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=[label])
    for value, number in values.items():
        family.add_metric([str(value)], number)
    return family
