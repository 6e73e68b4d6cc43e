"""The last check before a mail is given to the relay, and what became of earlier ones.

One statement, so that both cost one commit.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg import Cursor

from subscriptions.durations import duration_setting
from subscriptions.models.subscriber import Subscriber

if TYPE_CHECKING:
    from subscriptions.models.delivery import Delivery

# `sent` is recorded even where the lease of this worker ran out: it lives and knows better.
# Conditions on a row are part of the UPDATE, not of a subquery: of two workers that update one row
# the second waits, checks the conditions again, and skips it.
STATEMENT = """
WITH sent AS (
    UPDATE subscriptions_delivery AS delivery
       SET state = 'sent', sent_at = %s, lease_until = NULL, last_error = ''
      FROM unnest(%s::bigint[], %s::int[]) AS batch (id, attempts)
     WHERE delivery.id = batch.id
       AND delivery.attempts = batch.attempts
       AND delivery.state IN ('claimed', 'sending', 'uncertain')
)
UPDATE subscriptions_delivery AS delivery
   SET state = 'sending', lease_until = statement_timestamp() + %s
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::text[], %s::text[])
       AS batch (id, lease_until, attempts, address_hash, domain_hash)
 WHERE delivery.id = batch.id
   AND delivery.attempts = batch.attempts
   AND (delivery.state = 'claimed' AND delivery.lease_until = batch.lease_until
        OR delivery.state = 'sending' AND %s)
   AND delivery.subscriber_id IN ({active})
   AND EXISTS (
       SELECT FROM subscriptions_issue AS issue
         JOIN subscriptions_subscription AS ordered ON ordered.frequency = issue.frequency
        WHERE issue.id = delivery.issue_id AND issue.state = 'open'
          AND ordered.subscriber_id = delivery.subscriber_id
   )
   AND NOT EXISTS (
       SELECT FROM subscriptions_suppression AS suppression
        WHERE suppression.address_hash = ANY (ARRAY[batch.address_hash, batch.domain_hash])
   )
RETURNING delivery.id
"""


def pass_gate(
    leaving: "Sequence[Delivery]", sent: "Sequence[Delivery]", now: datetime, is_retry: bool
) -> set[int]:
    """Set `leaving` to `sending` and `sent` to `sent`; the keys of `leaving` that may be sent.

    Those may be sent whose lease is still ours, whose subscriber is active and has a subscription
    of the issue's frequency, whose issue is open, and where neither the address nor its domain is
    suppressed.
    """
    values: list[Any] = [
        now,
        [delivery.pk for delivery in sent],
        [delivery.attempts for delivery in sent],
        duration_setting("MAIL_SENDING_SECONDS"),
        [delivery.pk for delivery in leaving],
        [delivery.lease_until for delivery in leaving],
        [delivery.attempts for delivery in leaving],
        [delivery.suppression_hashes[0] for delivery in leaving],
        [delivery.suppression_hashes[1] for delivery in leaving],
        is_retry,
    ]
    return {pk for (pk,) in _execute_prepared(_statement(), values)}


@cache
def _statement() -> str:
    """Who is active is defined by Subscriber. It holds no values, so it is always the same."""
    active, params = Subscriber.objects.active().values("pk").query.sql_with_params()
    assert not params
    return STATEMENT.format(active=active)


def _execute_prepared(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Planned once for each connection: planning takes longer than executing."""
    connection.ensure_connection()
    psycopg_connection = connection.connection
    with connection.wrap_database_errors, Cursor(psycopg_connection) as cursor:
        if psycopg_connection.prepare_threshold is None:  # Django's cursors never prepare anyway
            psycopg_connection.prepare_threshold = 1
            cursor.execute("SET plan_cache_mode = force_generic_plan")
        return cursor.execute(sql, values, prepare=True).fetchall()
