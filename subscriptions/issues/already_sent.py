"""The papers that subscribers were sent before, and so are not sent again."""

from collections.abc import Mapping

from django.db import connection


def received_papers(oldest_ids: Mapping[int, int]) -> dict[int, set[int]]:
    """For each subscriber the keys of papers in any mail to them, from the given key on."""
    with connection.cursor() as cursor:
        cursor.execute(RECEIVED_SQL, [list(oldest_ids), list(oldest_ids.values())])
        return {subscriber: set(papers) for subscriber, papers in cursor.fetchall()}


# A range of keys, not a list of them: of years of mail, only the end of each subscriber's part of
# the index is read.
RECEIVED_SQL = """
SELECT subscriber, ARRAY(SELECT paper_id FROM subscriptions_deliverypaper
                          WHERE subscriber_id = subscriber AND paper_id >= oldest)
  FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (subscriber, oldest)
"""
