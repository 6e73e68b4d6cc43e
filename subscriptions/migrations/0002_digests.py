"""Digests, their deliveries and contents, which are deleted with the mail and with the paper."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import F, Q
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)

# Contents are deleted by one statement for all. Foreign keys look at each row by itself, twenty times
# for a mail of twenty papers: that took a tenth to a fifth of the time of sending.
# `delivery_papers.INSERT_SQL` locks mails and papers instead, once, as the keys would; whoever
# deletes one waits for it, and then deletes what it wrote.
FUNCTION = """
CREATE FUNCTION subscriptions_contents_go_too() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format(
    'DELETE FROM subscriptions_deliverypaper WHERE %I IN (SELECT id FROM gone)', TG_ARGV[0]
  );
  RETURN NULL;
END $$;
"""
TRIGGER = """
CREATE TRIGGER contents_go_too AFTER DELETE ON {table} REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION subscriptions_contents_go_too('{column}');
"""
TABLES = {"subscriptions_delivery": "delivery_id", "papers_paper": "paper_id"}


class Migration(migrations.Migration):
    replaces = [
        ("subscriptions", "0002_deliveries"),
        ("subscriptions", "0003_triggers"),
        ("subscriptions", "0005_sent_at_of_uncertain"),
        ("subscriptions", "0010_sections_of_delivery"),
    ]
    dependencies = [
        ("papers", "0003_papers_and_ids"),
        ("subscriptions", "0001_subscribers_and_orders"),
    ]
    operations = [
        migrations.CreateModel(
            name="Issue",
            fields=[
                ID,
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("daily", "daily"),
                            ("weekdays", "on weekdays"),
                            ("weekly", "weekly"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        help_text="2025-03-14, or 2025-W11 where weekly.", max_length=10
                    ),
                ),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "open"), ("paused", "paused")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("paused_because", models.TextField(blank=True, editable=False)),
                (
                    "papers",
                    ArrayField(
                        models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="The general digest, in order, for the archive.",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the general digest was settled.",
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(default=timezone.now, editable=False)),
            ],
            options={
                "ordering": ["-first_day", "frequency"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("frequency", "period"), name="one_issue_for_each_period"
                    ),
                    models.CheckConstraint(
                        condition=Q(first_day__lte=F("last_day")), name="issue_runs_forward"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ID,
                (
                    "domain",
                    models.CharField(
                        blank=True, help_text="Of the address: for rates.", max_length=255
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("claimed", "claimed"),
                            ("sending", "sending"),
                            ("sent", "sent"),
                            ("deferred", "deferred"),
                            ("failed", "failed"),
                            ("suppressed", "suppressed"),
                            ("empty", "empty"),
                            ("uncertain", "uncertain"),
                            ("expired", "expired"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(default=timezone.now, help_text="Not before this."),
                ),
                ("expires_at", models.DateTimeField(help_text="Not after this.")),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "message_id",
                    models.CharField(blank=True, max_length=300, verbose_name="Message-ID"),
                ),
                ("last_error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=timezone.now, editable=False)),
                (
                    "sent_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Of an uncertain one: when it was given to the relay.",
                        null=True,
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="deliveries",
                        to="subscriptions.Issue",
                    ),
                ),
                (
                    "subscriber",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="deliveries",
                        to="subscriptions.Subscriber",
                    ),
                ),
                (
                    "sections",
                    models.JSONField(
                        blank=True,
                        default=list,
                        editable=False,
                        help_text="Of its digest: title, kind of subscription, papers left out of each.",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        "due_at",
                        condition=Q(state__in=["pending", "deferred"]),
                        name="deliveries_to_do",
                    ),
                    models.Index(
                        "lease_until",
                        condition=Q(state__in=["claimed", "sending"]),
                        name="deliveries_in_hand",
                    ),
                    models.Index("issue", "state", name="account_of_an_issue"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("issue", "subscriber"), name="one_delivery_each"
                    ),
                    models.CheckConstraint(
                        condition=~Q(state__in=["claimed", "sending"])
                        | Q(lease_until__isnull=False),
                        name="work_in_hand_has_a_lease",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryPaper",
            fields=[
                ID,
                ("section", models.CharField(max_length=320)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "delivery",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=models.CASCADE,
                        related_name="contents",
                        to="subscriptions.Delivery",
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=models.CASCADE,
                        related_name="mailed",
                        to="papers.Paper",
                    ),
                ),
                (
                    "subscriber",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=models.CASCADE,
                        to="subscriptions.Subscriber",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("subscriber", "paper"), name="never_twice")
                ],
            },
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION subscriptions_contents_go_too();"),
        *(
            migrations.RunSQL(
                TRIGGER.format(table=table, column=column),
                f"DROP TRIGGER contents_go_too ON {table};",
            )
            for table, column in TABLES.items()
        ),
    ]
