"""Locks papers that a reader keeps or discusses, as a curator may be merging one away right now."""

from collections.abc import Iterable

from papers.models import Paper


def lock_papers(papers: Iterable[Paper]) -> list[int]:
    """The primary keys of those that still exist, in the order of `papers`.

    To be called in a transaction. The locks are taken in one order, so that two of them cannot
    deadlock.
    """
    keys = [paper.pk for paper in papers]
    rows = Paper.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
    existing = set(rows.values_list("pk", flat=True))
    return [key for key in dict.fromkeys(keys) if key in existing]
