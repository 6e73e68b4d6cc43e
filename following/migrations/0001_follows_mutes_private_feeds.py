"""What readers follow and mute, and the addresses of their private feeds."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("library", "0001_saved_papers_and_lists"),
        ("papers", "0025_one_index_of_vectors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Follow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=300)),
                ("folded", models.CharField(blank=True, editable=False, max_length=600)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("topic", "topic"),
                            ("author", "author"),
                            ("search", "search"),
                            ("institution", "institution"),
                            ("list", "list"),
                            ("reader", "reader"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "followed",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reading_list",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
                        to="library.readinglist",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="papers.topic",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reader", "what", "topic", "reading_list", "followed", "folded"),
                        name="one_follow_of_each",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("followed", None),
                                ("reading_list", None),
                                ("topic__isnull", False),
                                ("what", "topic"),
                                ("words", ""),
                            ),
                            models.Q(
                                models.Q(
                                    ("what__in", ["author", "search", "institution"]),
                                    models.Q(("folded", ""), _negated=True),
                                ),
                                ("followed", None),
                                ("reading_list", None),
                                ("topic", None),
                            ),
                            models.Q(
                                ("followed", None),
                                ("reading_list__isnull", False),
                                ("topic", None),
                                ("what", "list"),
                                ("words", ""),
                            ),
                            models.Q(
                                ("followed__isnull", False),
                                ("reading_list", None),
                                ("topic", None),
                                ("what", "reader"),
                                ("words", ""),
                            ),
                            _connector="OR",
                        ),
                        name="follow_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("followed", models.F("reader")), _negated=True),
                        name="no_follow_of_oneself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=300)),
                ("folded", models.CharField(blank=True, editable=False, max_length=600)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "what",
                    models.CharField(
                        choices=[("topic", "topic"), ("word", "word"), ("author", "author")],
                        max_length=12,
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(class)ss",
                        to="papers.topic",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reader", "what", "topic", "folded"),
                        name="one_mute_of_each",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("topic__isnull", False), ("what", "topic"), ("words", "")),
                            models.Q(
                                ("topic", None),
                                ("what__in", ["word", "author"]),
                                models.Q(("folded", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="mute_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrivateFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("token", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="private_feeds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reader", "kind"), name="one_private_feed_of_each_kind"
                    )
                ],
            },
        ),
    ]
