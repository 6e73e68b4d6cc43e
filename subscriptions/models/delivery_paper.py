"""Which papers a digest holds, so that no subscriber gets a paper twice."""

from django.db import models

from subscriptions.models.subscriber import Subscriber


class DeliveryPaper(models.Model):
    """A paper in a mail: never twice to one subscriber, in whatever mail.

    Triggers, not foreign keys, delete it with its mail or paper (migration 0003).
    """

    delivery = models.ForeignKey(
        "subscriptions.Delivery", models.CASCADE, related_name="contents", db_constraint=False
    )
    # Found by the index of `never_twice`; one more would only slow every mail.
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, db_index=False, db_constraint=False)
    paper = models.ForeignKey(
        "papers.Paper", models.CASCADE, related_name="mailed", db_constraint=False
    )
    section = models.CharField(max_length=320)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["subscriber", "paper"], name="never_twice")]

    def __str__(self) -> str:
        return f"{self.paper} in {self.delivery}"
