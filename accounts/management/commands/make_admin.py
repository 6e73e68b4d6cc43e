"""Makes an administrator whose address counts as confirmed, also where no email can be sent."""

import os
import secrets
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from accounts.invitations import confirm_address
from accounts.models import User

PASSWORD_VARIABLE = "DJANGO_SUPERUSER_PASSWORD"  # as for Django's createsuperuser


class Command(BaseCommand):
    help = (
        "Make an administrator who signs in with this address, or make an existing account one."
        f" The password is asked for, or taken from {PASSWORD_VARIABLE}; without a terminal one is"
        " made and printed. Again is harmless: an existing password stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--new-password", action="store_true", help="also where there is one")
        parser.add_argument(
            "--reset-two-step",
            action="store_true",
            help="forget their app, passkeys and recovery codes, for somebody who lost them",
        )

    def handle(
        self, address: str, new_password: bool, reset_two_step: bool, **options: Any
    ) -> None:
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(f"“{address}” is no email address.") from None
        user = User.objects.filter(email__iexact=address).first() or User(email=address)
        is_new = user.pk is None
        if new_password or is_new or not user.has_usable_password():
            user.set_password(self._password(user))
        with transaction.atomic():
            user.is_active = user.is_staff = user.is_superuser = True
            user.save()
            confirm_address(user)
            if reset_two_step:
                Authenticator.objects.filter(user=user).delete()
        made = "is now an administrator" if is_new else "is an administrator"
        self.stdout.write(f"{user.email} {made}; the address counts as confirmed.")

    def _password(self, user: User) -> str:
        if password := os.environ.get(PASSWORD_VARIABLE, ""):
            return _checked(password, user)
        if not sys.stdin.isatty():
            password = secrets.token_urlsafe(12)
            self.stdout.write(f"Password (shown only now): {password}")
            return password
        password = getpass("Password: ")
        if getpass("The same again: ") != password:
            raise CommandError("The two passwords differ. Nothing was changed.")
        return _checked(password, user)


def _checked(password: str, user: User) -> str:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None
    return password
