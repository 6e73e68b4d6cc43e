"""Notifications about lists that curators made private."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import Q

KINDS = [
    ("submission", "What became of papers I added"),
    ("reply", "Replies to my comments"),
    ("own", "Papers of mine that are listed"),
    ("author", "New papers by authors I follow"),
    ("list", "Lists of mine that are made private"),
]


def is_of(subject: str, **kind: Any) -> Q:
    subjects = ("submission", "comment", "paper", "reading_list")
    return Q(**kind, **{f"{name}__isnull": name != subject for name in subjects})


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0003_curators_decide"),
        ("notifications", "0002_unread_count"),
        ("papers", "0030_reading_lists_in_the_log"),
    ]
    operations = [
        migrations.RemoveConstraint("notification", "notification_of_one_thing"),
        migrations.AddField(
            "notification",
            "reading_list",
            models.ForeignKey(
                "library.ReadingList", models.CASCADE, null=True, related_name="notifications"
            ),
        ),
        migrations.AlterField(
            "mailchoice",
            "kinds",
            ArrayField(models.CharField(choices=KINDS, max_length=12), blank=True, default=list),
        ),
        migrations.AlterField(
            "notification", "kind", models.CharField(choices=KINDS, max_length=12)
        ),
        migrations.AddConstraint(
            "notification",
            models.UniqueConstraint(
                fields=["reading_list", "happened_at"], name="one_notification_of_a_closed_list"
            ),
        ),
        migrations.AddConstraint(
            "notification",
            models.CheckConstraint(
                condition=is_of("submission", kind="submission")
                | is_of("comment", kind="reply")
                | is_of("paper", kind__in=["own", "author"])
                | is_of("reading_list", kind="list"),
                name="notification_of_one_thing",
            ),
        ),
    ]
