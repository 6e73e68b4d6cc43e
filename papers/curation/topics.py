"""Sets the topics of papers by hand: a curator's choice, which outlives the rules."""

from collections.abc import Collection

from django.db import transaction

from accounts.models import User
from papers.curation.changes import Done, State, Verb, Versions, lock
from papers.models import CuratorAction, Paper, PaperTopic, Topic


@transaction.atomic
def set_topics(
    versions: Versions,
    curator: User,
    *,
    add: Collection[Topic] = (),
    remove: Collection[Topic] = (),
) -> list[CuratorAction]:
    """Put papers into the topics of `add`, and take them out of those of `remove`.

    Other topics stay as they are. Raises Conflict.
    """
    papers = lock(versions)
    wanted = {topic.pk: False for topic in add} | {topic.pk: True for topic in remove}
    chosen = _chosen(papers, wanted)
    rows, entries = [], []
    details = ", ".join([*(f"+ {topic}" for topic in add), *(f"− {topic}" for topic in remove)])
    done = Done(curator, Verb.TOPICS, details=details)
    for paper in papers:
        now = chosen[paper.pk]
        changed = {pk: against for pk, against in wanted.items() if _differs(now.get(pk), against)}
        rows += [
            PaperTopic(paper=paper, topic_id=pk, by=PaperTopic.By.CURATOR, against=against)
            for pk, against in changed.items()
        ]
        if changed:
            before = {str(pk): now.get(pk) for pk in changed}
            after = {str(pk): [PaperTopic.By.CURATOR, against] for pk, against in changed.items()}
            entries.append(done.entry(paper, {"topics": before}, {"topics": after}))
            paper.curation_version += 1
    PaperTopic.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["paper", "topic"],
        update_fields=["by", "against"],
    )
    Paper.objects.bulk_update(papers, ["curation_version"])
    return CuratorAction.objects.bulk_create(entries)


def topics_of(paper: Paper, topics: Collection[str]) -> State:
    """What is decided about these topics of a paper, as the log holds it."""
    chosen = _chosen([paper], [int(pk) for pk in topics])[paper.pk]
    return {pk: chosen.get(int(pk)) for pk in topics}


def restore_topics(paper: Paper, decided: State) -> None:
    """Make the rows of these topics what they were; None means that there was none."""
    paper.papertopic_set.filter(topic__in=[int(pk) for pk in decided]).delete()
    PaperTopic.objects.bulk_create(
        PaperTopic(paper=paper, topic_id=int(pk), by=row[0], against=row[1])
        for pk, row in decided.items()
        if row and Topic.objects.filter(pk=pk).exists()
    )


def _chosen(
    papers: Collection[Paper], topics: Collection[int]
) -> dict[int, dict[int, list[object]]]:
    """For each paper its rows of these topics: [by, against] by the topic's primary key."""
    chosen: dict[int, dict[int, list[object]]] = {paper.pk: {} for paper in papers}
    for row in PaperTopic.objects.filter(paper__in=papers, topic__in=topics):
        chosen[row.paper_id][row.topic_id] = [row.by, row.against]
    return chosen


def _differs(row: list[object] | None, against: bool) -> bool:
    """Whether the row, or that there is none, says other than this choice."""
    return bool(row[1]) != against if row else not against
