"""What readers keep: saved papers, read marks, lists with their papers, notes."""

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
        ("papers", "0003_papers_and_ids"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ReadingList",
            fields=[
                ID,
                ("key", models.CharField(editable=False, max_length=20, unique=True)),
                ("title", models.CharField(max_length=120)),
                ("description", models.TextField(blank=True, max_length=1000)),
                (
                    "is_public",
                    models.BooleanField(default=False, verbose_name="everybody may read it"),
                ),
                ("created_at", models.DateTimeField(default=timezone.now)),
                ("changed_at", models.DateTimeField(default=timezone.now)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="reading_lists",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=~Q(title=""), name="list_has_a_title")
                ]
            },
        ),
        migrations.CreateModel(
            name="ListItem",
            fields=[
                ID,
                ("position", models.PositiveIntegerField()),
                ("added_at", models.DateTimeField(default=timezone.now)),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="list_items", to="papers.Paper"
                    ),
                ),
                (
                    "reading_list",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="items", to="library.ReadingList"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reading_list", "paper"), name="one_item_per_paper"
                    ),
                    models.UniqueConstraint(
                        deferrable=models.Deferrable.DEFERRED,
                        fields=("reading_list", "position"),
                        name="one_item_per_place",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="ReadMark",
            fields=[
                ID,
                ("read_at", models.DateTimeField(default=timezone.now)),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="read_marks", to="papers.Paper"
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="read_marks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index("reader", F("id").desc(), name="read_marks_of_reader")],
                "constraints": [
                    models.UniqueConstraint(fields=("reader", "paper"), name="one_read_mark_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Save",
            fields=[
                ID,
                ("saved_at", models.DateTimeField(default=timezone.now)),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="saves", to="papers.Paper"
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="saves", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index("reader", F("id").desc(), name="saves_of_reader")],
                "constraints": [
                    models.UniqueConstraint(fields=("reader", "paper"), name="one_save_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ID,
                ("text", models.TextField(max_length=10000)),
                ("created_at", models.DateTimeField(default=timezone.now)),
                ("changed_at", models.DateTimeField(default=timezone.now)),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="notes", to="papers.Paper"
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="notes", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("reader", "paper"), name="one_note_each"),
                    models.CheckConstraint(condition=~Q(text=""), name="note_has_a_text"),
                ]
            },
        ),
    ]
