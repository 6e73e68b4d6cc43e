"""Paper: one work, whatever its version.

What is asked of papers is in paper_queries, how they are worded in paper_text, by which names they
are known in alias, and how two become one in merging.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import CuratorNote
from papers.models.paper_queries import PaperQuerySet
from papers.models.paper_text import PaperText
from papers.models.upvote import NEW_ACCOUNT_PERIOD, Upvote

if TYPE_CHECKING:
    from accounts.models import User
    from papers.models.topic import Topic


class Paper(PaperText, models.Model):
    key = models.CharField(max_length=40, unique=True, editable=False)
    title = models.TextField()
    abstract = models.TextField(blank=True)
    title_text = models.TextField(editable=False)
    abstract_text = models.TextField(blank=True, editable=False)
    authors = ArrayField(models.TextField(), default=list, blank=True)
    primary_category = models.CharField(max_length=40, blank=True)
    categories = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    version = models.PositiveSmallIntegerField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    announced_on = models.DateField(null=True, blank=True)
    listed_on = models.DateField(
        null=True, blank=True, help_text="The day whose page shows it; empty while in the queue."
    )
    listed_at = models.DateTimeField(null=True, blank=True, editable=False)
    listing_wanted = models.BooleanField(
        "in the queue", default=False, help_text="Waits for a curator to list it."
    )
    position = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Its place on the day’s page: 3 is the third."
    )
    # Raised by what curators do, not by votes and sources, so that of two curators who change a
    # paper at once the second learns of the first.
    curation_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    featured = models.BooleanField("pick", default=False)
    hidden_at = models.DateTimeField(null=True, blank=True, editable=False)
    hidden_why = models.CharField(max_length=200, blank=True)
    withdrawn = models.BooleanField(default=False)
    is_sample = models.BooleanField("sample", default=False, editable=False)
    abstract_url = models.URLField(max_length=1000, blank=True)
    pdf_url = models.URLField(max_length=1000, blank=True)
    code_url = models.URLField(max_length=1000, blank=True)
    project_url = models.URLField(max_length=1000, blank=True)
    doi = models.CharField("DOI", max_length=300, blank=True)
    journal_ref = models.TextField("journal", blank=True)
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="submitted"
    )
    submitter_name = models.CharField(max_length=200, blank=True)
    # By hand, without the record of an archive: read by nobody until a curator lists it.
    described_by_reader = models.BooleanField(default=False, db_default=False, editable=False)
    source = models.ForeignKey(
        "papers.Source", models.SET_NULL, null=True, blank=True, related_name="papers"
    )
    extra = models.JSONField(default=dict, blank=True)
    topics = models.ManyToManyField(
        "papers.Topic", through="papers.PaperTopic", related_name="papers"
    )
    votes = models.PositiveIntegerField(default=0, editable=False)
    ranked_votes = models.PositiveIntegerField(default=0, editable=False)
    votes_brought = models.PositiveIntegerField(default=0)
    upvotes = models.GeneratedField(
        expression=F("votes") + F("votes_brought"),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    # Comments that readers see here; kept by triggers of the app `comments`.
    comment_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Predicted before anyone votes; 0 where nothing is. See papers/expected_votes.py.
    expected_votes = models.FloatField(default=0, editable=False)
    expected_parts = models.JSONField(default=dict, editable=False)  # {"authors": 0.3}
    hotness = models.GeneratedField(
        expression=Func(
            F("ranked_votes") + F("votes_brought") + F("expected_votes"),
            "listed_on",
            function="papers_hotness",
        ),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    curator_notes = GenericRelation(CuratorNote)

    objects = PaperQuerySet.as_manager()

    class Meta:
        # Fewer indexes make cheaper votes: an upvote writes each of them again.
        indexes = [
            # A day by hotness; and what is newest of all, which its first column alone sorts.
            models.Index(
                F("listed_on").desc(nulls_last=True),
                F("hotness").desc(nulls_last=True),
                name="paper_newest_hottest",
            ),
            models.Index(F("hotness").desc(nulls_last=True), F("key").desc(), name="paper_hottest"),
            models.Index(
                F("upvotes").desc(), F("hotness").desc(nulls_last=True), name="paper_most_voted"
            ),
            # What is on no page is dated by it; a vote on a page writes nothing here.
            models.Index("submitted_at", condition=Q(listed_on=None), name="paper_on_no_page"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ranked_votes__lte=F("votes")), name="ranked_votes_are_votes"
            ),
            models.CheckConstraint(condition=~Q(key=""), name="paper_has_a_key"),
            models.CheckConstraint(condition=~Q(title=""), name="paper_has_a_title"),
        ]

    # What queries and views set for the templates.
    upvoted: bool = False  # by this reader
    is_saved: bool = False  # by this reader
    is_read: bool = False  # by this reader
    is_folded: bool = False  # muted by this reader: not among the rows of a list, but below them
    why_shown: str = ""  # to this reader, or folded for them: `You follow Ada Lovelace`
    extra_of_row: dict[str, Any] | None = None  # KEYS_OF_ROW of `extra`
    is_new: bool = False  # to this reader, since their last visit
    shown_at_unix: str = ""  # in seconds, for browsers that remember their last visit
    topic_numbers: list[int]  # primary keys
    numbers_by_meaning: Sequence[int] = ()  # of the topics found by meaning
    vote_share: float | None = None  # of its topics, on lists that divide votes by it
    topic_list: "list[Topic]"
    closeness: float = 0.0  # to the paper beside which it is shown, up to 1
    title_marked: str = ""
    abstract_marked: str = ""
    snippet_html: SafeString = SafeString("")  # of its abstract, with the words searched for marked

    def __str__(self) -> str:
        return self.title_text

    # --- What readers do ---

    @transaction.atomic
    def upvote(self, user: "User") -> None:
        """Cast this reader's vote. Again changes nothing, and a voided vote stays void.

        Raises Paper.DoesNotExist where the paper has been merged into another meanwhile.
        """
        # Locked, as another transaction may be merging it away right now.
        Paper.objects.select_for_update(no_key=True).only("pk").get(pk=self.pk)
        now = timezone.now()
        counts_from = max(now, user.date_joined + NEW_ACCOUNT_PERIOD)
        vote = Upvote(
            user=user,
            paper=self,
            created_at=now,
            counts_from=counts_from,
            ranked=counts_from <= now,
        )
        Upvote.objects.bulk_create([vote], ignore_conflicts=True)
        self.refresh_from_db(fields=["votes", "upvotes", "hotness"])

    def unvote(self, user: "User") -> None:
        """Take this reader's vote back. Again changes nothing, and a voided vote stays void."""
        Upvote.objects.cast_by(user).filter(paper=self).delete()
        self.refresh_from_db(fields=["votes", "upvotes", "hotness"])

    @property
    def reference(self) -> str:
        """`17:3`: by its primary key, in the version that a curator is shown."""
        return f"{self.pk}:{self.curation_version}"

    # --- What curators do: through papers/curation, which locks the row and writes the log ---

    def list_on(self, day: date, *, as_pick: bool = False) -> None:
        """Put it on the page of this day; what is a pick stays one."""
        if self.listed_on != day:
            self.position = None  # it was a place on another day's page
        self.listed_on, self.listed_at = day, self.listed_at or timezone.now()
        self.listing_wanted, self.featured = False, self.featured or as_pick
        self._save_curated("listed_on", "listed_at", "listing_wanted", "position", "featured")

    def queue(self) -> None:
        """Take it off its page, for a curator to list it again.

        `listed_at` stays: it says when the paper was first on a page.
        """
        self.listed_on, self.listing_wanted, self.position = None, True, None
        self._save_curated("listed_on", "listing_wanted", "position")

    def feature(self, featured: bool = True) -> None:
        self.featured = featured
        self._save_curated("featured")

    def place_at(self, position: int | None) -> None:
        """Give it this place on the page of its day; None leaves it to the votes."""
        self.position = position
        self._save_curated("position")

    def hide(self, why: str) -> None:
        self.hidden_at, self.hidden_why = timezone.now(), why
        self._save_curated("hidden_at", "hidden_why")

    def show(self) -> None:
        self.hidden_at, self.hidden_why = None, ""
        self._save_curated("hidden_at", "hidden_why")

    def _save_curated(self, *fields: str) -> None:
        self.curation_version += 1
        self.save(update_fields=[*fields, "curation_version"])
