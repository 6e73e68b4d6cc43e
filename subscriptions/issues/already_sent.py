"""The papers that subscribers were sent before, and so are not sent again."""

from collections.abc import Collection

from django.db import connection


def received_papers(subscriber_ids: Collection[int], oldest_id: int) -> dict[int, set[int]]:
    """For each subscriber the keys of papers from `oldest_id` on that are in any mail to them."""
    with connection.cursor() as cursor:
        cursor.execute(RECEIVED_SQL, [oldest_id, list(subscriber_ids)])
        return {subscriber: set(papers) for subscriber, papers in cursor.fetchall()}


# A range of keys, not a list of them: of years of mail, only the end of each subscriber's part of
# the index is read.
RECEIVED_SQL = """
SELECT subscriber, ARRAY(SELECT paper_id FROM subscriptions_deliverypaper
                          WHERE subscriber_id = subscriber AND paper_id >= %s)
  FROM unnest(%s::bigint[]) AS subscriber
"""
