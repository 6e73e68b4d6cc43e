"""Merges two papers for a curator."""

from django.db import transaction

from accounts.models import User
from papers.curation.changes import Done, Verb, Versions, lock, state
from papers.models import CuratorAction, Paper
from papers.models.merging import merge


@transaction.atomic
def merge_papers(versions: Versions, kept: Paper, curator: User) -> CuratorAction:
    """Merge the two papers of `versions` into `kept`, which is one of them. Raises Conflict."""
    pair = lock(versions)
    (kept,) = (paper for paper in pair if paper == kept)
    (duplicate,) = (paper for paper in pair if paper != kept)
    before = state(kept) | {"votes_brought": kept.votes_brought}
    record = merge(kept, duplicate)
    kept.curation_version += 1
    kept.save(update_fields=["curation_version"])
    after = state(kept) | {"votes_brought": kept.votes_brought}
    changed = [name for name in after if after[name] != before[name]]
    entry = Done(curator, Verb.MERGE, details=f"into {kept.key}").entry(
        kept,
        {name: before[name] for name in changed} | {"merge": record},
        {name: after[name] for name in changed},
    )
    entry.about_key, entry.about_name = duplicate.key, duplicate.title_text
    entry.save()
    return entry
