"""The buttons of the desk: what each calls in papers/curation, and what it asks before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.models import User
from desk.forms import DayForm, HideForm, MergeForm, PlaceForm, TopicsForm
from papers.bounded_numbers import bounded_number
from papers.curation import actions, merges, order, topics
from papers.curation.changes import Versions
from papers.models import CuratorAction, Paper, PaperTopic, Topic


@dataclass(frozen=True)
class Command:
    """A pressed button, with what the form around it says."""

    name: str
    versions: Versions  # of the papers it is for, as the curator saw them
    day: date  # the one that the desk shows
    position: int | None  # where a paper was dropped, or the number typed before a key
    answers: QueryDict  # to the form of the button, where it has one

    @classmethod
    def from_post(cls, data: QueryDict) -> "Command":
        """`do` is `list` for the ticked papers, `list 17:3` for version 3 of paper 17.

        Raises ValueError.
        """
        name, _, one = data.get("do", "").partition(" ")
        if name not in BUTTONS:
            raise ValueError("There is no such action.")
        pairs = [one] if one else data.getlist("paper")
        versions = {}
        for pair in pairs:
            key, _, version = pair.partition(":")
            versions[bounded_number(key)] = bounded_number(version)
        if not versions:
            raise ValueError("Choose a paper first.")
        position = data.get("place", "")
        return cls(
            name,
            versions,
            parse_date(data.get("on", "")) or timezone.localdate(),
            bounded_number(position, least=1, most=order.MAX_POSITION) if position else None,
            data,
        )

    @property
    def button(self) -> "Button":
        return BUTTONS[self.name]

    @property
    def titles(self) -> list[str]:
        return list(Paper.objects.filter(pk__in=self.versions).values_list("title_text", flat=True))

    def form(self) -> forms.Form | None:
        """The form that the button asks, with the answers if they came along."""
        if self.button.form is None:
            return None
        if "asked" in self.answers:
            return self.button.form(self.answers)
        return self.button.form(initial=self._initial())

    def run(self, curator: User, answers: dict[str, Any]) -> list[CuratorAction]:
        """Returns the log entries; none where nothing changed. Raises Conflict and ValueError."""
        return list(self.button.run(self, curator, answers))

    def _initial(self) -> dict[str, Any]:
        if self.name == "schedule":
            tomorrow = timezone.localdate() + timedelta(days=1)
            return {"day": max(self.day, tomorrow)}
        if self.name == "topics":
            chosen = list(_topics_of_all(self.versions))
            return {"topics": chosen, "shown": chosen}
        return {}


@dataclass(frozen=True)
class Button:
    label: str
    run: Callable[[Command, User, dict[str, Any]], Sequence[CuratorAction]]
    form: type[forms.Form] | None = None


def _list(command: Command, curator: User, answers: dict[str, Any]) -> list[CuratorAction]:
    return actions.list_on(command.versions, command.day, curator, position=command.position)


def _list_as_pick(command: Command, curator: User, answers: dict[str, Any]) -> list[CuratorAction]:
    return actions.list_on(command.versions, command.day, curator, as_pick=True)


def _schedule(command: Command, curator: User, answers: dict[str, Any]) -> list[CuratorAction]:
    return actions.list_on(command.versions, answers["day"], curator)


def _place(command: Command, curator: User, answers: dict[str, Any]) -> list[CuratorAction]:
    return order.place(command.versions, answers["position"], curator)


def _drop(command: Command, curator: User, answers: dict[str, Any]) -> list[CuratorAction]:
    return order.place(command.versions, command.position, curator)


def _hide(command: Command, curator: User, answers: dict[str, Any]) -> list[CuratorAction]:
    return actions.hide(command.versions, answers["why"], curator)


def _set_topics(command: Command, curator: User, answers: dict[str, Any]) -> list[CuratorAction]:
    add, remove = answers["add"], answers["remove"]
    return topics.set_topics(command.versions, curator, add=add, remove=remove)


def _merge(command: Command, curator: User, answers: dict[str, Any]) -> list[CuratorAction]:
    kept = Paper.objects.filter(pk__in=command.versions).get(pk=answers["keep"])
    return [merges.merge_papers(command.versions, kept, curator)]


BUTTONS = {
    "list": Button("List", _list),
    "list_as_pick": Button("Pick", _list_as_pick),  # from the queue
    "pick": Button("Pick", lambda it, who, _: actions.pick(it.versions, who)),  # on the day's page
    "unpick": Button("No pick", lambda it, who, _: actions.unpick(it.versions, who)),
    "queue": Button("Back to the queue", lambda it, who, _: actions.queue(it.versions, who)),
    "up": Button("Up", lambda it, who, _: order.move(it.versions, -1, who)),
    "down": Button("Down", lambda it, who, _: order.move(it.versions, 1, who)),
    "drop": Button("Put here", _drop),
    "place": Button("Put at a place", _place, PlaceForm),
    "schedule": Button("Schedule", _schedule, DayForm),
    "hide": Button("Hide", _hide, HideForm),
    "topics": Button("Set topics", _set_topics, TopicsForm),
    "merge": Button("Merge", _merge, MergeForm),
}


def _topics_of_all(papers: Versions) -> QuerySet[Topic]:
    """The topics that each of these papers is in."""
    found = Topic.objects.all()
    for paper in papers:
        rows = PaperTopic.objects.assigned().filter(paper=paper)
        found = found.filter(pk__in=rows.values("topic"))
    return found
