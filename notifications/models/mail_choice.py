"""MailChoice: about which kinds of events a reader wants an email; without a row, about none.

A paper that they add has a choice of its own on the form (`Submission.mail_wanted`).
"""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from notifications.models.notification import Notification
from papers.models import Submission

if TYPE_CHECKING:
    from accounts.models import User


class MailChoiceQuerySet(models.QuerySet["MailChoice"]):
    def kinds_of(self, reader: "User") -> list[str]:
        return next(iter(self.filter(reader=reader).values_list("kinds", flat=True)), [])

    def choose(self, reader: "User", kinds: Collection[str]) -> None:
        """Email about these kinds from now on. Events that were noted before are not changed."""
        self.update_or_create(reader=reader, defaults={"kinds": sorted(kinds)})

    @transaction.atomic
    def stop(self, readers: Iterable[int]) -> None:
        """No more email about anything, also about what has happened or was wished before.

        `readers` are primary keys. Again changes nothing.
        """
        readers = list(readers)
        self.filter(reader__in=readers).update(kinds=[])
        wanted = Notification.objects.filter(reader__in=readers, mail_wanted=True)
        wanted.update(mail_wanted=False)
        wishes = Submission.objects.filter(submitter__in=readers, mail_wanted=True)
        wishes.update(mail_wanted=False)


class MailChoice(models.Model):
    reader = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="mail_choice"
    )
    kinds = ArrayField(
        models.CharField(max_length=12, choices=Notification.Kind), default=list, blank=True
    )

    objects = MailChoiceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Email to {self.reader}: {', '.join(self.kinds) or 'none'}"
