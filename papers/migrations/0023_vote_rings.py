"""Rings of accounts that vote together, for curators to decide on."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("papers", "0022_retagging"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="VoteRing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "papers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("common", models.FloatField(verbose_name="papers in common")),
                ("expected", models.FloatField(verbose_name="by chance")),
                (
                    "in_network",
                    models.BooleanField(default=False, verbose_name="new accounts of one network"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "to be decided"),
                            ("accepted", "votes voided"),
                            ("dismissed", "no ring"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "found_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="found"),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided")),
                ("batch", models.UUIDField(null=True)),
                ("accounts", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
