"""The last step before the wire, in one statement: what arrived, and which mails may leave."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg import Cursor

from subscriptions.durations import limit
from subscriptions.models.subscriber import Subscriber

if TYPE_CHECKING:
    from subscriptions.models.delivery import Delivery

# What arrived is written down even where a worker was thought dead: it knows better. Conditions
# on a row stand beside it, not in a subquery of it: of two workers that meet at one row the second
# waits, looks again, and passes it over.
STATEMENT = """
WITH arrived AS (
    UPDATE subscriptions_delivery AS delivery
       SET state = 'sent', sent_at = %s, lease_until = NULL, last_error = ''
      FROM unnest(%s::bigint[], %s::int[]) AS mine (id, attempts)
     WHERE delivery.id = mine.id
       AND delivery.attempts = mine.attempts
       AND delivery.state IN ('claimed', 'sending', 'uncertain')
)
UPDATE subscriptions_delivery AS delivery
   SET state = 'sending', lease_until = statement_timestamp() + %s
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::int[], %s::text[])
       AS mine (id, lease_until, attempts, address_hash)
 WHERE delivery.id = mine.id
   AND delivery.attempts = mine.attempts
   AND (delivery.state = 'claimed' AND delivery.lease_until = mine.lease_until
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
        WHERE suppression.address_hash = mine.address_hash
   )
RETURNING delivery.id
"""


def let_go(
    going: "Sequence[Delivery]", arrived: "Sequence[Delivery]", now: datetime, again: bool
) -> set[int]:
    """Those that may leave, by key; what arrived is written down."""
    values: list[Any] = [
        now,
        [it.pk for it in arrived],
        [it.attempts for it in arrived],
        limit("MAIL_SENDING_SECONDS"),
        [it.pk for it in going],
        [it.lease_until for it in going],
        [it.attempts for it in going],
        [it.address_hash for it in going],
        again,
    ]
    return {pk for (pk,) in _prepared(_statement(), values)}


@cache
def _statement() -> str:
    """With who is active said in one place only; no value in it, so it is always the same."""
    active, params = Subscriber.objects.active().values("pk").query.sql_with_params()
    assert not params
    return STATEMENT.format(active=active)


def _prepared(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Planned once for each connection, where to plan takes longer than to carry out."""
    connection.ensure_connection()
    wire = connection.connection
    with connection.wrap_database_errors, Cursor(wire) as cursor:
        if wire.prepare_threshold is None:  # Django's cursors prepare nothing, whatever it is
            wire.prepare_threshold = 1
            cursor.execute("SET plan_cache_mode = force_generic_plan")
        return cursor.execute(sql, values, prepare=True).fetchall()
