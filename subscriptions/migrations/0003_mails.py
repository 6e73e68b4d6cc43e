"""Mails about notifications, what became of mails, and how fast they may leave."""

from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    replaces = [
        ("subscriptions", "0009_sent_mark"),
    ]
    dependencies = [
        ("subscriptions", "0002_digests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="NotificationMail",
            fields=[
                ID,
                ("day", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sending", "sending"),
                            ("sent", "sent"),
                            ("deferred", "deferred"),
                            ("failed", "failed"),
                        ],
                        default="sending",
                        max_length=10,
                    ),
                ),
                ("retry_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(blank=True)),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="notification_mails",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reader", "day"), name="one_notification_mail_of_a_day"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="MailEvent",
            fields=[
                ID,
                ("provider", models.CharField(max_length=40)),
                ("event_id", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=40)),
                ("said", models.JSONField(default=dict)),
                ("happened_at", models.DateTimeField(default=timezone.now)),
                (
                    "delivery",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="events",
                        to="subscriptions.Delivery",
                    ),
                ),
            ],
            options={
                "ordering": ["-happened_at"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("provider", "event_id"), name="events_count_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Pace",
            fields=[
                ID,
                ("domain", models.CharField(max_length=255, unique=True)),
                ("next_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SentMark",
            fields=[
                ID,
                ("at", models.DateTimeField()),
            ],
        ),
    ]
