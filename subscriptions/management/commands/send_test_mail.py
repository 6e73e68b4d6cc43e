"""Sends one email with the settings in force, and says what the relay answered."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from accounts.mail_errors import MAIL_ERRORS, describe
from subscriptions.sending import emails


class Command(BaseCommand):
    help = "Send one email with the settings in force, and say what the relay answered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")

    def handle(self, address: str, **options: Any) -> None:
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(f"“{address}” is no email address.") from None
        backend = get_connection()
        place = _place()
        try:
            backend.open()
            backend.send_messages([emails.test_mail(address)])
        except MAIL_ERRORS as error:
            raise CommandError(f"Not sent. {place}: {describe(error)}") from None
        relay = getattr(backend, "connection", None)
        reply = getattr(relay, "final_reply", "") or "taken"
        backend.close()
        self.stdout.write(f"Sent. {place}: {reply}")
        if settings.SENDING_HELD:
            self.stdout.write("SENDING_HELD is set: digests and confirmation emails are held.")


def _place() -> str:
    match settings.EMAIL_BACKEND:
        case "subscriptions.sending.smtp.EmailBackend":
            return f"{settings.EMAIL_HOST} port {settings.EMAIL_PORT}"
        case "selfhost.outbox.EmailBackend":
            return f"EMAIL_URL is not set, so a file in {settings.EMAIL_FILE_PATH}"
        case backend:
            return backend.removesuffix(".EmailBackend")
