"""Reads and writes what was chosen for digests, for many at once.

Which paper is in which mail is a row of DeliveryPaper; headings, how many papers were left out or
muted, and why a paper is there, are in `Delivery.sections`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection

from subscriptions.issues.section import ChosenSection, LeftOut, Selection
from subscriptions.models import Delivery, DeliveryPaper


def read(deliveries: Iterable[Delivery]) -> dict[int, Selection]:
    """By the delivery's key, what an earlier attempt chose for it."""
    by_id = {delivery.pk: delivery for delivery in deliveries}
    papers: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    rows = DeliveryPaper.objects.filter(delivery__in=by_id).order_by("delivery", "position")
    for pk, title, paper in rows.values_list("delivery_id", "section", "paper_id"):
        papers[pk][title].append(paper)
    return {pk: _selection(by_id[pk], its_own) for pk, its_own in papers.items()}


def _selection(delivery: Delivery, papers: dict[str, list[int]]) -> Selection:
    """Of papers by the title of their section. Digests of before `sections` have only titles."""
    stored = delivery.sections or [{"title": title} for title in papers]
    return [
        ChosenSection(
            title=section["title"],
            what=section.get("what", ""),
            papers=papers.get(section["title"], []),
            left_out=_counted(section.get("left_out")),
            muted=_counted(section.get("muted")),
            reasons={int(pk): text for pk, text in section.get("reasons", {}).items()},
        )
        for section in stored
    ]


def _counted(stored: dict[str, Any] | None) -> LeftOut | None:
    return LeftOut(**stored) if stored else None


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
    for delivery in deliveries:
        delivery.sections = [_as_json(chosen) for chosen in selections[delivery.pk]]
    sections = [(delivery.pk, json.dumps(delivery.sections)) for delivery in deliveries]
    columns = [*zip(*rows, strict=True), *zip(*sections, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(WRITE_SQL, [list(column) for column in columns])
        written = dict(cursor.fetchall())
    incomplete = {
        delivery
        for delivery, selection in selections.items()
        if written.get(delivery, 0) < sum(len(chosen.papers) for chosen in selection)
    }
    reread = read(delivery for delivery in deliveries if delivery.pk in incomplete)
    return selections | {delivery: reread.get(delivery, []) for delivery in incomplete}


def _as_json(chosen: ChosenSection) -> dict[str, Any]:
    stored = asdict(chosen)
    del stored["papers"]  # rows of DeliveryPaper
    return stored


def _runs(selection: Selection) -> Iterator[tuple[str, int, list[str]]]:
    """Each section with the position of its first paper and all its papers: one SQL row each."""
    position = 0
    for chosen in selection:
        if chosen.papers:
            yield chosen.title, position, [str(pk) for pk in chosen.papers]
        position += len(chosen.papers)


# A mail or paper that was deleted meanwhile is left out; one that is locked here cannot be deleted
# before its new rows are visible. All rows are locked and inserted in one order, so that two
# workers that write the same rows do not wait for each other.
WRITE_SQL = """
WITH chosen AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::text[])
               AS chosen (subscriber_id, delivery_id, section, first, papers)
), delivery AS (
    SELECT id FROM subscriptions_delivery WHERE id IN (SELECT delivery_id FROM chosen)
     ORDER BY id FOR NO KEY UPDATE
), headings AS (
    UPDATE subscriptions_delivery AS locked SET sections = headings.sections::jsonb
      FROM unnest(%s::bigint[], %s::text[]) AS headings (delivery_id, sections), delivery
     WHERE locked.id = headings.delivery_id AND locked.id = delivery.id
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
