"""The admin site: its login, its content security policy, its sidebar and its dashboard."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import secure_admin_login
from csp.decorators import csp_update
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.core.paginator import InvalidPage
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from unfold.sites import UnfoldAdminSite

import desk.urls
import desk.views
from accounts import second_step
from accounts.admin_base import visible_by_model
from papers.models import Paper, Source
from site_web import overview_charts
from subscriptions import mail_report
from subscriptions.models import Delivery, Issue

MAX_DASHBOARD_ROWS = 12  # of sources, and of log entries
SIDEBAR_GROUPS = {  # model names, with icons of Material Symbols
    "Papers": {
        "Paper": "article",
        "Submission": "add_notes",
        "Report": "flag",
        "Topic": "sell",
        "PaperTopic": "rule",
        "Upvote": "arrow_drop_up",
        "VoteRing": "hub",
        "Alias": "alternate_email",
        "Tombstone": "block",
        "EmbeddingJob": "search",
    },
    "Sources": {"Source": "rss_feed", "Poll": "sync", "Backfill": "history"},
    "Readers": {
        "User": "person",
        "EmailAddress": "mark_email_read",
        "Authenticator": "key",
        "SocialAccount": "link",
        "Group": "group",
        "Subscriber": "mail",
        "Subscription": "playlist_add_check",
        "Comment": "forum",
        "ReadingList": "bookmarks",
        "Claim": "badge",
        "CuratorNote": "sticky_note_2",
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


class CurationAdminSite(UnfoldAdminSite):
    """unfold's admin site, with allauth's login page: that one has rate limits.

    The theme's scripts call eval, and its pages hold styles, so that its content security policy
    allows both; on all other pages of the site they stay forbidden.
    """

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response: HttpResponse = super().login(request, extra_context)
        return response

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Any:
        relax_policy = csp_update(
            {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"]}
        )
        return relax_policy(super().admin_view(_after_second_step(view), cacheable))

    def get_urls(self) -> list[Any]:
        desk_pages = [
            path(f"desk/{address}", self.admin_view(view), name=name)
            for address, view, name in desk.urls.PAGES
        ]
        overview = path("overview/", self.admin_view(self.overview), name="overview")
        return [overview, *desk_pages, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The desk for those who curate, the overview for everybody else."""
        if desk.views.may_curate(request):
            return desk.views.desk(request)
        return self.overview(request)

    def overview(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = super().index(request)
        return response

    def search(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        try:
            response: HttpResponse = super().search(request, extra_context)
        except (ValueError, InvalidPage):  # of `page`, which the theme does not check
            raise Http404 from None
        return response


def _after_second_step(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lead staff who must set up two-step sign-in to its page."""

    @wraps(view)
    def view_or_redirect(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        if second_step.must_be_set_up(request.user):
            return redirect("mfa_index")
        return view(request, *args, **options)

    return view_or_redirect


def sidebar_groups(request: HttpRequest) -> list[dict[str, Any]]:
    """The models that this user may see, grouped; models of no group stand last."""
    apps = admin.site.get_app_list(request)
    models = {model["object_name"]: model for app in apps for model in app["models"]}
    groups = [
        {
            "title": title,
            "items": [
                _sidebar_item(models.pop(name), icon)
                for name, icon in names.items()
                if name in models
            ],
        }
        for title, names in SIDEBAR_GROUPS.items()
    ]
    pages = [{"title": "Overview", "icon": "monitoring", "link": reverse("admin:overview")}]
    if desk.views.may_curate(request):
        pages.insert(0, {"title": "Desk", "icon": "inbox", "link": reverse("admin:index")})
    groups.insert(0, {"title": "Today", "items": pages})
    groups.append(
        {"title": "Other", "items": [_sidebar_item(model, "circle") for model in models.values()]}
    )
    return [group for group in groups if group["items"]]


def _sidebar_item(model: dict[str, Any], icon: str) -> dict[str, Any]:
    return {"title": model["name"], "icon": icon, "link": model["admin_url"]}


def dashboard_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Figures, each with a link to the rows it counts; alarms, sources and the last changes.

    Each only for those who may open the rows that it is about.
    """

    def may_view(model: type[Model]) -> bool:
        return bool(admin.site._registry[model].has_view_permission(request))

    now = timezone.now()
    log_entries = LogEntry.objects.select_related("user", "content_type")
    return (
        context
        | overview_charts.context(request, now)
        | {
            "title": "Overview",
            "figures": [
                (name, rows.count(), link)
                for name, rows, link in _figures(now)
                if may_view(rows.model)
            ],
            "alarms": mail_report.alarms(now) if may_view(Issue) else [],
            "shows_sources": may_view(Source),
            "sources": Source.objects.order_by("-failures", "name")[:MAX_DASHBOARD_ROWS],
            "log_entries": visible_by_model(request, log_entries)[:MAX_DASHBOARD_ROWS],
        }
    )


def _figures(now: datetime) -> list[tuple[str, "QuerySet[Any]", str]]:
    papers, sources = Paper.objects.all(), Source.objects.all()
    today = timezone.localdate(now)
    uncertain = Delivery.objects.filter(state=Delivery.State.UNCERTAIN)
    return [
        (
            "On today's page",
            papers.listed(today, today),
            _changelist_url("paper", listed_on=today),
        ),
        ("In the queue", papers.queued(), _changelist_url("paper", where="queue")),
        (
            "Failing sources",
            sources.enabled().filter(failures__gt=0),
            _changelist_url("source", state="failing"),
        ),
        (
            "Mails in doubt",
            uncertain,
            _changelist_url("delivery", app="subscriptions", state__exact="uncertain"),
        ),
        (
            "Sample papers",
            papers.filter(is_sample=True),
            _changelist_url("paper", is_sample__exact=1),
        ),
    ]


def _changelist_url(model: str, app: str = "papers", **filters: Any) -> str:
    return f"{reverse(f'admin:{app}_{model}_changelist')}?{urlencode(filters)}"


def icon_url(request: HttpRequest) -> str:
    return static("img/favicon.svg")


def stylesheet_url(request: HttpRequest) -> str:
    return static("css/admin.css")


def script_url(request: HttpRequest) -> str:
    return static("js/admin_keys.js")
