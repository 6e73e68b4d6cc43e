"""How readers write, edit and report comments: how many, and what waits for a curator.

The reader's row is locked first, so that limits hold for requests that arrive at once.
"""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from comments.models import (
    EDITABLE_FOR,
    MAX_COMMENTS_AN_HOUR,
    Comment,
    CommentReport,
)
from library.models.lock import lock_papers
from papers.models import Paper
from papers.models.report import MAX_REPORTS_A_DAY, TooManyReports

State = Comment.State
NEW_ACCOUNT_FOR = timedelta(days=7)  # the first comment of such an account is held
TOO_MANY = f"You have written {MAX_COMMENTS_AN_HOUR} comments within an hour. Please go on later."
TOO_MANY_REPORTS = f"You have reported {MAX_REPORTS_A_DAY} comments within a day."
TOO_LATE = f"A comment can be edited for {EDITABLE_FOR.seconds // 60} minutes; these are over."
GONE = "This comment was deleted or hidden meanwhile. Your text is kept below."
PARENT_GONE = "The comment that you reply to is no longer shown. Your text is kept below."
PAPER_MERGED = "This paper was merged with another meanwhile. Your text is kept: send it again."


class Refused(Exception):
    """Nothing was stored; the message says why."""


@transaction.atomic
def post(
    paper: Paper,
    author: User,
    text: str,
    now: datetime,
    *,
    reply_to: Comment | None = None,
    by_program: bool = False,
) -> Comment:
    """Store a comment. A reply to a reply joins the thread of both. Raises Refused."""
    author.lock()
    # Locked, as another transaction may be merging it away right now.
    if not lock_papers([paper]):
        raise Refused(PAPER_MERGED)
    if Comment.objects.is_limit_reached(author, now):
        raise Refused(TOO_MANY)
    if reply_to and not (reply_to.paper_id == paper.pk and reply_to.state == State.VISIBLE):
        raise Refused(PARENT_GONE)
    return Comment.objects.create(
        paper=paper,
        author=author,
        parent=(reply_to.parent or reply_to) if reply_to else None,
        text=text,
        by_program=by_program,
        state=State.HELD if is_held(author, now) else State.VISIBLE,
        created_at=now,
    )


@transaction.atomic
def edit(comment: Comment, text: str, now: datetime) -> Comment:
    """Replace the text and keep the one before. Raises Refused.

    Held again if it would be held as a new comment: what a curator let through is not replaced by
    something else that none has read.
    """
    current = Comment.objects.select_for_update().get(pk=comment.pk)
    if current.author is None or not current.is_shown:
        raise Refused(GONE)
    if not current.is_editable(current.author, now):
        raise Refused(TOO_LATE)
    if text != current.text:
        current.edits.create(text=current.text, until=now)
        current.text, current.edited_at = text, now
        if is_held(current.author, now, current):
            current.state = State.HELD
        current.save(update_fields=["text", "edited_at", "state"])
    return current


def is_held(author: User, now: datetime, edited: Comment | None = None) -> bool:
    """Whether what they write now waits: of a new account without another visible comment."""
    is_new = now - author.date_joined < NEW_ACCOUNT_FOR
    if not is_new or author.is_staff or author.is_trusted:
        return False
    others = author.comments.exclude(pk=edited.pk) if edited else author.comments.all()
    return not others.filter(state=State.VISIBLE).exists()


def report(comment: Comment, reader: User, words: str, now: datetime) -> bool:
    """False where a report of this reader on it is still open: that one stays. Raises Refused."""
    try:
        return CommentReport.objects.add(reader, now, comment=comment, words=words)
    except TooManyReports:
        raise Refused(TOO_MANY_REPORTS) from None
