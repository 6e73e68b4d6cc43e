"""Admin pages of deliveries and mail events, and the chart of a month."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from unfold.admin import TabularInline

from accounts.admin_base import ReadOnlyAdmin, label_column
from subscriptions import mail_report
from subscriptions.models import Delivery, DeliveryPaper, MailEvent

CHART_DAYS = 30


class PapersInline(TabularInline):
    model = DeliveryPaper
    fields = readonly_fields = ["position", "section", "paper"]
    extra = 0
    can_delete = False

    def has_add_permission(self, *args: object) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[DeliveryPaper]":
        papers: QuerySet[DeliveryPaper] = super().get_queryset(request)
        return papers.select_related("paper", "delivery__issue", "delivery__subscriber")


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["subscriber", "issue", "where", "due_at", "sent_at", "attempts", "last_error"]
    list_filter = ["state", "issue__frequency"]
    list_select_related = ["subscriber", "issue"]
    search_fields = ["subscriber__address", "message_id", "issue__period"]
    show_full_result_count = False
    date_hierarchy = "due_at"
    inlines = [PapersInline]
    actions = ["send_again"]
    list_before_template = "admin/subscriptions/delivery/links.html"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # without the row of a mail it might be sent again

    @label_column(
        "state",
        sent="success",
        failed="danger",
        suppressed="danger",
        uncertain="warning",
        deferred="warning",
    )
    def where(self, delivery: Delivery) -> str:
        return delivery.state

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("subscriptions.change_delivery")

    @admin.action(description="Send again (uncertain ones only)", permissions=["send_again"])
    def send_again(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        now = timezone.now()
        again = [delivery for delivery in deliveries if delivery.send_again(now)]
        self.log_changes(request, again, "To be sent again")
        self.report_success(request, "To be sent again", len(again))
        if skipped := len(deliveries) - len(again):
            self.message_user(request, f"Not in doubt, so left: {skipped}.", messages.WARNING)

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.deliverability)
        name = "subscriptions_delivery_deliverability"
        return [path("deliverability/", page, name=name), *super().get_urls()]

    def deliverability(self, request: HttpRequest) -> HttpResponse:
        """Counts without addresses, so for all who may look at issues."""
        if not request.user.has_perm("subscriptions.view_issue"):
            raise PermissionDenied
        today = timezone.localdate()
        days = mail_report.days(today - timedelta(days=CHART_DAYS - 1), today)
        context = self.admin_site.each_context(request) | {
            "title": "How the mail fares",
            "opts": self.opts,
            "days": days,
            "bars": bars(days),
            "most": max(day.tried for day in days),
            "alarms": mail_report.alarms(timezone.now()),
            "deliveries": reverse("admin:subscriptions_delivery_changelist"),
        }
        return TemplateResponse(
            request, "admin/subscriptions/delivery/deliverability.html", context
        )


CHART_HEIGHT, BAR_WIDTH, BAR_GAP = 160, 24, 6  # units of the SVG


def bars(days: list[mail_report.Day]) -> list[dict[str, Any]]:
    """A column for each day: from the bottom up the sent, the uncertain, the failed mails."""
    most = max((day.tried for day in days), default=0) or 1
    columns = []
    for place, day in enumerate(days):
        y, parts = float(CHART_HEIGHT), []
        for name, count in (("sent", day.sent), ("doubt", day.uncertain), ("bad", day.failed)):
            height = (
                max(CHART_HEIGHT * count / most, 2.0) if count else 0.0
            )  # at least 2, so that a few failures are visible
            y -= height
            parts.append({"name": name, "y": f"{y:.1f}", "height": f"{height:.1f}"})
        x = place * (BAR_WIDTH + BAR_GAP)
        columns.append({"day": day, "x": x, "middle": x + BAR_WIDTH // 2, "parts": parts})
    return columns


@admin.register(MailEvent)
class MailEventAdmin(ReadOnlyAdmin):
    list_display = ["happened_at", "provider", "kind", "delivery"]
    list_filter = ["provider", "kind"]
    list_select_related = ["delivery__subscriber", "delivery__issue"]
    search_fields = ["event_id", "delivery__subscriber__address"]
    date_hierarchy = "happened_at"
