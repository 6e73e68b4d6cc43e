"""Queries for papers: which ones, in which order, and with what a page shows of them.

They are composed: `Paper.objects.listed(day, day).in_topics(slugs).sorted("new")`.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import Avg, Count, Exists, F, Func, OuterRef, Prefetch, Q, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from papers import identifiers, pasted_ids
from papers.models.alias import Alias, Tombstone
from papers.models.day_order import in_curated_order
from papers.models.reader_columns import reader_columns
from papers.models.search import tsquery
from papers.models.site_day import midnight
from papers.models.sort_orders import ORDER_BY, PICKS_FIRST, SortOrder
from papers.models.topic import PaperTopic, Topic
from papers.models.upvote import Upvote
from papers.search_query import Query, parse
from papers.source_metadata import KEYS_OF_ROW

if TYPE_CHECKING:
    from papers.models.paper import Paper

# arXiv ids state their month since April 2007: `0704.0001`. The year has two digits.
FIRST_MONTH_IN_IDS = date(2007, 4, 1)
LAST_DAY_IN_IDS = date(2090, 12, 31)
FAIR_SPAN = timedelta(days=90)  # the day alone is worth 32 points then
MAX_WHY_CHARS = 200  # of Tombstone.why


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible(self) -> "PaperQuerySet":
        """What the public may read.

        All but what a curator hid, and what a reader described by hand and nobody has listed.
        """
        return self.filter(
            Q(described_by_reader=False) | Q(listed_on__isnull=False), hidden_at=None
        )

    def listed(self, first: date | None = None, last: date | None = None) -> "PaperQuerySet":
        """On the pages of these days, both included; without days, on any page up to today."""
        last = last or timezone.localdate()
        first = first or date.min
        return self.filter(hidden_at=None, listed_on__range=(first, last))

    def queued(self) -> "PaperQuerySet":
        """Waiting for a curator to list them."""
        return self.filter(hidden_at=None, listed_on=None, listing_wanted=True)

    def with_wrong_counters(self) -> "PaperQuerySet":
        """Whose vote counters are not what their votes say. Triggers keep them, so there are none.

        Reads all votes: for one look a night, and for curators.
        """
        active = Q(upvote_set__voided_at=None)
        counted = self.annotate(
            cast=Count("upvote_set", filter=active),
            counting=Count("upvote_set", filter=active & Q(upvote_set__ranked=True)),
        )
        return counted.exclude(votes=F("cast"), ranked_votes=F("counting"))

    def in_topics(
        self, slugs: Iterable[str], known: Iterable["Topic"] | None = None
    ) -> "PaperQuerySet":
        """In any of these topics; all papers where no slug is given.

        The topics' primary keys are looked up first, unless the caller gives them as `known`,
        or all topics: of a primary key the planner knows how many papers have it, of a slug it does
        not, and then reads a million papers for the last page of a small topic.
        """
        slugs = list(slugs)
        if not slugs:
            return self
        topics = Topic.objects.filter(slug__in=slugs) if known is None else known
        keys = [topic.pk for topic in topics if topic.slug in slugs]
        assigned = PaperTopic.objects.assigned().filter(paper=OuterRef("pk"), topic__in=keys)
        return self.filter(Exists(assigned))

    def with_min_votes(self, votes: int) -> "PaperQuerySet":
        return self.filter(upvotes__gte=votes) if votes > 0 else self

    def shown_after(self, moment: datetime) -> "PaperQuerySet":
        """Those that came on their page after this moment, as `Paper.shown_at` says."""
        day = timezone.localdate(moment)
        that_day = Q(listed_on=day, listed_at__gt=moment)
        that_day &= Q(listed_at__lt=midnight(day + timedelta(days=1)))
        submitted = Q(submitted_at__gt=moment) | Q(submitted_at=None, created_at__gt=moment)
        return self.filter(Q(listed_on__gt=day) | that_day | (Q(listed_on=None) & submitted))

    def matching(self, query: Query | str) -> "PaperQuerySet":
        """What a search finds by its words and filters; nothing where the search is empty."""
        query = parse(query) if isinstance(query, str) else query
        if query.is_empty:
            return self.none()
        papers = self.with_filters(query)
        if query.has_words:
            papers = papers.filter(found_by__search__meets=tsquery(query))
        return papers

    def with_filters(self, query: Query) -> "PaperQuerySet":
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
        """Listed on these days, both included.

        A paper that is on no page counts by the day it was submitted. Where that is not known, the
        whole month that its arXiv id states must lie within these days.
        """
        if since is None and until is None:
            return self
        first, last = since or date.min, until or date.max
        listed = Q(listed_on__range=(first, last))
        submitted = Q(listed_on=None)
        if since:
            submitted &= Q(submitted_at__gte=midnight(first))
        if until:
            submitted &= Q(submitted_at__lt=midnight(last + timedelta(days=1)))
        first, last = max(first, FIRST_MONTH_IN_IDS), min(last, LAST_DAY_IN_IDS)
        if first.day > 1:
            first = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
        after = last + timedelta(days=1)  # its month does not end within these days
        numbered = Q(listed_on=None, submitted_at=None, key__regex=r"^[0-9]{4}\.")
        numbered &= Q(key__gte=f"{first:%y%m}.", key__lt=f"{after:%y%m}.")
        return self.filter(listed | submitted | numbered)

    def sorted(self, order: str, *, curated: bool = False, fair: bool = False) -> "PaperQuerySet":
        """By a SortOrder; `curated` puts a day's picks before hotness, and heeds positions.

        `fair` divides votes by what the paper's topics usually get. No index serves that: it is for
        the papers of some months, as `in_fair_span` leaves.
        """
        columns = ORDER_BY[order]
        if fair and order == SortOrder.HOT:
            columns = (fair_hotness().desc(nulls_last=True), "-key")
        if curated and order == SortOrder.HOT:
            return self.order_by(*PICKS_FIRST, *columns).with_positions()
        return self.order_by(*columns)

    def with_positions(self) -> "PaperQuerySet":
        """In their order, but a paper of position 3 is the third of its day in this list.

        Takes a query, as they are few: the papers of some days.
        """
        rows: Iterable[Any] = self.values_list("pk", "listed_on", "position", named=True)
        if not any(row.position for row in rows):
            return self
        keys = Value([row.pk for row in in_curated_order(rows)])
        return self.order_by(Func(keys, "pk", function="array_position"))

    def in_fair_span(self) -> "PaperQuerySet":
        """Without old papers, which no votes lift among the hottest."""
        return self.filter(listed_on__gte=timezone.localdate() - FAIR_SPAN)

    def limited(self, offset: int, limit: int) -> "PaperQuerySet":
        """At most `limit` papers from `offset` on, in the order of this query set.

        Only they are read whole: of the papers that a deep page skips, only primary keys are.
        """
        keys = self.values("pk")[offset : offset + limit]
        return self.model.objects.filter(pk__in=keys).order_by(*self.query.order_by)

    def colder_than(self, hotness: float, key: str) -> "PaperQuerySet":
        """What follows this paper in the order `hot`; the index finds it, however deep it is."""
        return self.filter(hotness__lte=hotness).filter(Q(hotness__lt=hotness) | Q(key__lt=key))

    def for_rows(self) -> "PaperQuerySet":
        """With what a row shows: its columns and, by one more query, `topic_list`."""
        return self.with_row_columns().prefetch_related(
            Prefetch(
                "topics",
                Topic.objects.with_papers(),
                to_attr="topic_list",  # type: ignore[no-redef]
            )
        )

    def for_list(self, reader: Any) -> "PaperQuerySet":
        """With what a list shows, in the same query.

        That is what `with_row_columns` adds, `upvoted` by `reader`, and what `reader_columns` says.
        """
        return self.with_row_columns()._marked_for(reader)

    def _marked_for(self, reader: Any) -> "PaperQuerySet":
        upvotes = Upvote.objects.cast_by(reader).filter(paper=OuterRef("pk"))
        marks: dict[str, Any] = {"upvoted": Exists(upvotes), **reader_columns(reader)}
        return self.annotate(**marks)

    def with_picture(self) -> "PaperQuerySet":
        """With `picture`, where there is one, in the same query."""
        return self.select_related("picture")

    def with_row_columns(self) -> "PaperQuerySet":
        """The picture, of `extra` the few keys that a row shows, and the numbers of its topics.

        `Paper.set_topics` makes `topic_list` of them, with topics that all rows share.
        """
        keys = JSONObject(**{key: F(f"extra__{key}") for key in KEYS_OF_ROW})
        topics = PaperTopic.objects.filter(paper=OuterRef("pk"))
        shown: dict[str, Any] = {
            "extra_of_row": keys,
            "topic_numbers": ArraySubquery(topics.assigned().values("topic")),
            "numbers_by_meaning": ArraySubquery(
                topics.filter(by=PaperTopic.By.MEANING).values("topic")
            ),
        }
        unseen = ("lease_until", "next_try_at", "attempts", "last_error", "source_url")
        rows = self.with_picture().defer("extra", *(f"picture__{column}" for column in unseen))
        return rows.annotate(**shown)

    def for_page(self, reader: Any = None) -> "PaperQuerySet":
        """With all that the page of a paper shows; to this reader, if one is given."""
        papers = self.for_rows().defer(None)
        return papers._marked_for(reader) if reader else papers

    def by_author(self, name: str) -> "PaperQuerySet":
        """Of exactly this name, ignoring accents and case; two people may share it."""
        if not (folded := identifiers.fold_name(name)):
            return self.none()
        spellings = [folded, *identifiers.other_spacings(folded)]
        return self.filter(found_by__author_names__overlap=spellings)

    def submitted_by(self, submitter_name: str) -> "PaperQuerySet":
        """By the name of who submitted them to the daily papers; an empty one means nobody."""
        return self.filter(submitter_name=submitter_name)

    def by_any_name(self, spelling: str) -> "Paper | None":
        """By key, by a key that was merged away, by an id however it was pasted; else None."""
        exact = identifiers.recognise(spelling)  # the DOI of a version may be an alias too
        pasted = pasted_ids.read(spelling)
        names = [exact, *(pasted.names if pasted.is_alone else ())]
        if exact or identifiers.is_key(spelling):
            if paper := self.filter(key=spelling).first():
                return paper
            names.append(("key", spelling))
        for scheme, value in dict.fromkeys(filter(None, names)):
            if paper := self.filter(aliases__scheme=scheme, aliases__value=value).first():
                return paper
        return None

    def by_alias(self, scheme: str, value: str) -> "Paper | None":
        """The paper that has exactly this alias, of all papers."""
        alias = Alias.objects.filter(scheme=scheme, value=value).select_related("paper").first()
        return alias.paper if alias else None

    def mark_for(self, papers: Iterable["Paper"], reader: Any) -> None:
        """Set `upvoted` and what `reader_columns` says on each, in one query for the whole page.

        For papers that were read without: see `for_list` and `for_page`.
        """
        papers = list(papers)
        marks: dict[int, dict[str, Any]] = {}
        if reader.is_authenticated:
            rows = self.filter(pk__in=[paper.pk for paper in papers])._marked_for(reader)
            names = ["upvoted", *reader_columns(reader)]
            marks = {row.pop("pk"): row for row in rows.values("pk", *names)}
        for paper in papers:
            vars(paper).update(marks.get(paper.pk, {"upvoted": False}))

    def delete_forever(self, why: str) -> None:
        """Delete, and leave a tombstone for each name, so that it is not ingested again.

        Samples leave none.
        """
        names = Alias.objects.filter(paper__in=self, paper__is_sample=False)
        with transaction.atomic():
            Tombstone.objects.bulk_create(
                [
                    Tombstone(scheme=scheme, value=value, why=why[:MAX_WHY_CHARS])
                    for scheme, value in names.values_list("scheme", "value")
                ],
                ignore_conflicts=True,
            )
            self.delete()


def fair_hotness() -> Func:
    """Hotness where votes are divided by the mean `vote_share` of the paper's topics."""
    of_paper = PaperTopic.objects.assigned().filter(paper=OuterRef("pk")).order_by()
    share = of_paper.values("paper").values(share=Avg("topic__vote_share"))
    votes = F("ranked_votes") + F("votes_brought") + F("expected_votes")
    return Func(
        votes / Coalesce(Subquery(share), 1.0, output_field=models.FloatField()),
        "listed_on",
        function="papers_hotness",
        output_field=models.FloatField(null=True),
    )
