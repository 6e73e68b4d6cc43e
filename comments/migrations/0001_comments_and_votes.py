"""Comments on papers, with their earlier texts, votes and reports."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

# As Django writes it for a model that names no primary key.
ID = (
    "id",
    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
)


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("comments", "0001_comments"),
    ]
    dependencies = [
        ("papers", "0003_papers_and_ids"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Comment",
            fields=[
                ID,
                (
                    "text",
                    models.TextField(
                        blank=True, max_length=10000, verbose_name="text, as Markdown"
                    ),
                ),
                (
                    "by_program",
                    models.BooleanField(default=False, verbose_name="written by a program"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("visible", "visible"),
                            ("held", "waits for a curator"),
                            ("hidden", "hidden by a curator"),
                            ("deleted", "deleted by its author"),
                        ],
                        default="visible",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=timezone.now, verbose_name="when")),
                ("edited_at", models.DateTimeField(null=True)),
                (
                    "author",
                    models.ForeignKey(
                        help_text="Empty once the account is deleted.",
                        null=True,
                        on_delete=models.SET_NULL,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="comments", to="papers.Paper"
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        help_text="The comment that this one replies to; a reply has no replies.",
                        null=True,
                        on_delete=models.CASCADE,
                        related_name="replies",
                        to="comments.Comment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["paper", "created_at"], name="comments_of_paper"),
                    models.Index(fields=["-created_at"], name="newest_comments"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state="deleted") | ~Q(text=""),
                        name="comment_has_text_or_is_deleted",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CommentEdit",
            fields=[
                ID,
                ("text", models.TextField()),
                ("until", models.DateTimeField(help_text="When it was replaced.")),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="edits", to="comments.Comment"
                    ),
                ),
            ],
            options={"ordering": ["until", "pk"]},
        ),
        migrations.CreateModel(
            name="CommentReport",
            fields=[
                ID,
                ("words", models.CharField(blank=True, max_length=500)),
                ("created_at", models.DateTimeField(default=timezone.now, verbose_name="when")),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="reports", to="comments.Comment"
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="comment_reports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(decided_at=None),
                        fields=("reporter", "comment"),
                        name="one_open_report_on_a_comment",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="CommentVote",
            fields=[
                ID,
                ("created_at", models.DateTimeField(default=timezone.now)),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=models.CASCADE, related_name="vote_set", to="comments.Comment"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="comment_votes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "comment"), name="one_vote_on_a_comment"
                    )
                ]
            },
        ),
    ]
