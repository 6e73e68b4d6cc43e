"""Notifications, and of which kinds a reader gets emails."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("notifications", "0001_notifications"),
        ("notifications", "0003_mailed_at"),
        ("notifications", "0004_replies_and_claims"),
    ]
    dependencies = [
        ("comments", "0001_comments_and_votes"),
        ("papers", "0006_submissions_and_reports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="MailChoice",
            fields=[
                (
                    "reader",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="mail_choice",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "kinds",
                    ArrayField(
                        models.CharField(
                            choices=[
                                ("submission", "What became of papers I added"),
                                ("reply", "Replies to my comments"),
                                ("own", "Papers of mine that are listed"),
                                ("author", "New papers by authors I follow"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ID,
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("submission", "What became of papers I added"),
                            ("reply", "Replies to my comments"),
                            ("own", "Papers of mine that are listed"),
                            ("author", "New papers by authors I follow"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=300)),
                ("happened_at", models.DateTimeField(default=timezone.now)),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "mail_wanted",
                    models.BooleanField(default=False, verbose_name="wants an email about it"),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="notifications",
                        to="papers.Paper",
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="notifications",
                        to="papers.Submission",
                    ),
                ),
                ("mailed_at", models.DateTimeField(null=True)),
                (
                    "comment",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="notifications",
                        to="comments.Comment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index("reader", F("happened_at").desc(), name="notifications_of_reader"),
                    models.Index("reader", condition=Q(read_at=None), name="unread_notifications"),
                    models.Index(
                        "happened_at",
                        condition=Q(mail_wanted=True, mailed_at=None),
                        name="notifications_to_mail",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reader", "kind", "paper"), name="one_notification_of_a_paper"
                    ),
                    models.UniqueConstraint(
                        fields=("reader", "submission"), name="one_notification_of_a_submission"
                    ),
                    models.UniqueConstraint(
                        fields=("reader", "comment"), name="one_notification_of_a_comment"
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            comment=None, kind="submission", paper=None, submission__isnull=False
                        )
                        | Q(comment__isnull=False, kind="reply", paper=None, submission=None)
                        | Q(
                            comment=None,
                            kind__in=["own", "author"],
                            paper__isnull=False,
                            submission=None,
                        ),
                        name="notification_of_one_thing",
                    ),
                ],
            },
        ),
    ]
