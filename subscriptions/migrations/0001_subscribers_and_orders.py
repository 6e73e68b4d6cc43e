"""Subscribers, what they ordered, and addresses that get no mail."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("subscriptions", "0001_subscribers"),
        ("subscriptions", "0006_mailboxes_and_used_links"),
        ("subscriptions", "0007_fill_mailboxes"),
        ("subscriptions", "0008_problem_of_subscription"),
        ("subscriptions", "0012_suppressed_domains"),
    ]
    dependencies = [("papers", "0002_topics_and_their_sources")]
    operations = [
        migrations.CreateModel(
            name="Subscriber",
            fields=[
                ID,
                (
                    "address",
                    models.EmailField(max_length=254, unique=True, verbose_name="mail address"),
                ),
                ("time_zone", models.CharField(default="UTC", max_length=60)),
                (
                    "hour",
                    models.PositiveSmallIntegerField(
                        default=7, help_text="Local, 0 to 23.", validators=[MaxValueValidator(23)]
                    ),
                ),
                ("next_due_at", models.DateTimeField(blank=True, null=True)),
                ("asked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "wishes",
                    models.JSONField(
                        blank=True,
                        editable=False,
                        help_text="What was asked for, until the mail that carries it in its link has left.",
                        null=True,
                    ),
                ),
                ("confirmation_sent_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("unsubscribed_at", models.DateTimeField(blank=True, null=True)),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                ("consent_text", models.TextField(blank=True, verbose_name="agreed to")),
                (
                    "consent_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="agreed at"),
                ),
                (
                    "consent_how",
                    models.CharField(blank=True, max_length=100, verbose_name="agreed how"),
                ),
                (
                    "soft_bounces",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="soft bounces in a row"
                    ),
                ),
                ("token_version", models.PositiveIntegerField(default=1, editable=False)),
                ("created_at", models.DateTimeField(default=timezone.now, editable=False)),
                ("mailbox", models.CharField(default="", editable=False, max_length=254)),
                (
                    "used_links",
                    ArrayField(
                        models.DateTimeField(),
                        default=list,
                        editable=False,
                        help_text="When that was requested which a confirmation link has confirmed.",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        "next_due_at",
                        condition=Q(confirmed_at__isnull=False, unsubscribed_at=None),
                        name="subscribers_due",
                    ),
                    models.Index(
                        "asked_at",
                        condition=Q(wishes__isnull=False),
                        name="subscribers_to_be_asked",
                    ),
                    models.Index(
                        "created_at", condition=Q(confirmed_at=None), name="subscribers_unconfirmed"
                    ),
                    models.Index("mailbox", name="subscribers_by_mailbox"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(address=Lower("address")), name="address_is_case_folded"
                    ),
                    models.CheckConstraint(condition=Q(hour__lte=23), name="hour_of_a_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ID,
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("everything", "everything"),
                            ("topic", "a topic"),
                            ("search", "a search"),
                            ("author", "an author"),
                        ],
                        default="everything",
                        max_length=20,
                    ),
                ),
                (
                    "words",
                    models.CharField(
                        blank=True, help_text="The search, or the author's name.", max_length=300
                    ),
                ),
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("daily", "daily"),
                            ("weekdays", "on weekdays"),
                            ("weekly", "weekly"),
                        ],
                        default="daily",
                        max_length=10,
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Of a weekly digest: 0 is Monday. One for all orders of a subscriber.",
                        validators=[MaxValueValidator(6)],
                    ),
                ),
                (
                    "min_upvotes",
                    models.PositiveIntegerField(default=0, verbose_name="at least N upvotes"),
                ),
                (
                    "max_papers",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[MinValueValidator(1), MaxValueValidator(60)],
                        verbose_name="at most N papers",
                    ),
                ),
                ("created_at", models.DateTimeField(default=timezone.now, editable=False)),
                (
                    "subscriber",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="subscriptions",
                        to="subscriptions.Subscriber",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=models.CASCADE, to="papers.Topic"
                    ),
                ),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Why its papers could not be found for the last digest.",
                        max_length=300,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subscriber", "what", "topic", "words"),
                        name="one_order_for_each_thing",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=Q(topic=None, what="everything", words="")
                        | Q(topic__isnull=False, what="topic", words="")
                        | (Q(topic=None, what__in=["search", "author"]) & ~Q(words="")),
                        name="order_says_what",
                    ),
                    models.CheckConstraint(condition=Q(weekday__lte=6), name="day_of_a_week"),
                    models.CheckConstraint(
                        condition=Q(max_papers__gte=1, max_papers__lte=60), name="papers_in_a_mail"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ID,
                (
                    "address_hash",
                    models.CharField(
                        help_text="Keyed hash of the address, or of @ and the domain.",
                        max_length=64,
                        unique=True,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("hard bounce", "hard bounce"),
                            ("soft bounces", "soft bounces in a row"),
                            ("complaint", "complaint"),
                            ("curator", "by a curator"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("bulk", "digests"), ("all", "digests and account mail")],
                        default="bulk",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=timezone.now)),
                (
                    "is_domain",
                    models.BooleanField(default=False, editable=False, verbose_name="whole domain"),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        help_text="In the words of who suppressed it.",
                        max_length=200,
                        verbose_name="why",
                    ),
                ),
            ],
            options={"ordering": ["-created_at"]},
        ),
        migrations.CreateModel(
            name="SuppressionKey",
            fields=[
                ID,
                ("key", models.BinaryField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=Q(pk=1), name="only_one_key")]
            },
        ),
    ]
