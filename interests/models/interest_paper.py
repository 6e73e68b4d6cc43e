"""InterestPaper: a paper that a reader chose for an interest, or against it ("less like this")."""

from collections.abc import Iterable

from django.db import models, transaction
from django.utils import timezone

from interests.models.interest import Interest
from library.models.lock import lock_papers
from papers.models import Paper

MAX_PAPERS = 500  # of one interest, for and against


class FullInterest(ValueError):
    """The interest has no room for these papers."""


class InterestPaperQuerySet(models.QuerySet["InterestPaper"]):
    @transaction.atomic
    def choose(self, interest: Interest, papers: Iterable[Paper], *, against: bool = False) -> None:
        """Let these papers count for the interest, or against it. Again changes nothing.

        Raises FullInterest where there is no room for all.
        """
        Interest.objects.select_for_update(no_key=True).only("pk").get(pk=interest.pk)
        keys = lock_papers(papers)
        others = self.filter(interest=interest).exclude(paper__in=keys).count()
        if others + len(keys) > MAX_PAPERS:
            raise FullInterest
        self.bulk_create(
            [InterestPaper(interest=interest, paper_id=key, against=against) for key in keys],
            update_conflicts=True,
            unique_fields=["interest", "paper"],
            update_fields=["against"],
        )
        Interest.objects.filter(pk=interest.pk).train_soon()

    def forget(self, interest: Interest, paper: Paper) -> None:
        """Let the paper count neither for nor against. Again changes nothing."""
        if self.filter(interest=interest, paper=paper).delete()[0]:
            Interest.objects.filter(pk=interest.pk).train_soon()


class InterestPaper(models.Model):
    interest = models.ForeignKey(Interest, models.CASCADE, related_name="chosen_papers")
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="interest_papers")
    against = models.BooleanField(default=False)
    chosen_at = models.DateTimeField(default=timezone.now)

    objects = InterestPaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["interest", "paper"], name="one_choice_per_interest_and_paper"
            )
        ]

    def __str__(self) -> str:
        return f"{self.paper} {'against' if self.against else 'for'} {self.interest}"
