"""Merges two papers that turned out to be one work."""

from collections.abc import Iterator

from django.db import models, transaction
from django.db.models import Exists, OuterRef

from papers.models.alias import Alias
from papers.models.embedding import PaperEmbedding
from papers.models.paper import Paper
from papers.models.search import PaperSearch
from papers.models.topic import PaperTopic

# Of these the duplicate's rows are not moved: its aliases are moved in one statement, and the
# paper that is kept has a search entry and an embedding of its own text.
NOT_MOVED = {Alias, PaperSearch, PaperEmbedding}


@transaction.atomic
def merge(kept: Paper, duplicate: Paper) -> None:
    """Move all that `duplicate` has to `kept`, and delete it; its key becomes an alias of `kept`.

    Votes, topics and whatever else refers to a paper move along; where both papers have the same
    row (a vote of one reader, a topic), that of `kept` stays. The earlier day is kept.
    """
    assert kept.pk != duplicate.pk
    pair = Paper.objects.filter(pk__in=[kept.pk, duplicate.pk]).order_by("pk")
    # In one order, so that two merges cannot deadlock; and so that nobody refers to either of them
    # before this is committed.
    list(pair.select_for_update())
    Alias.objects.filter(paper=duplicate).update(paper=kept)
    Alias.objects.get_or_create(scheme="key", value=duplicate.key, defaults={"paper": kept})
    # A curator's decision on a topic outweighs a rule's, whichever paper it was about.
    decided = duplicate.papertopic_set.filter(by=PaperTopic.By.CURATOR).values("topic")
    kept.papertopic_set.exclude(by=PaperTopic.By.CURATOR).filter(topic__in=decided).delete()
    for relation in Paper._meta.related_objects:
        if relation.related_model not in NOT_MOVED:
            _move_rows(relation, duplicate, kept)
    days = [paper.listed_on for paper in (kept, duplicate) if paper.listed_on]
    kept.listed_on = min(days, default=None)
    kept.listed_at = kept.listed_at or duplicate.listed_at
    kept.votes_brought = max(kept.votes_brought, duplicate.votes_brought)
    kept.save(update_fields=["listed_on", "listed_at", "votes_brought"])
    duplicate.delete()
    kept.refresh_from_db()


def _move_rows(relation: models.ForeignObjectRel, old: Paper, new: Paper) -> None:
    """Point the rows that refer to `old` to `new`, but those that `new` has already.

    Set-based, as a paper may be in the mails of thousands of readers.
    """
    name = relation.field.name
    every = relation.related_model._base_manager
    moved = every.filter(**{name: old})
    for others in _unique_beside(relation):
        same = {field: OuterRef(field) for field in others}
        moved = moved.exclude(Exists(every.filter(**{name: new}, **same)))
    moved.update(**{name: new})


def _unique_beside(relation: models.ForeignObjectRel) -> Iterator[list[str]]:
    """For each unique constraint with the reference to a paper, the other fields in it."""
    name = relation.field.name
    if relation.field.unique:
        yield []
    for constraint in relation.related_model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and name in constraint.fields:
            yield [field for field in constraint.fields if field != name]
