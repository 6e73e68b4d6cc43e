"""Admin pages of subscribers and their subscriptions, and why an address gets no mail."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from unfold.admin import TabularInline

from accounts.admin_base import BaseAdmin, CountedDeletionMixin, label_column
from accounts.curator_notes import CuratorNotesMixin
from subscriptions import personal_data, why_no_mail
from subscriptions.admin.suppressions import AddressOrDomainField, ReasonForm, suppress
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


class AddressForm(forms.Form):
    address = AddressOrDomainField()


class SubscriptionInline(TabularInline):
    model = Subscription
    readonly_fields = ["problem"]
    extra = 0
    autocomplete_fields = ["topic"]


@admin.register(Subscriber)
class SubscriberAdmin(CountedDeletionMixin, CuratorNotesMixin):
    list_display = ["address", "standing", "time_zone", "hour", "next_due_at", "soft_bounces"]
    list_filter = [StatusFilter, "subscriptions__frequency", "subscriptions__topic"]
    search_fields = ["address"]
    readonly_fields = [
        *("next_due_at", "asked_at", "confirmation_sent_at", "confirmed_at", "unsubscribed_at"),
        *("paused_at", "consent_text", "consent_at", "consent_how", "created_at"),
    ]
    inlines = [SubscriptionInline]
    actions = ["pause", "resume", "stop_mail", "suppress", "erase"]
    list_before_template = "admin/subscriptions/subscriber/why_link.html"
    change_form_outer_before_template = "admin/subscriptions/subscriber/mail_facts.html"

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

    @admin.action(description="Never write to these addresses again…", permissions=["suppress"])
    def suppress(
        self, request: HttpRequest, subscribers: QuerySet[Subscriber]
    ) -> HttpResponse | None:
        """A page that asks how much ends and why; its form comes back here."""
        form = ReasonForm(request.POST if "note" in request.POST else None)
        if not form.is_valid():
            context = {"title": "Never write again", "subscribers": subscribers, "form": form}
            return self._page(request, "suppress", context)
        answers = form.cleaned_data
        summary = f"Suppressed ({Suppression.Scope(answers['scope']).label}): {answers['note']}"
        self.apply_to_rows(
            request, subscribers, summary, lambda subscriber: suppress(subscriber.address, answers)
        )
        return None

    @admin.action(description="Delete all that is held about them", permissions=["delete"])
    def erase(self, request: HttpRequest, subscribers: QuerySet[Subscriber]) -> None:
        """The log says that it was done, but not for which address."""
        addresses = list(subscribers.values_list("address", flat=True))
        for address in addresses:
            personal_data.erase(address)
        self.report_success(request, "Deleted with all that was held about them", len(addresses))

    # --- Why did they get no mail? ---

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        subscriber = self.get_object(request, object_id)
        if subscriber:
            facts = why_no_mail.read_facts(subscriber.address, subscriber)
            options["extra_context"] = _shown(facts)
        response: HttpResponse = super().change_view(request, object_id, *args, **options)
        return response

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.why)
        return [path("why/", page, name="subscriptions_subscriber_why"), *super().get_urls()]

    def why(self, request: HttpRequest) -> HttpResponse:
        """The answer for any address or domain; `lift` undoes the suppression that it names.

        By POST, so that no log of a proxy has the address.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = AddressForm(request.POST if request.method == "POST" else None)
        context: dict[str, Any] = {"title": "Why did they get no mail?", "form": form}
        if form.is_valid():
            address = form.cleaned_data["address"]
            if lifted := request.POST.get("lift"):
                self._lift(request, lifted)
            if subscriber := Subscriber.objects.by_address(address):
                return self.redirect_to(request, "subscriptions_subscriber_change", subscriber.pk)
            context |= _shown(why_no_mail.read_facts(address))
        return self._page(request, "why", context)

    def _lift(self, request: HttpRequest, target: str) -> None:
        if not request.user.has_perm("subscriptions.delete_suppression"):
            raise PermissionDenied
        rows = list(Suppression.objects.only_of(target))
        self.log_changes(request, rows, "Undone")
        if Suppression.objects.lift(target):
            self.message_user(request, f"Mail to {target} may go again.", messages.SUCCESS)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/subscriptions/subscriber/{name}.html", context)


def _shown(facts: why_no_mail.MailFacts) -> dict[str, Any]:
    return {"facts": facts, "answer": why_no_mail.explain(facts)}


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
