"""The subscriber whose digest tells a reader of notifications, for the page of notifications."""

from allauth.account.models import EmailAddress
from django import template

from accounts.models import User
from subscriptions.models import Subscriber

register = template.Library()


@register.simple_tag
def digest_of_reader(reader: User) -> Subscriber | None:
    """At a confirmed address of the account, the next one due; None if no digest is planned."""
    confirmed = EmailAddress.objects.filter(user=reader, verified=True)
    planned = Subscriber.objects.active().filter(next_due_at__isnull=False)
    return planned.filter(address__in=confirmed.values("email")).order_by("next_due_at").first()
