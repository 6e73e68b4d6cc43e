"""Merges two papers that turned out to be one work, and takes a merge back."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.apps import apps
from django.core import serializers
from django.db import DEFAULT_DB_ALIAS, models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.deletion import Collector

from papers.models.alias import Alias
from papers.models.embedding import PaperEmbedding
from papers.models.paper import Paper
from papers.models.search import PaperSearch
from papers.models.topic import PaperTopic

# Of these the duplicate's rows are not moved: its aliases are moved in one statement, and the
# paper that is kept has a search entry and an embedding of its own text.
NOT_MOVED = {Alias, PaperSearch, PaperEmbedding}
# Kept by triggers, as votes and comments are moved back.
COUNTERS = ("votes", "ranked_votes", "comment_count")
MergeRecord = dict[str, Any]  # what `unmerge` needs, as JSON can hold it


@transaction.atomic
def merge(kept: Paper, duplicate: Paper) -> MergeRecord:
    """Move all that `duplicate` has to `kept`, and delete it; its key becomes an alias of `kept`.

    Votes, topics and whatever else refers to a paper move along; where both papers have the same
    row (a vote of one reader, a topic), that of `kept` stays. The earlier day is kept.
    A model whose two rows hold more than one of them has a class method `join_at_merge`.
    """
    assert kept.pk != duplicate.pk
    # In one order, so that two merges cannot deadlock; and so that nobody refers to either of them
    # before this is committed.
    pair = Paper.objects.filter(pk__in=[kept.pk, duplicate.pk]).order_by("pk")
    duplicate = next(paper for paper in pair.select_for_update() if paper.pk == duplicate.pk)
    moved = {"papers.alias.paper": _move(Alias.objects.filter(paper=duplicate), "paper", kept)}
    Alias.objects.get_or_create(scheme="key", value=duplicate.key, defaults={"paper": kept})
    # A curator's decision on a topic outweighs a rule's, whichever paper it was about.
    decided = duplicate.papertopic_set.filter(by=PaperTopic.By.CURATOR).values("topic")
    overruled = kept.papertopic_set.exclude(by=PaperTopic.By.CURATOR).filter(topic__in=decided)
    deleted = _rows(overruled)
    overruled.delete()
    # Those by meaning were found in the text of the duplicate; a category is better for both.
    by_meaning = PaperTopic.objects.filter(by=PaperTopic.By.MEANING)
    by_meaning.filter(paper=duplicate).delete()
    if kept.categories or duplicate.categories:
        by_meaning.filter(paper=kept).delete()
    for relation in Paper._meta.related_objects:
        if relation.related_model not in NOT_MOVED:
            if join := getattr(relation.related_model, "join_at_merge", None):
                join(kept, duplicate)
            name = f"{relation.related_model._meta.label_lower}.{relation.field.name}"
            moved[name] = _move_rows(relation, duplicate, kept)
    # A generic relation, which is none of Paper's related objects.
    notes = duplicate.curator_notes.all()
    moved["accounts.curatornote.object_id"] = _move(notes, "object_id", kept)
    _keep_best(kept, duplicate)
    deleted += _delete(duplicate)
    kept.refresh_from_db()
    return {"moved": moved, "deleted": deleted}


@transaction.atomic
def unmerge(kept: Paper, record: MergeRecord) -> None:
    """Bring the duplicate back with all that `merge` moved or deleted.

    What came to `kept` after the merge stays there; its own fields are the caller's to restore.
    """
    (duplicate,) = (row for row in record["deleted"] if row["model"] == "papers.paper")
    duplicate["fields"] |= dict.fromkeys(COUNTERS, 0)
    Alias.objects.filter(scheme="key", value=duplicate["fields"]["key"], paper=kept).delete()
    _insert([duplicate])
    for name, keys in record["moved"].items():
        label, _, field = name.rpartition(".")
        rows = apps.get_model(label)._base_manager.filter(pk__in=keys, **{field: kept.pk})
        rows.update(**{field: duplicate["pk"]})
    _insert(row for row in record["deleted"] if row is not duplicate)


def _insert(rows: Iterable[dict[str, Any]]) -> None:
    for row in serializers.deserialize("python", list(rows)):
        row.save()


def _keep_best(kept: Paper, duplicate: Paper) -> None:
    days = [paper.listed_on for paper in (kept, duplicate) if paper.listed_on]
    day = min(days, default=None)
    if day != kept.listed_on:
        kept.listed_on, kept.position = day, None  # a position is one of a day
    kept.listed_at = kept.listed_at or duplicate.listed_at
    kept.votes_brought = max(kept.votes_brought, duplicate.votes_brought)
    kept.save(update_fields=["listed_on", "position", "listed_at", "votes_brought"])


def _delete(paper: Paper) -> list[dict[str, Any]]:
    """Delete a paper with all that refers to it, and return the rows."""
    collector = Collector(using=DEFAULT_DB_ALIAS, origin=paper)
    collector.collect([paper])
    referring = [row for rows in collector.data.values() for row in rows if row != paper]
    fast = [row for rows in collector.fast_deletes for row in rows]
    deleted = _rows([paper, *referring, *fast])
    collector.delete()
    return deleted


def _rows(objects: Iterable[models.Model]) -> list[dict[str, Any]]:
    """As JSON can hold them, without the columns that PostgreSQL generates."""
    rows: list[dict[str, Any]] = serializers.serialize("python", objects)
    for row in rows:
        meta = apps.get_model(row["model"])._meta
        generated = {field.name for field in meta.concrete_fields if field.generated}
        row["fields"] = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in row["fields"].items()
            if name not in generated
        }
    return rows


def _move_rows(relation: models.ForeignObjectRel, old: Paper, new: Paper) -> list[Any]:
    """Point the rows that refer to `old` to `new`, but those that `new` has already.

    Returns their primary keys. Set-based, as a paper may be in the mails of thousands of readers.
    """
    name = relation.field.name
    every = relation.related_model._base_manager
    moved = every.filter(**{name: old})
    for others in _unique_beside(relation):
        same = {field: OuterRef(field) for field in others}
        moved = moved.exclude(Exists(every.filter(**{name: new}, **same)))
    return _move(moved, name, new)


def _move(rows: models.QuerySet[Any], field: str, paper: Paper) -> list[Any]:
    keys = list(rows.values_list("pk", flat=True))
    if keys:
        rows.model._base_manager.filter(pk__in=keys).update(**{field: paper.pk})
    return keys


def _unique_beside(relation: models.ForeignObjectRel) -> Iterator[list[str]]:
    """For each unique constraint with the reference to a paper, the other fields in it."""
    name = relation.field.name
    if relation.field.unique:
        yield []
    for constraint in relation.related_model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and name in constraint.fields:
            yield [field for field in constraint.fields if field != name]
