"""Reads one mail that an MTA pipes in: a bounce, or an unsubscribe by mail."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from subscriptions.bounces import incoming_mail

RECIPIENT_VARIABLES = ("ORIGINAL_RECIPIENT", "RECIPIENT")


class Command(BaseCommand):
    help = "Take one mail from standard input: a bounce, or an unsubscribe by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to", action="append", default=[], help="whom it was for, where no header says so"
        )

    def handle(self, to: list[str], **options: Any) -> None:
        raw = sys.stdin.buffer.read(incoming_mail.MAX_MAIL_BYTES)
        while sys.stdin.buffer.read(incoming_mail.MAX_MAIL_BYTES):
            pass  # read to the end: an MTA takes a closed pipe for a failure
        recipients = [*to, *(os.environ.get(name, "") for name in RECIPIENT_VARIABLES)]
        try:
            self.stdout.write(incoming_mail.receive(raw, recipients, timezone.now()))
        except (OperationalError, InterfaceError) as error:
            self.stderr.write(f"The database cannot be reached: {error}")
            sys.exit(os.EX_TEMPFAIL)  # the MTA keeps the mail and tries again
