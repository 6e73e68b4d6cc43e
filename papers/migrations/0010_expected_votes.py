"""Expected votes, which hotness adds to those cast; the model that predicts them; shares of topics.

PostgreSQL cannot change the expression of a generated column, so hotness is made again, with its
indexes. That writes the table once.
"""

import django.contrib.postgres.fields
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F, Func, Q

# As in 0001, but votes may be fractions. papers/ranking.py says how to change the formula.
HOTNESS = """
DROP FUNCTION public.papers_hotness({before}, date);
CREATE FUNCTION public.papers_hotness(votes {after}, listed_on date) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN log((votes + 1)::double precision)
     + public.papers_weekday_number(listed_on)::double precision / 2;
"""
HOTTEST = F("hotness").desc(nulls_last=True)
INDEXES = [
    models.Index(F("listed_on").desc(nulls_last=True), HOTTEST, name="paper_newest_hottest"),
    models.Index(HOTTEST, F("key").desc(), name="paper_hottest"),
    models.Index(F("upvotes").desc(), HOTTEST, name="paper_most_voted"),
]


class Migration(migrations.Migration):
    dependencies = [("papers", "0009_pictures")]
    operations = [
        *(migrations.RemoveIndex("paper", index.name) for index in INDEXES),
        migrations.RemoveField("paper", "hotness"),
        migrations.RunSQL(
            HOTNESS.format(before="integer", after="double precision"),
            HOTNESS.format(before="double precision", after="integer"),
        ),
        migrations.AddField(
            "paper", "expected_votes", models.FloatField(default=0, editable=False)
        ),
        migrations.AddField(
            "paper", "expected_parts", models.JSONField(default=dict, editable=False)
        ),
        migrations.AddField(
            "paper",
            "hotness",
            models.GeneratedField(
                expression=Func(
                    F("ranked_votes") + F("votes_brought") + F("expected_votes"),
                    "listed_on",
                    function="papers_hotness",
                ),
                output_field=models.FloatField(null=True),
                db_persist=True,
            ),
        ),
        *(migrations.AddIndex("paper", index) for index in INDEXES),
        migrations.AddField("topic", "vote_share", models.FloatField(default=1, editable=False)),
        migrations.CreateModel(
            "TrainedVoteModel",
            [
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("next_training_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("voted_papers", models.PositiveIntegerField(default=0)),
                ("trained_at", models.DateTimeField(blank=True, null=True)),
                ("embedding_version", models.CharField(blank=True, max_length=100)),
                ("papers", models.PositiveIntegerField(default=0)),
                ("accuracy", models.FloatField(blank=True, null=True)),
                *(
                    (
                        name,
                        django.contrib.postgres.fields.ArrayField(
                            models.FloatField(), blank=True, default=list
                        ),
                    )
                    for name in ("means", "weights")
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(pk=1), name="one_trained_vote_model")
                ]
            },
        ),
    ]
