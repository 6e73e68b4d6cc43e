"""Takes a paper that a reader submits: to the queue, to today's page, or to the day they chose."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from papers.curation import actions
from papers.curation.changes import versions_of
from papers.ingest import topic_rules
from papers.ingest.listing_day import ListingRule
from papers.ingest.matching import names_of_entry
from papers.ingest.upsert import upsert, wait_for_turn
from papers.models import Alias, Paper, Submission
from papers.models.submission import MAX_WHY_CHARS
from papers.sources import Entry

MAX_PER_DAY = 10
MAX_PER_DAY_OF_TRUSTED = 50
BLOCKED = "The editors removed this paper from the site for good, so it cannot be added again."
GONE = "This paper has just been deleted, or merged into another. Paste its id again."
HIDDEN = "The editors have hidden this paper, so it cannot be added again."


class Refused(Exception):
    """The paper cannot be added, or not now; the message is for the reader."""


class AlreadyHere(Exception):
    """The paper is on a page, or will be on the day that a curator chose."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(paper.key)
        self.paper = paper


def is_curator(reader: User) -> bool:
    """Whether they choose the day themselves."""
    return reader.has_perm("papers.change_paper")


@transaction.atomic
def accept(
    found: Entry | Paper,
    reader: User,
    now: datetime,
    *,
    why: str = "",
    mail_wanted: bool = False,
    by_hand: bool = False,
    day: date | None = None,
) -> Submission:
    """Submit a paper that is here, or that of a record, which is made or found; once a reader.

    `by_hand`: the reader described it, no archive did. `day` is a curator's choice. Raises Refused
    or AlreadyHere.
    """
    # Two clicks at once, or two readers with the same paper: one waits for the other.
    reader.lock()
    wait_for_turn()
    known = _known(found)
    if known and (earlier := known.submissions.filter(submitter=reader).first()):
        return earlier
    _check_limit(reader, now)
    if isinstance(found, Entry) and not (known and by_hand):
        paper = _paper_of(found, now)
    elif known:
        paper = known
    else:
        raise Refused(GONE)
    if paper.hidden_at:
        raise Refused(HIDDEN)
    if paper.listed_on:
        raise AlreadyHere(paper)
    _take(paper, reader, described_by_reader=by_hand and known is None)
    submission = Submission.objects.create(
        paper=paper,
        title=paper.title_text,
        submitter=reader,
        why=why[:MAX_WHY_CHARS],
        mail_wanted=mail_wanted,
        submitted_at=now,
    )
    if settings.SUBMITTER_UPVOTES:
        paper.upvote(reader)
    _list(paper, reader, day, trusted=reader.is_trusted and not paper.described_by_reader)
    Submission.objects.filter(pk=submission.pk).settle(now)
    submission.refresh_from_db()
    return submission


def _known(found: Entry | Paper) -> Paper | None:
    """The paper as it is now, if it is here."""
    if isinstance(found, Paper):
        return Paper.objects.filter(pk=found.pk).first()
    for scheme, value in names_of_entry(found):
        if alias := Alias.objects.filter(scheme=scheme, value=value).first():
            return alias.paper
    return None


def _check_limit(reader: User, now: datetime) -> None:
    limit = MAX_PER_DAY_OF_TRUSTED if reader.is_trusted else MAX_PER_DAY
    if is_curator(reader):
        return
    if Submission.objects.filter(submitter=reader).of_today(now).count() >= limit:
        raise Refused(f"You have added {limit} papers today, the most for one day. Try tomorrow.")


def _paper_of(entry: Entry, now: datetime) -> Paper:
    result = upsert([entry], now=now, listing=ListingRule.QUEUE)
    if result.deleted:
        raise Refused(BLOCKED)
    return Paper.objects.get(pk=result.papers[0].pk)  # with its generated columns


def _take(paper: Paper, reader: User, *, described_by_reader: bool) -> None:
    """Put it into the queue; its first submitter is named on its page."""
    if paper.submitter_id is None:
        paper.submitter = reader
        paper.submitter_name = paper.submitter_name or reader.submitter_name
    paper.described_by_reader = paper.described_by_reader or described_by_reader
    paper.save(update_fields=["submitter", "submitter_name", "described_by_reader"])
    if not paper.listing_wanted:
        paper.queue()


def _list(paper: Paper, reader: User, day: date | None, *, trusted: bool) -> None:
    if day and is_curator(reader):
        actions.list_on(versions_of([paper]), day, reader)
    elif trusted:
        paper.list_on(timezone.localdate())
        topic_rules.assign_with_sources(Paper.objects.filter(pk=paper.pk))
