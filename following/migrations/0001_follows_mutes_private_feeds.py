"""What readers follow and mute, and the addresses of their private feeds."""

from django.conf import settings
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
    dependencies = [
        ("library", "0001_saved_papers_and_lists"),
        ("papers", "0003_papers_and_ids"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Follow",
            fields=[
                ID,
                ("words", models.CharField(blank=True, max_length=300)),
                ("folded", models.CharField(blank=True, editable=False, max_length=600)),
                ("created_at", models.DateTimeField(default=timezone.now)),
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
                        on_delete=models.CASCADE,
                        related_name="followers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reading_list",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="followers",
                        to="library.ReadingList",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="%(class)ss",
                        to="papers.Topic",
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
                        condition=Q(
                            followed=None,
                            reading_list=None,
                            topic__isnull=False,
                            what="topic",
                            words="",
                        )
                        | Q(
                            Q(what__in=["author", "search", "institution"]) & ~Q(folded=""),
                            followed=None,
                            reading_list=None,
                            topic=None,
                        )
                        | Q(
                            followed=None,
                            reading_list__isnull=False,
                            topic=None,
                            what="list",
                            words="",
                        )
                        | Q(
                            followed__isnull=False,
                            reading_list=None,
                            topic=None,
                            what="reader",
                            words="",
                        ),
                        name="follow_of_one_thing",
                    ),
                    models.CheckConstraint(
                        condition=~Q(followed=F("reader")), name="no_follow_of_oneself"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Mute",
            fields=[
                ID,
                ("words", models.CharField(blank=True, max_length=300)),
                ("folded", models.CharField(blank=True, editable=False, max_length=600)),
                ("created_at", models.DateTimeField(default=timezone.now)),
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
                        on_delete=models.CASCADE,
                        related_name="%(class)ss",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="%(class)ss",
                        to="papers.Topic",
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
                        condition=Q(topic__isnull=False, what="topic", words="")
                        | (Q(topic=None, what__in=["word", "author"]) & ~Q(folded="")),
                        name="mute_of_one_thing",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="PrivateFeed",
            fields=[
                ID,
                ("kind", models.CharField(max_length=20)),
                ("token", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=timezone.now)),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
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
                ]
            },
        ),
    ]
