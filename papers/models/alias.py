"""Alias and Tombstone: the names by which papers are known, and names not to be ingested again.

A name is a scheme and a value, as papers.identifiers writes them: `arxiv:2502.03793`,
`doi:10.1101/…`, `openreview:…`; `key:…` is the key of a paper that was merged into another.
"""

from django.db import models
from django.utils import timezone

from papers import identifiers


class Alias(models.Model):
    """A name of a paper. It is unique: the same work from two sources is one paper."""

    scheme = models.CharField(max_length=20)
    value = models.CharField(max_length=500)
    paper = models.ForeignKey("papers.Paper", models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name = "other id"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="one_paper_per_alias")
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    def clean(self) -> None:
        _normalise(self)


class Tombstone(models.Model):
    """A name of a paper that a curator deleted forever: it is not ingested again."""

    scheme = models.CharField(max_length=20)
    value = models.CharField(max_length=500)
    why = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "blocked paper"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="one_tombstone_per_name")
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    def clean(self) -> None:
        _normalise(self)


def _normalise(name: Alias | Tombstone) -> None:
    """Write the name as ingest does, however a curator typed it: `arXiv`, `2502.03793v2`."""
    if names := identifiers.aliases(identifiers=[(name.scheme.strip().lower(), name.value)]):
        name.scheme, name.value = names[0]
