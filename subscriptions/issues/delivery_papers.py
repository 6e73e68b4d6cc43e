"""Reads and writes which papers are in which mail (rows of DeliveryPaper), for many at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from django.db import connection

from subscriptions.issues.section import Selection
from subscriptions.models import Delivery, DeliveryPaper


def read(deliveries: Iterable[Delivery]) -> dict[int, Selection]:
    """By the delivery's key, the papers that an earlier attempt put into it."""
    selections: dict[int, Selection] = defaultdict(list)
    ids = [delivery.pk for delivery in deliveries]
    rows = DeliveryPaper.objects.filter(delivery__in=ids).order_by("delivery", "position")
    for delivery, section, paper in rows.values_list("delivery_id", "section", "paper_id"):
        selections[delivery].append((section, paper))
    return dict(selections)


def write(deliveries: Sequence[Delivery], selections: dict[int, Selection]) -> dict[int, Selection]:
    """Write the selections, by the delivery's key, and return what could be written of each.

    A paper that another mail to the same subscriber took a moment ago is left out.
    """
    subscriber_ids = {delivery.pk: delivery.subscriber_id for delivery in deliveries}
    rows = [
        (subscriber_ids[delivery], delivery, section, position, "{" + ",".join(papers) + "}")
        for delivery, selection in selections.items()
        for section, position, papers in _runs(selection)
    ]
    if not rows:
        return selections
    with connection.cursor() as cursor:
        cursor.execute(INSERT_SQL, [list(column) for column in zip(*rows, strict=True)])
        written = dict(cursor.fetchall())
    incomplete = {
        delivery
        for delivery, selection in selections.items()
        if written.get(delivery, 0) < len(selection)
    }
    reread = read(delivery for delivery in deliveries if delivery.pk in incomplete)
    return selections | {delivery: reread.get(delivery, []) for delivery in incomplete}


def _runs(selection: Selection) -> Iterator[tuple[str, int, list[str]]]:
    """Each section with the position of its first paper and all its papers: one SQL row each."""
    numbered = enumerate(selection)
    for section, run in groupby(numbered, key=lambda entry: entry[1][0]):
        positions, papers = zip(*((position, str(pk)) for position, (_, pk) in run), strict=True)
        yield section, positions[0], list(papers)


# A mail or paper that was deleted meanwhile is left out; one that is locked here cannot be deleted
# before its new rows are visible. All rows are locked and inserted in one order, so that of two
# workers that write the same rows neither blocks the other.
INSERT_SQL = """
WITH chosen AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::text[])
               AS chosen (subscriber_id, delivery_id, section, first, papers)
), delivery AS (
    SELECT id FROM subscriptions_delivery WHERE id IN (SELECT delivery_id FROM chosen)
     ORDER BY id FOR KEY SHARE
), paper AS (
    SELECT id FROM papers_paper WHERE id IN (SELECT unnest(papers::bigint[]) FROM chosen)
     ORDER BY id FOR KEY SHARE
), written AS (
    INSERT INTO subscriptions_deliverypaper
           (subscriber_id, paper_id, delivery_id, section, position)
    SELECT chosen.subscriber_id, paper.id, delivery.id, chosen.section, first + number - 1
      FROM chosen
      JOIN delivery ON delivery.id = chosen.delivery_id,
           unnest(papers::bigint[]) WITH ORDINALITY AS one (paper_id, number)
      JOIN paper ON paper.id = one.paper_id
     ORDER BY chosen.subscriber_id, paper.id
        ON CONFLICT DO NOTHING
    RETURNING delivery_id
)
SELECT delivery_id, count(*) FROM written GROUP BY delivery_id
"""
