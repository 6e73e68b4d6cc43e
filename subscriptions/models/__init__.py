"""What is stored about subscriptions, one file for each noun."""

from subscriptions.models.delivery import Delivery, DeliveryPaper, Issue, ScheduledRun
from subscriptions.models.mail import MailEvent, Suppression, SuppressionKey
from subscriptions.models.subscriber import Frequency, Subscriber, Subscription

__all__ = [
    "Delivery",
    "DeliveryPaper",
    "Frequency",
    "Issue",
    "MailEvent",
    "ScheduledRun",
    "Subscriber",
    "Subscription",
    "Suppression",
    "SuppressionKey",
]
