"""A paper: one work, whatever its version, and everything by which it is known and found."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, models, transaction
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe

from papers import citations, identifiers, text
from papers.models.embedding import PaperEmbedding
from papers.models.search import PaperSearch, tsquery
from papers.models.upvote import NEWCOMER, Upvote
from papers.ranking import in_words
from papers.search_query import Query, parse
from papers.source_extra import Extra

if TYPE_CHECKING:
    from accounts.models import User
    from papers.models.topic import Topic

LEAD_AUTHORS = 5
SHORT_ABSTRACT = 120  # letters
ORDERS: dict[str, tuple[Any, ...]] = {
    "hot": (F("hotness").desc(nulls_last=True), "key"),
    "upvotes": ("-upvotes", F("hotness").desc(nulls_last=True), "key"),
    "new": (F("listed_on").desc(nulls_last=True), F("submitted_at").desc(nulls_last=True), "key"),
}
DESK_ORDER = ("-featured", F("position").asc(nulls_last=True), *ORDERS["hot"])


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible(self) -> "PaperQuerySet":
        """What the public may read: all but what a curator hid."""
        return self.filter(hidden_at=None)

    def listed(self, first: date | None = None, last: date | None = None) -> "PaperQuerySet":
        """On the pages of these days, both included; without days, on any up to today."""
        last = last or timezone.localdate()
        first = first or date.min
        return self.visible().filter(listed_on__range=(first, last))

    def queued(self) -> "PaperQuerySet":
        return self.visible().filter(listed_on=None, listing_wanted=True)

    def in_topics(
        self, slugs: Iterable[str], known: Iterable["Topic"] | None = None
    ) -> "PaperQuerySet":
        """Any of these topics; none named means all papers.

        Their keys are looked up first, unless all topics are `known`: of a key the planner knows
        how many papers it stands for, of a slug it does not, and then reads a million papers for
        the last page of a small topic.
        """
        slugs = list(slugs)
        if not slugs:
            return self
        from papers.models.topic import PaperTopic, Topic

        topics = Topic.objects.filter(slug__in=slugs) if known is None else known
        keys = [topic.pk for topic in topics if topic.slug in slugs]
        of_these = PaperTopic.objects.filter(
            paper=models.OuterRef("pk"), topic__in=keys, against=False
        )
        return self.filter(models.Exists(of_these))

    def with_min_votes(self, votes: int) -> "PaperQuerySet":
        return self.filter(upvotes__gte=votes) if votes > 0 else self

    def matching(self, query: Query | str) -> "PaperQuerySet":
        """What a search asks for, by its words and filters; none if it asks for nothing."""
        query = parse(query) if isinstance(query, str) else query
        if query.is_empty:
            return self.none()
        papers = self.within(query)
        if query.has_words:
            papers = papers.filter(found_by__search__meets=tsquery(query))
        return papers

    def within(self, query: Query) -> "PaperQuerySet":
        """What the filters of a search leave, whatever its words."""
        papers = self.in_topics(query.topics).with_min_votes(query.min_votes)
        if query.categories:
            papers = papers.filter(categories__overlap=query.categories)
        if query.unwanted_categories:
            papers = papers.exclude(categories__overlap=query.unwanted_categories)
        if query.unwanted_topics:
            papers = papers.exclude(pk__in=self.model.objects.in_topics(query.unwanted_topics))
        return papers.dated(query.since, query.until)

    def dated(self, since: date | None, until: date | None) -> "PaperQuerySet":
        """Listed in these days; what is on no page counts by the day it was submitted, and
        where that is not known by the month that its arXiv id states."""
        if since is None and until is None:
            return self
        first, last = since or date.min, until or date.max
        listed = Q(listed_on__range=(first, last))
        submitted, numbered = Q(listed_on=None), Q(listed_on=None, submitted_at=None)
        if since:
            submitted &= Q(submitted_at__gte=_midnight(first))
        if until:
            submitted &= Q(submitted_at__lt=_midnight(last + timedelta(days=1)))
        first, last = max(first, date(2007, 4, 1)), min(last, date(2090, 12, 1))
        following = last.replace(day=1) + timedelta(days=31)
        numbered &= Q(key__gte=f"{first:%y%m}.", key__lt=f"{following:%y%m}.")
        numbered &= Q(key__regex=r"^[0-9]{4}\.")
        return self.filter(listed | submitted | numbered)

    def sorted(self, order: str, *, desk: bool = False) -> "PaperQuerySet":
        """By one of ORDERS; `desk` lets the curators' order of a day go before hotness."""
        if desk and order == "hot":
            return self.order_by(*DESK_ORDER)
        return self.order_by(*ORDERS[order])

    def for_rows(self) -> "PaperQuerySet":
        """With what a row of a list draws, in one more query."""
        from papers.models.topic import Topic

        return self.defer("extra").prefetch_related(
            models.Prefetch(
                "topics",
                Topic.objects.filter(papertopic__against=False).distinct(),
                to_attr="topic_list",  # type: ignore[no-redef]
            )
        )

    def for_list(self, reader: Any) -> "PaperQuerySet":
        """With what a list draws in no further query: `topic_numbers`, and `upvoted`."""
        from papers.models.topic import PaperTopic

        of_this = {"paper": models.OuterRef("pk")}
        topics = PaperTopic.objects.filter(**of_this, against=False).values("topic")
        upvoted: Any = models.Value(False)
        if reader.is_authenticated:
            mine = Upvote.objects.filter(**of_this, user=reader, voided_at=None)
            upvoted = models.Exists(mine)
        drawn: dict[str, Any] = {"topic_numbers": ArraySubquery(topics), "upvoted": upvoted}
        return self.defer("extra").annotate(**drawn)

    def cut(self, first: int, many: int) -> "PaperQuerySet":
        """These, counted in the order asked for. Only they are read whole: what a deep page
        skips are numbers."""
        numbers = self.values("pk")[first : first + many]
        return self.model.objects.filter(pk__in=numbers).order_by(*self.query.order_by)

    def colder_than(self, hotness: float, key: str) -> "PaperQuerySet":
        """What follows this paper in the order `hot`, found by the index however deep."""
        return self.filter(hotness__lte=hotness).filter(Q(hotness__lt=hotness) | Q(key__gt=key))

    def for_page(self) -> "PaperQuerySet":
        """With all that its own page shows."""
        return self.for_rows().defer(None)

    def by_author(self, name: str) -> "PaperQuerySet":
        """Of this name exactly, however it is accented and cased; two people may share it."""
        folded = identifiers.fold_name(name)
        return self.filter(found_by__author_names__contains=[folded]) if folded else self.none()

    def brought_by(self, submitter: str) -> "PaperQuerySet":
        """By the name of who brought them to the daily papers; an empty one means nobody."""
        return self.filter(submitter_name=submitter)

    def by_any_name(self, spelling: str) -> "Paper | None":
        """By key, by a key that was merged away, as arXiv id with a version, by DOI, by link."""
        if found := self.filter(key=spelling).first():
            return found
        names = [("key", spelling)]
        if recognised := identifiers.recognise(spelling):
            names.insert(0, recognised)
        for scheme, value in names:
            if found := self.filter(aliases__scheme=scheme, aliases__value=value).first():
                return found
        return None

    def mark_upvoted(self, papers: Iterable["Paper"], user: Any) -> None:
        """Set `upvoted` on each of these, in one query for the whole page."""
        papers = list(papers)
        mine: set[int] = set()
        if user.is_authenticated:
            votes = Upvote.objects.filter(user=user, paper__in=papers, voided_at=None)
            mine = set(votes.values_list("paper_id", flat=True))
        for paper in papers:
            paper.upvoted = paper.pk in mine

    def bury(self, why: str) -> None:
        """Remove for good: what goes by their names, samples excepted, is not ingested again."""
        names = Alias.objects.filter(paper__in=self, paper__is_sample=False)
        with transaction.atomic():
            Tombstone.objects.bulk_create(
                [
                    Tombstone(scheme=scheme, value=value, why=why[:200])
                    for scheme, value in names.values_list("scheme", "value")
                ],
                ignore_conflicts=True,
            )
            self.delete()

    def known_as(self, scheme: str, value: str) -> "Paper | None":
        alias = Alias.objects.filter(scheme=scheme, value=value).select_related("paper").first()
        return alias.paper if alias else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class Paper(models.Model):
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
        null=True, blank=True, help_text="A curator's order on the day's page, before hotness."
    )
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
    hotness = models.GeneratedField(
        expression=Func(
            F("ranked_votes") + F("votes_brought"), "listed_on", function="papers_hotness"
        ),
        output_field=models.FloatField(null=True),
        db_persist=True,
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

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
            models.Index(F("hotness").desc(nulls_last=True), "key", name="paper_hottest"),
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

    upvoted: bool = False
    is_new: bool = False  # to this reader, since their last visit
    seconds: str = ""  # when it came, for browsers that remember their last visit
    topic_numbers: list[int]
    topic_list: "list[Topic]"
    closeness: float = 0.0  # to the paper beside which it is shown, up to 1
    title_marked: str = ""
    abstract_marked: str = ""
    snippet_html: SafeString = SafeString("")  # of its abstract, with what was searched for marked

    def __str__(self) -> str:
        return self.title_text

    def get_absolute_url(self) -> str:
        return reverse("papers:paper", args=[self.key])

    @cached_property
    def url(self) -> str:
        """The same, worked out once for a row."""
        return self.get_absolute_url()

    # --- What readers do ---

    @transaction.atomic
    def upvote(self, user: "User") -> None:
        """This reader's vote stands, however often they ask; a voided one stays void."""
        # Held still, as it may be merged away this moment: then it does not exist, says `get`.
        Paper.objects.select_for_update(no_key=True).only("pk").get(pk=self.pk)
        now = timezone.now()
        counts_from = max(now, user.date_joined + NEWCOMER)
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
        Upvote.objects.filter(user=user, paper=self, voided_at=None).delete()
        self.refresh_from_db(fields=["votes", "upvotes", "hotness"])

    # --- What curators do ---

    def list_on(self, day: date) -> None:
        self.listed_on, self.listed_at = day, self.listed_at or timezone.now()
        self.listing_wanted = False
        self.save(update_fields=["listed_on", "listed_at", "listing_wanted"])

    def queue(self) -> None:
        """Off its page, for a curator to list it again. Its first hour on a page is remembered."""
        self.listed_on, self.listing_wanted = None, True
        self.save(update_fields=["listed_on", "listing_wanted"])

    def feature(self, featured: bool = True) -> None:
        self.featured = featured
        self.save(update_fields=["featured"])

    def hide(self, why: str) -> None:
        self.hidden_at, self.hidden_why = timezone.now(), why
        self.save(update_fields=["hidden_at", "hidden_why"])

    def show(self) -> None:
        self.hidden_at, self.hidden_why = None, ""
        self.save(update_fields=["hidden_at", "hidden_why"])

    @transaction.atomic
    def merge(self, other: "Paper") -> None:
        """Take over all that `other` has; its key goes on as an alias, and it is no more."""
        assert self.pk != other.pk
        pair = Paper.objects.filter(pk__in=[self.pk, other.pk]).order_by("pk")
        list(pair.select_for_update(no_key=True))  # in one order, so that two merges cannot lock
        Alias.objects.filter(paper=other).update(paper=self)
        Alias.objects.get_or_create(scheme="key", value=other.key, defaults={"paper": self})
        # A curator's word on a topic counts more than a rule's, whichever paper it was about.
        chosen = other.papertopic_set.filter(by="curator").values("topic")
        self.papertopic_set.exclude(by="curator").filter(topic__in=chosen).delete()
        for relation in Paper._meta.related_objects:
            if relation.related_model not in {Alias, PaperEmbedding, PaperSearch}:
                _move(relation, other, self)
        days = [paper.listed_on for paper in (self, other) if paper.listed_on]
        self.listed_on = min(days, default=None)
        self.listed_at = self.listed_at or other.listed_at
        self.votes_brought = max(self.votes_brought, other.votes_brought)
        self.save(update_fields=["listed_on", "listed_at", "votes_brought"])
        other.delete()
        self.refresh_from_db()

    # --- What a page asks ---

    @cached_property
    def title_html(self) -> SafeString:
        return mark_safe(text.html(self.title))  # noqa: S308 escaped there, all but our own MathML

    @cached_property
    def abstract_html(self) -> SafeString:
        return mark_safe(text.html(self.abstract))  # noqa: S308

    @cached_property
    def abstract_paragraphs(self) -> SafeString:
        return mark_safe(text.paragraphs_html(self.abstract))  # noqa: S308

    @property
    def ranked_by(self) -> str:
        """Its hotness, in words."""
        if self.listed_on is None:
            return ""
        counting = self.ranked_votes + self.votes_brought
        words = in_words(counting, self.listed_on)
        return f"{words}; votes of new accounts rank later" if self.upvotes > counting else words

    @property
    def upvotes_text(self) -> str:
        """As text at once: a template asks for the customs of the land at every number."""
        return str(self.upvotes)

    @property
    def vote_label(self) -> str:
        many = "1 upvote" if self.upvotes == 1 else f"{self.upvotes:,} upvotes"
        return f"{self.title_text}, {many}"

    @property
    def author_line(self) -> str:
        """The first few, on one line."""
        more = len(self.authors) - LEAD_AUTHORS
        names = ", ".join(self.authors[:LEAD_AUTHORS])
        return f"{names} and {more:,} more" if more > 0 else names

    @property
    def short_day(self) -> str:
        """Fri 14 Mar, with its year if that is another."""
        if (day := self.listed_on) is None:
            return ""
        year = "" if day.year == timezone.localdate().year else f" {day.year}"
        return f"{day:%a} {day.day} {day:%b}{year}"

    @property
    def is_long(self) -> bool:
        """Whether its abstract fills more lines than a list shows."""
        return len(self.abstract_text) > SHORT_ABSTRACT

    @property
    def arxiv_id(self) -> str:
        """Without version; empty for what is not on arXiv."""
        return self.key if identifiers.arxiv_id(self.key) else ""

    @property
    def lead_authors(self) -> list[str]:
        return self.authors[:LEAD_AUTHORS]

    @property
    def more_authors(self) -> int:
        return max(0, len(self.authors) - LEAD_AUTHORS)

    @property
    def day_url(self) -> str:
        return reverse("papers:day", args=[self.listed_on.isoformat()]) if self.listed_on else ""

    @property
    def doi_url(self) -> str:
        return f"https://doi.org/{self.doi}" if self.doi else ""

    @property
    def links(self) -> dict[str, str]:
        """Where it is to be found, each by the word that stands on the link."""
        links = {
            "Page": f"{settings.SITE_URL}{self.get_absolute_url()}",
            "arXiv" if self.arxiv_id else "Abstract": self.abstract_url,
            "PDF": self.pdf_url,
            "DOI": self.doi_url,
            "Code": self.code_url,
            "Project": self.project_url,
        }
        return {word: url for word, url in links.items() if url}

    @cached_property
    def extras(self) -> Extra:
        """What its source told beside the fields here."""
        return Extra.of(self.extra)

    @cached_property
    def citation(self) -> citations.Work:
        published = self.published_on
        month = identifiers.published_month(self.arxiv_id)
        return citations.Work(
            title=self.title,
            abstract=self.abstract,
            authors=tuple(self.authors),
            published_on=published,
            year=published.year if published else month and month[0],
            arxiv_id=self.arxiv_id,
            primary_category=self.primary_category,
            doi=self.doi,
            journal=self.journal_ref,
            keywords=self.extras.keywords,
            url=self.abstract_url
            or self.doi_url
            or f"{settings.SITE_URL}{self.get_absolute_url()}",
            pdf_url=self.pdf_url,
        )

    @property
    def published_on(self) -> date | None:
        """When its authors first showed it, as far as anybody told us."""
        if self.submitted_at:
            return self.submitted_at.astimezone(UTC).date()
        return self.announced_on or (None if self.arxiv_id else self.listed_on)

    @property
    def shown_at(self) -> datetime:
        """When it came on its page; the start of that day where it was brought later, in bulk."""
        if self.listed_on is None:
            return self.submitted_at or self.created_at
        if self.listed_at and timezone.localdate(self.listed_at) == self.listed_on:
            return self.listed_at
        return timezone.make_aware(datetime.combine(self.listed_on, time.min))

    @property
    def submitted_by(self) -> str:
        return self.submitter_name


def _move(relation: Any, old: Paper, new: Paper) -> None:
    """Point what hangs on one paper to another; what the other has already stays behind."""
    for row in relation.related_model._base_manager.filter(**{relation.field.name: old}):
        setattr(row, relation.field.name, new)
        try:
            with transaction.atomic():
                row.save(update_fields=[relation.field.name])
        except IntegrityError:
            continue


class Alias(models.Model):
    """A name of a paper: `arxiv:2502.03793`, `doi:10.1101/…`, `key:` of one merged into it."""

    scheme = models.CharField(max_length=20)
    value = models.CharField(max_length=500)
    paper = models.ForeignKey(Paper, models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="one_paper_per_alias")
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    def clean(self) -> None:
        _spell(self)


class Tombstone(models.Model):
    """A name of what a curator removed for good: it is not ingested again."""

    scheme = models.CharField(max_length=20)
    value = models.CharField(max_length=500)
    why = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="one_tombstone_per_name")
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    def clean(self) -> None:
        _spell(self)


def _spell(name: Alias | Tombstone) -> None:
    """As ingest spells it, however a curator does: `arXiv`, `2502.03793v2`."""
    if names := identifiers.aliases(identifiers=[(name.scheme.strip().lower(), name.value)]):
        name.scheme, name.value = names[0]
