"""Subscribers, their mail and where it stands, for curators."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from subscriptions.limits import limit
from subscriptions.models import (
    Delivery,
    DeliveryPaper,
    Issue,
    MailEvent,
    ScheduledRun,
    Subscriber,
    Subscription,
    Suppression,
)


class ReadOnly:
    """What the machine writes, people read."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SubscriptionInline(TabularInline):
    model = Subscription
    extra = 0
    autocomplete_fields = ["topic"]


@admin.register(Subscriber)
class SubscriberAdmin(ModelAdmin):
    list_display = [
        "address",
        "time_zone",
        "hour",
        "next_due_at",
        "confirmed_at",
        "unsubscribed_at",
        "soft_bounces",
    ]
    list_filter = [
        ("confirmed_at", admin.EmptyFieldListFilter),
        ("unsubscribed_at", admin.EmptyFieldListFilter),
        "subscriptions__frequency",
        "subscriptions__topic",
    ]
    search_fields = ["address"]
    raw_id_fields = ["user"]
    readonly_fields = [
        "next_due_at",
        "asked_at",
        "confirmation_sent_at",
        "confirmed_at",
        "unsubscribed_at",
        "consent_text",
        "consent_at",
        "consent_how",
        "created_at",
    ]
    inlines = [SubscriptionInline]
    actions = ["stop_mail", "suppress"]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.plan(timezone.now())

    @admin.action(description="Stop all mail to these addresses")
    def stop_mail(self, request: HttpRequest, subscribers: QuerySet[Subscriber]) -> None:
        for subscriber in subscribers:
            subscriber.unsubscribe(timezone.now())

    @admin.action(description="Never write to these addresses again")
    def suppress(self, request: HttpRequest, subscribers: QuerySet[Subscriber]) -> None:
        for subscriber in subscribers:
            Suppression.objects.add(subscriber.address, Suppression.Reason.CURATOR)


@admin.register(Subscription)
class SubscriptionAdmin(ModelAdmin):
    list_display = ["subscriber", "title", "frequency", "weekday", "min_upvotes", "max_papers"]
    list_filter = ["frequency", "what", "topic"]
    list_select_related = ["subscriber", "topic"]
    search_fields = ["subscriber__address", "topic__name", "words"]
    autocomplete_fields = ["subscriber", "topic"]


@admin.register(Issue)
class IssueAdmin(ModelAdmin):
    list_display = ["__str__", "state", "first_day", "last_day", "created_at"]
    list_filter = ["state", "frequency"]
    search_fields = ["period"]
    date_hierarchy = "first_day"
    fields = ["frequency", "period", "first_day", "last_day", "state", "created_at"]
    readonly_fields = ["frequency", "period", "first_day", "last_day", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


class ContentsInline(ReadOnly, TabularInline):
    model = DeliveryPaper
    fields = ["position", "section", "paper"]
    extra = 0


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "subscriber",
        "issue",
        "state",
        "due_at",
        "sent_at",
        "attempts",
        "last_error",
    ]
    list_filter = ["state", "issue__frequency"]
    list_select_related = ["subscriber", "issue"]
    search_fields = ["subscriber__address", "message_id", "issue__period"]
    date_hierarchy = "due_at"
    inlines = [ContentsInline]
    actions = ["send_again"]

    @admin.action(description="Send again (uncertain ones only)")
    def send_again(self, request: HttpRequest, deliveries: QuerySet[Delivery]) -> None:
        """Under the same Message-ID, so that a mailbox that has it may drop the second."""
        now = timezone.now()
        again = Delivery.objects.filter(
            pk__in=deliveries.values("pk"), state=Delivery.State.UNCERTAIN
        ).update(
            state=Delivery.State.PENDING,
            due_at=now,
            expires_at=now + limit("MAIL_STALE_SECONDS"),
        )
        self.message_user(request, f"{again} will be sent again with the next sweep.")


@admin.register(MailEvent)
class MailEventAdmin(ReadOnly, ModelAdmin):
    list_display = ["happened_at", "provider", "kind", "delivery"]
    list_filter = ["provider", "kind"]
    list_select_related = ["delivery__subscriber", "delivery__issue"]
    search_fields = ["event_id", "delivery__subscriber__address"]
    date_hierarchy = "happened_at"


@admin.register(Suppression)
class SuppressionAdmin(ModelAdmin):
    list_display = ["address_hash", "reason", "scope", "created_at"]
    list_filter = ["reason", "scope"]
    search_fields = ["address_hash"]
    readonly_fields = ["address_hash", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # nobody can type a hash: it is an action on subscribers


@admin.register(ScheduledRun)
class ScheduledRunAdmin(ReadOnly, ModelAdmin):
    list_display = ["name", "period", "state", "attempts", "lease_until"]
    list_filter = ["state", "name"]
    search_fields = ["name", "period"]
