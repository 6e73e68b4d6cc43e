"""Retagging: a topic whose rule was changed, and how far its papers have been tagged again."""

from datetime import datetime

from django.db import models

from papers.models.topic import Topic


class RetaggingQuerySet(models.QuerySet["Retagging"]):
    def unfinished(self) -> "RetaggingQuerySet":
        return self.filter(finished_at=None)

    def start(self, topic: Topic) -> None:
        """Tag all papers again, from the newest on; a run under way begins anew."""
        begin = {"next_paper": None, "done": 0, "total": 0, "finished_at": None}
        self.update_or_create(topic=topic, defaults=begin)


class Retagging(models.Model):
    """A worker goes from the newest paper to the oldest, and saves with each batch how far it is.

    The row is locked while a batch is written: a killed worker leaves no half batch, and another
    change of the rule waits until the batch is committed.
    """

    topic = models.OneToOneField(Topic, models.CASCADE, primary_key=True)
    next_paper = models.BigIntegerField(null=True, editable=False)  # of the next batch, the newest
    done = models.PositiveIntegerField("papers tagged again", default=0)
    total = models.PositiveIntegerField("papers in all", default=0)  # 0: not begun
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RetaggingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Rule applied to {self.progress}" if self.total else "Rule waits to be applied"

    @property
    def progress(self) -> str:
        """As "4 of 6 papers", or "6 papers" at the end."""
        done = f"{self.done:,}"
        return f"{done if self.finished_at else f'{done} of {self.total:,}'} papers"

    def mark_done(self, papers: list[int], now: datetime) -> None:
        """Save that these papers (primary keys) are tagged, the newest first; none: it is done."""
        self.done += len(papers)
        if papers:
            self.next_paper = papers[-1] - 1
        else:
            self.finished_at = now
        self.save()
