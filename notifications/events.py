"""Notes what happened that concerns readers: each event once, by INSERT … SELECT.

Apps do not report events: their rows are looked through, so that none of them knows of this one.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from notifications.models.notification import MAX_NAME_CHARS
from papers.models.submission import OUTCOME_DELAY

NEWS_AGE = timedelta(days=2)  # what was missed for longer than that is not noted any more

# Each yields reader, kind, paper, submission, comment, list, name, time, and whether to email.
DECIDED_SUBMISSIONS = """
SELECT submitter_id, 'submission', NULL::bigint, id, NULL::bigint, NULL::bigint, '', decided_at,
       mail_wanted
  FROM papers_submission
 WHERE decided_at > %(news_since)s AND decided_at <= %(settled_by)s
"""
# To who began the thread, and to who has replied in it before.
REPLIES = """
SELECT DISTINCT earlier.author_id, 'reply', NULL::bigint, NULL::bigint, reply.id,
       NULL::bigint, '', reply.created_at, FALSE
  FROM comments_comment AS reply
  JOIN comments_comment AS earlier
    ON reply.parent_id IN (earlier.id, earlier.parent_id) AND earlier.created_at < reply.created_at
  JOIN papers_paper AS paper ON paper.id = reply.paper_id
 WHERE reply.created_at > %(news_since)s AND reply.state = 'visible' AND paper.hidden_at IS NULL
   AND earlier.state <> 'deleted' AND earlier.author_id IS NOT NULL
   AND earlier.author_id IS DISTINCT FROM reply.author_id
"""
# From the day on which a curator accepted the claim.
PAPERS_OF_CLAIMED_AUTHORS = """
SELECT claim.reader_id, 'own', paper.id, NULL::bigint, NULL::bigint, NULL::bigint, claim.author,
       %(now)s, FALSE
  FROM papers_paper AS paper
  JOIN papers_papersearch AS search ON search.paper_id = paper.id
 CROSS JOIN unnest(search.author_names) AS listed (name)
  JOIN profiles_claim AS claim ON claim.state = 'accepted' AND claim.author_key = listed.name
 WHERE paper.listed_on > %(listed_since)s AND paper.listed_on <= %(today)s
   AND paper.hidden_at IS NULL
   AND paper.listed_on >= (claim.decided_at AT TIME ZONE %(time_zone)s)::date
"""
# From the day of the follow on.
PAPERS_OF_FOLLOWED_AUTHORS = """
SELECT follow.reader_id, 'author', paper.id, NULL::bigint, NULL::bigint, NULL::bigint, follow.words,
       %(now)s, FALSE
  FROM papers_paper AS paper
  JOIN papers_papersearch AS search ON search.paper_id = paper.id
 CROSS JOIN unnest(search.author_names) AS listed (name)
  JOIN following_follow AS follow ON follow.what = 'author' AND follow.folded = listed.name
 WHERE paper.listed_on > %(listed_since)s AND paper.listed_on <= %(today)s
   AND paper.hidden_at IS NULL
   AND paper.listed_on >= (follow.created_at AT TIME ZONE %(time_zone)s)::date
"""
# To the owner, each time that a curator does it.
LISTS_MADE_PRIVATE = """
SELECT list.owner_id, 'list', NULL::bigint, NULL::bigint, NULL::bigint, list.id, '',
       action.created_at, FALSE
  FROM papers_curatoraction AS action
  JOIN library_readinglist AS list ON list.key = action.about_key
 WHERE action.about = 'list' AND action.verb = 'close' AND action.created_at > %(news_since)s
"""
SOURCES = (
    DECIDED_SUBMISSIONS,
    REPLIES,
    PAPERS_OF_CLAIMED_AUTHORS,
    PAPERS_OF_FOLLOWED_AUTHORS,
    LISTS_MADE_PRIVATE,
)
INSERT = """
INSERT INTO notifications_notification
       (reader_id, kind, paper_id, submission_id, comment_id, reading_list_id, name, happened_at,
        mail_wanted)
SELECT event.reader_id, event.kind, event.paper_id, event.submission_id, event.comment_id,
       event.reading_list_id, left(event.name, %(max_name)s), event.happened_at,
       event.mail_wanted OR COALESCE(event.kind = ANY (choice.kinds), FALSE)
  FROM ({events}) AS event
       (reader_id, kind, paper_id, submission_id, comment_id, reading_list_id, name, happened_at,
        mail_wanted)
  LEFT JOIN notifications_mailchoice AS choice USING (reader_id)
 WHERE NOT EXISTS (
       SELECT FROM notifications_notification AS noted
        WHERE noted.reader_id = event.reader_id AND noted.kind = event.kind
          AND noted.paper_id IS NOT DISTINCT FROM event.paper_id
          AND noted.submission_id IS NOT DISTINCT FROM event.submission_id
          AND noted.comment_id IS NOT DISTINCT FROM event.comment_id
          AND noted.reading_list_id IS NOT DISTINCT FROM event.reading_list_id
          AND (event.reading_list_id IS NULL OR noted.happened_at = event.happened_at))
    ON CONFLICT DO NOTHING
"""


def note_new(now: datetime) -> None:
    """Note the events of the last days that are not noted yet."""
    values: dict[str, datetime | date | str | int] = {
        "now": now,
        "news_since": now - NEWS_AGE,
        "settled_by": now - OUTCOME_DELAY,
        "today": timezone.localdate(now),
        "listed_since": timezone.localdate(now - NEWS_AGE),
        "max_name": MAX_NAME_CHARS,
        "time_zone": timezone.get_default_timezone_name(),
    }
    with connection.cursor() as cursor:
        for events in SOURCES:
            if events is REPLIES and not settings.COMMENTS:
                continue
            cursor.execute(INSERT.format(events=events), values)
