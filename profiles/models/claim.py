"""Claim: a reader says that they are the author of a name; a curator decides, with a reason.

First the reader proves it, by an ORCID account of the same name or by a link in an email to an
address of theirs. A claim that was refused may be appealed once: then it is decided again.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from papers.identifiers import fold_name, other_spacings
from papers.models import Paper, Picture
from papers.models.paper_queries import PaperQuerySet
from papers.models.sort_orders import SortOrder

if TYPE_CHECKING:
    from accounts.models import User

MAX_AUTHOR_CHARS = 200
MAX_REASON_CHARS = 300
MAX_APPEAL_CHARS = 1_000
MAX_LINK_LABEL_CHARS = 60
MAX_CLAIMS = 20  # of one reader, in all
MAX_CLAIMS_A_DAY = 5  # of one reader: each may send an email to any address


class ClaimQuerySet(models.QuerySet["Claim"]):
    def of_reader(self, reader: "User") -> "ClaimQuerySet":
        """Theirs, the newest first."""
        return self.filter(reader=reader).order_by("-pk")

    def of_author(self, name: str) -> "ClaimQuerySet":
        """Of this name, ignoring accents and case."""
        folded = fold_name(name)
        return self.filter(author_key__in=[folded, *other_spacings(folded)])

    def accepted(self) -> "ClaimQuerySet":
        """What an author's page says, with the readers and the pictures."""
        accepted = self.filter(state=Claim.State.ACCEPTED, reader__is_active=True)
        return accepted.select_related("reader", "picture_paper__picture").order_by("pk")

    def to_decide(self) -> "ClaimQuerySet":
        """Proven ones that wait for a curator, appeals among them; the oldest first."""
        return self.filter(state=Claim.State.WAITING).exclude(proven_at=None).order_by("proven_at")

    def is_limit_reached(self, reader: "User", now: datetime) -> bool:
        own = self.filter(reader=reader)
        today = own.filter(created_at__gt=now - timedelta(days=1)).count()
        return today >= MAX_CLAIMS_A_DAY or own.count() >= MAX_CLAIMS


class Claim(models.Model):
    class Evidence(models.TextChoices):
        ORCID = "orcid", "ORCID account"
        EMAIL = "email", "email address"

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        ACCEPTED = "accepted", "accepted"
        REFUSED = "refused", "refused"

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="claims")
    author = models.CharField("name of the author", max_length=MAX_AUTHOR_CHARS)
    author_key = models.CharField(max_length=500, editable=False)  # by fold_name
    evidence = models.CharField(max_length=10, choices=Evidence)
    orcid = models.CharField("ORCID iD", max_length=19, blank=True)
    address = models.EmailField("email address", blank=True)
    created_at = models.DateTimeField("when", default=timezone.now)
    proven_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField("reason of the decision", max_length=MAX_REASON_CHARS, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    appeal = models.TextField(max_length=MAX_APPEAL_CHARS, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    # What the author adds to their page once the claim is accepted.
    link = models.URLField("link", max_length=500, blank=True)
    link_label = models.CharField("words of the link", max_length=MAX_LINK_LABEL_CHARS, blank=True)

    picture_paper = models.ForeignKey(
        "papers.Paper",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="claims",
        verbose_name="paper whose picture is shown",
    )

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "author_key"], name="one_claim_each"),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(proven_at__isnull=False),
                name="only_proven_claims_are_decided",
            ),
        ]
        indexes = [models.Index(fields=["author_key"], name="claims_of_author")]

    form: Any  # set by the page of a reader's claims

    def __str__(self) -> str:
        return self.author

    def save(self, **options: Any) -> None:
        self.author_key = fold_name(self.author)
        super().save(**options)

    @property
    def domain(self) -> str:
        """Of the address; empty where there is none."""
        return self.address.rpartition("@")[2].lower()

    @property
    def picture(self) -> Picture | None:
        """Of the chosen paper, as long as the site shows both, and the paper is by this author."""
        paper = self.picture_paper
        spellings = {self.author_key, *other_spacings(self.author_key)}
        if paper is None or paper.hidden_at or spellings.isdisjoint(map(fold_name, paper.authors)):
            return None
        return paper.shown_picture

    def papers_with_pictures(self) -> PaperQuerySet:
        """Those among which the author may choose, the newest first."""
        stored = Picture.objects.public().values("paper")
        papers = Paper.objects.visible().by_author(self.author).filter(pk__in=stored)
        return papers.sorted(SortOrder.NEW)

    @property
    def may_be_appealed(self) -> bool:
        return self.state == self.State.REFUSED and self.appealed_at is None

    def prove(self) -> None:
        """The link of the email was opened. Again changes nothing: the first time counts."""
        proven = Claim.objects.filter(pk=self.pk, proven_at=None)
        proven.update(proven_at=timezone.now())

    def decide(self, state: "Claim.State", reason: str, curator: "User") -> None:
        """Accept or refuse it; a curator may change their mind."""
        self.state, self.reason = state, reason
        self.decided_at, self.decided_by = timezone.now(), curator
        self.save(update_fields=["state", "reason", "decided_at", "decided_by"])

    def lodge_appeal(self, words: str) -> bool:
        """Let it be decided again; False where it is not refused, or was appealed before."""
        refused = Claim.objects.filter(pk=self.pk, state=self.State.REFUSED, appealed_at=None)
        changed = {"appeal": words, "appealed_at": timezone.now(), "state": self.State.WAITING}
        return refused.update(**changed) == 1
