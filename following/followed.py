"""Finds the papers of what a reader follows, and says of each which follows it comes from.

    follows = list(Follow.objects.of_reader(reader))
    papers = papers_followed(follows, since).for_rows()
    reasons(follows, papers)  # {paper's primary key: [follow, …]}

For the page of followed papers, the private feed and the digests.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import (
    BigAutoField,
    F,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Greatest, NullIf, TruncDate
from django.utils import timezone

from following.models import Follow
from library.models import ListItem, ReadingList
from papers.identifiers import fold_name, other_spacings
from papers.models import Paper, PaperTopic, Upvote
from papers.models.paper_queries import PaperQuerySet

What = Follow.What


def papers_followed(follows: Sequence[Follow], since: datetime) -> PaperQuerySet:
    """What came after this moment, newest first: listed or published, or added to a followed list.

    With `came_on`, the day of that, where anything is followed. Each kind of follow has a query of
    its own in one statement, as each has its own index.
    """
    keys = list(_queries(follows, since))
    if not keys:
        return Paper.objects.none()
    found = Paper.objects.visible().filter(pk__in=keys[0].union(*keys[1:]))
    found = found.exclude(listed_on__gt=timezone.localdate())
    came_on = _came_on(follows)
    in_order = found.order_by(came_on.desc(), F("hotness").desc(nulls_last=True), "-key")
    return in_order.annotate(came_on=came_on)


def reasons(follows: Sequence[Follow], papers: Iterable[Paper]) -> dict[int, list[Follow]]:
    """By each paper's primary key, the follows that it comes from; papers have a `topic_list`.

    Takes a query where lists, readers or searches are followed.
    """
    papers = list(papers)
    by_key: dict[int, Follow] = {follow.pk: follow for follow in follows}
    topics = {follow.topic_id: follow for follow in follows if follow.what == What.TOPIC}
    authors = {name: follow for follow in _of(follows, What.AUTHOR) for name in _spellings(follow)}
    institutions = {follow.folded: follow for follow in _of(follows, What.INSTITUTION)}
    found: dict[int, list[Follow | None]] = defaultdict(list)
    for paper in papers:
        found[paper.pk] += [topics.get(topic.pk) for topic in paper.topic_list]
        if authors:
            found[paper.pk] += [authors.get(fold_name(name)) for name in paper.authors]
        if institutions:
            found[paper.pk].append(institutions.get(fold_name(paper.row_extras.organization)))
    for paper_key, follow_key in _hits(follows, papers):
        found[paper_key].append(by_key[follow_key])
    return {key: list(dict.fromkeys(filter(None, some))) for key, some in found.items()}


def _queries(follows: Sequence[Follow], since: datetime) -> Iterator["QuerySet[Any, Any]"]:
    """The primary keys of the papers of each kind of follow."""
    recent = Paper.objects.shown_after(since).order_by()
    if topics := [follow.topic_id for follow in _of(follows, What.TOPIC)]:
        assigned = PaperTopic.objects.assigned().filter(topic__in=topics)
        yield recent.filter(pk__in=assigned.values("paper")).values("pk")
    if authors := [name for follow in _of(follows, What.AUTHOR) for name in _spellings(follow)]:
        yield recent.filter(found_by__author_names__overlap=authors).values("pk")
    if institutions := [follow.folded for follow in _of(follows, What.INSTITUTION)]:
        named = recent.alias(institution=_folded_institution())
        yield named.filter(institution__in=institutions).values("pk")
    for rows, paper, _ in _by_readers(follows, recent):
        yield rows.values(paper)
    if _of(follows, What.LIST):
        yield _added(follows).filter(added_at__gt=since).values("paper")
    for follow in _of(follows, What.SEARCH):
        yield recent.matching(follow.words).values("pk")


def _came_on(follows: Sequence[Follow]) -> Func:
    """When a paper was listed or published, or later added to a followed list: a day."""
    shown_on = Coalesce("listed_on", TruncDate("submitted_at"), TruncDate("created_at"))
    if not _of(follows, What.LIST):
        return shown_on
    added = _added(follows).filter(paper=OuterRef("pk")).order_by("-added_at")
    return Greatest(shown_on, TruncDate(Subquery(added.values("added_at")[:1])))


def _hits(follows: Sequence[Follow], papers: Sequence[Paper]) -> Iterable[tuple[int, int]]:
    """Primary keys of a paper, and of a followed list, reader or search that has it: one query."""
    shown = Paper.objects.filter(pk__in=[paper.pk for paper in papers]).order_by()
    hits: list[QuerySet[Any, Any]] = [
        shown.matching(follow.words).values_list("pk", Value(follow.pk, BigAutoField()))
        for follow in _of(follows, What.SEARCH)
    ]
    if lists := [follow.pk for follow in _of(follows, What.LIST)]:
        items = _added(follows).filter(paper__in=papers, reading_list__followers__in=lists)
        hits.append(items.values_list("paper", "reading_list__followers"))
    hits += [rows.values_list(paper, follow) for rows, paper, follow in _by_readers(follows, shown)]
    return hits[0].union(*hits[1:], all=True) if hits else []


def _of(follows: Iterable[Follow], what: str) -> list[Follow]:
    return [follow for follow in follows if follow.what == what]


def _spellings(follow: Follow) -> Collection[str]:
    return [follow.folded, *other_spacings(follow.folded)]


def _added(follows: Sequence[Follow]) -> "QuerySet[ListItem]":
    """What is in the followed lists that are still public."""
    lists = [follow.reading_list for follow in _of(follows, What.LIST)]
    public = ReadingList.objects.public().filter(pk__in=[one.pk for one in lists if one])
    return ListItem.objects.filter(reading_list__in=public)


def _by_readers(
    follows: Sequence[Follow], papers: PaperQuerySet
) -> Iterator[tuple["QuerySet[Any, Any]", str, str]]:
    """Those of these papers that followed readers submitted, upvoted, or put into public lists.

    Only what their profile shows to strangers. Rows, with their columns of papers and of follows.
    """
    if not (keys := [follow.pk for follow in _of(follows, What.READER)]):
        return
    submitters = {"submitter__shows_submitted": True, "submitter__is_active": True}
    submitted = papers.filter(submitter__followers__in=keys, **submitters)
    yield submitted, "pk", "submitter__followers"
    voters = {"user__shows_upvotes": True, "user__is_active": True}
    upvotes = Upvote.objects.active().filter(paper__in=papers, user__followers__in=keys, **voters)
    yield upvotes, "paper", "user__followers"
    lists = ReadingList.objects.public().filter(owner__shows_lists=True)
    items = ListItem.objects.filter(
        paper__in=papers, reading_list__in=lists, reading_list__owner__followers__in=keys
    )
    yield items, "paper", "reading_list__owner__followers"


def _folded_institution() -> Func:
    """As `Extra.organization` reads it from `Paper.extra`, folded as `fold_name` does."""
    organization = KeyTextTransform("organization", "extra")
    name = Coalesce(
        NullIf(KeyTextTransform("fullname", organization), Value("")),
        KeyTextTransform("name", organization),
    )
    return Func(name, function="paper_fold", output_field=TextField())
