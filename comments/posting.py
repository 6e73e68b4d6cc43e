"""How a comment is made: who may, how many, and whose first one waits for a curator."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from comments.models import MAX_COMMENTS_AN_HOUR, Comment
from library.models.lock import lock_papers
from papers.models import Paper

State = Comment.State
NEW_ACCOUNT_FOR = timedelta(days=7)  # the first comment of such an account is held
TOO_MANY = f"You have written {MAX_COMMENTS_AN_HOUR} comments within an hour. Please go on later."
PARENT_GONE = "The comment that you reply to is no longer shown. Your text is kept below."
PAPER_MERGED = "This paper was merged with another meanwhile. Your text is kept: send it again."


class Refused(Exception):
    """The comment was not stored; the message says why."""


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


def is_held(author: User, now: datetime) -> bool:
    """Whether their next comment waits: of a new account none of whose comments is visible."""
    is_new = now - author.date_joined < NEW_ACCOUNT_FOR
    if not is_new or author.is_staff or author.is_trusted:
        return False
    return not author.comments.filter(state=State.VISIBLE).exists()
