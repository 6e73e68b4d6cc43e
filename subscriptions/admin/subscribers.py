"""Admin pages of subscribers and their subscriptions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import TabularInline

from accounts.admin_base import BaseAdmin, CountedDeletionMixin, label_column
from subscriptions import personal_data
from subscriptions.models import Subscriber, Subscription, Suppression


class StatusFilter(admin.SimpleListFilter):
    title = "standing"
    parameter_name = "standing"

    def lookups(self, *args: object) -> list[tuple[str, str]]:
        return [(name, name) for name in ("active", "paused", "left", "unconfirmed")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "active":
                return queryset.active()
            case "paused":
                return queryset.filter(unsubscribed_at=None).exclude(paused_at=None)
            case "left":
                return queryset.exclude(unsubscribed_at=None)
            case "unconfirmed":
                return queryset.filter(confirmed_at=None)
        return queryset


class SubscriptionInline(TabularInline):
    model = Subscription
    readonly_fields = ["problem"]
    extra = 0
    autocomplete_fields = ["topic"]


@admin.register(Subscriber)
class SubscriberAdmin(CountedDeletionMixin, BaseAdmin):
    list_display = ["address", "standing", "time_zone", "hour", "next_due_at", "soft_bounces"]
    list_filter = [StatusFilter, "subscriptions__frequency", "subscriptions__topic"]
    search_fields = ["address"]
    readonly_fields = [
        *("next_due_at", "asked_at", "confirmation_sent_at", "confirmed_at", "unsubscribed_at"),
        *("paused_at", "consent_text", "consent_at", "consent_how", "created_at"),
    ]
    inlines = [SubscriptionInline]
    actions = ["pause", "resume", "stop_mail", "suppress", "erase"]

    @label_column("standing", active="success", paused="warning", left="danger", unconfirmed="info")
    def standing(self, subscriber: Subscriber) -> str:
        if not subscriber.is_confirmed:
            return "left" if subscriber.unsubscribed_at else "unconfirmed"
        return "paused" if subscriber.paused_at else "active"

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.schedule_next_issue(timezone.now())

    @admin.action(description="Pause all mail", permissions=["change"])
    def pause(self, request: HttpRequest, subscribers: QuerySet[Subscriber]) -> None:
        now = timezone.now()
        self.apply_to_rows(request, subscribers, "Paused", lambda subscriber: subscriber.pause(now))

    @admin.action(description="Go on with the mail", permissions=["change"])
    def resume(self, request: HttpRequest, subscribers: QuerySet[Subscriber]) -> None:
        now = timezone.now()
        self.apply_to_rows(
            request, subscribers, "Resumed", lambda subscriber: subscriber.resume(now)
        )

    @admin.action(description="Stop all mail to these addresses", permissions=["change"])
    def stop_mail(self, request: HttpRequest, subscribers: QuerySet[Subscriber]) -> None:
        now = timezone.now()
        self.apply_to_rows(
            request, subscribers, "Stopped", lambda subscriber: subscriber.unsubscribe(now)
        )

    def has_suppress_permission(self, request: HttpRequest) -> bool:
        may_add = request.user.has_perm("subscriptions.add_suppression")
        return may_add and self.has_change_permission(request)

    @admin.action(description="Never write to these addresses again", permissions=["suppress"])
    def suppress(self, request: HttpRequest, subscribers: QuerySet[Subscriber]) -> None:
        reason = Suppression.Reason.CURATOR
        self.apply_to_rows(
            request,
            subscribers,
            "Suppressed",
            lambda subscriber: Suppression.objects.add(subscriber.address, reason),
        )

    @admin.action(description="Delete all that is held about them", permissions=["delete"])
    def erase(self, request: HttpRequest, subscribers: QuerySet[Subscriber]) -> None:
        """The log says that it was done, but not for which address."""
        addresses = list(subscribers.values_list("address", flat=True))
        for address in addresses:
            personal_data.erase(address)
        self.report_success(request, "Deleted with all that was held about them", len(addresses))


@admin.register(Subscription)
class SubscriptionAdmin(BaseAdmin):
    list_display = [
        *("subscriber", "title", "frequency", "weekday", "min_upvotes", "max_papers", "problem"),
    ]
    list_filter = ["frequency", "what", ("problem", admin.EmptyFieldListFilter), "topic"]
    readonly_fields = ["problem"]
    list_select_related = ["subscriber", "topic"]
    search_fields = ["subscriber__address", "topic__name", "words"]
    autocomplete_fields = ["subscriber", "topic"]
