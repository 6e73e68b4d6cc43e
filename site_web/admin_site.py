"""The admin's frame: its sidebar, the figures on its first page, and the policy it runs under."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone

from papers.models import Paper, Source
from subscriptions import mail_report
from subscriptions.models import Delivery

AT_A_GLANCE = 12
GROUPS = {
    "Papers": {
        "Paper": "article",
        "Topic": "sell",
        "PaperTopic": "rule",
        "Upvote": "arrow_drop_up",
        "Alias": "alternate_email",
        "Tombstone": "block",
        "EmbeddingJob": "search",
    },
    "Sources": {"Source": "rss_feed", "Poll": "sync", "Backfill": "history"},
    "Readers": {
        "User": "person",
        "EmailAddress": "mark_email_read",
        "Group": "group",
        "Subscriber": "mail",
        "Subscription": "playlist_add_check",
        "LogEntry": "edit_note",
    },
    "Mail": {
        "Issue": "newspaper",
        "Delivery": "outbox",
        "DeliveryPaper": "attach_email",
        "MailEvent": "mark_email_unread",
        "Suppression": "unsubscribe",
    },
}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """What this person may see, in our groups; what belongs to none stands last."""
    apps = admin.site.get_app_list(request)
    models = {model["object_name"]: model for app in apps for model in app["models"]}
    groups = [
        {
            "title": title,
            "items": [_item(models.pop(n), icon) for n, icon in names.items() if n in models],
        }
        for title, names in GROUPS.items()
    ]
    groups.append(
        {"title": "Other", "items": [_item(model, "circle") for model in models.values()]}
    )
    return [group for group in groups if group["items"]]


def _item(model: dict[str, Any], icon: str) -> dict[str, Any]:
    return {"title": model["name"], "icon": icon, "link": model["admin_url"]}


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """How the house is, each figure a link to what it counts."""
    now = timezone.now()
    papers, sources = Paper.objects.all(), Source.objects.all()
    today = timezone.localdate(now)
    figures = [
        ("On today's page", papers.listed(today, today).count(), _list("paper", listed_on=today)),
        ("In the queue", papers.queued().count(), _list("paper", where="queue")),
        (
            "Failing sources",
            sources.enabled().filter(failures__gt=0).count(),
            _list("source", state="failing"),
        ),
        (
            "Mails in doubt",
            Delivery.objects.filter(state=Delivery.State.UNCERTAIN).count(),
            _list("delivery", app="subscriptions", state__exact="uncertain"),
        ),
        (
            "Sample papers",
            papers.filter(is_sample=True).count(),
            _list("paper", is_sample__exact=1),
        ),
    ]
    return context | {
        "title": "The curators' desk",
        "figures": figures,
        "alarms": mail_report.alarms(now),
        "sources": sources.order_by("-failures", "name")[:AT_A_GLANCE],
        "deeds": LogEntry.objects.select_related("user", "content_type")[:AT_A_GLANCE],
    }


def _list(model: str, app: str = "papers", **filters: Any) -> str:
    return f"{reverse(f'admin:{app}_{model}_changelist')}?{urlencode(filters)}"


def icon(request: HttpRequest) -> str:
    return static("img/favicon.svg")


def stylesheet(request: HttpRequest) -> str:
    return static("css/admin.css")


def open_policy(site: AdminSite) -> None:
    """The theme's scripts evaluate, and its styles stand in the page: allowed here alone."""
    strict = site.admin_view
    relaxed = csp_update({"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]})

    def admin_view(view: Callable[..., HttpResponse], cacheable: bool = False) -> Any:
        return relaxed(strict(view, cacheable))

    site.admin_view = admin_view  # type: ignore[method-assign,assignment]
