"""Database models of subscriptions and mail, one file for each noun."""

from subscriptions.models.delivery import Delivery
from subscriptions.models.delivery_paper import DeliveryPaper
from subscriptions.models.issue import Issue
from subscriptions.models.mail import MailEvent, Suppression, SuppressionKey
from subscriptions.models.notification_mail import NotificationMail
from subscriptions.models.send_rate import Pace
from subscriptions.models.sent_mark import SentMark
from subscriptions.models.subscriber import Subscriber
from subscriptions.models.subscription import Frequency, Subscription

__all__ = [
    "Delivery",
    "DeliveryPaper",
    "Frequency",
    "Issue",
    "MailEvent",
    "NotificationMail",
    "Pace",
    "SentMark",
    "Subscriber",
    "Subscription",
    "Suppression",
    "SuppressionKey",
]
