"""Reads the open log: what curators did, as everybody may see it.

Nobody's address is in it: curators are named by what they call themselves in public, addresses in
their reasons are left out. A paper without a public page is named by its key alone, as its title
may be the reason why it is hidden. Of a comment it says on which paper it is, neither whose it is
nor what it says.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef
from django.urls import reverse

from accounts.models import User
from papers.models import CuratorAction, Paper, Topic

About, Verb = CuratorAction.About, CuratorAction.Verb
ADDRESS = re.compile(r"[^\s@<>()\",;:]+@[^\s@<>()\",;:]+")
NO_ADDRESS = "(an address)"
SOME_COMMENT = "a comment"  # on a paper that is hidden or gone
UNNAMED = "a curator"


@dataclass(frozen=True, slots=True)
class ShownAction:
    pk: int
    about: str
    verb: str  # Listed
    name: str  # of the paper, topic or source; "a comment on" a paper
    url: str  # of its page; empty where it has none
    details: str
    why: str
    who: str
    when: datetime
    undone_by: str
    undone_at: datetime | None
    paper_key: str  # empty unless the paper has a public page

    @property
    def path(self) -> str:
        """The entry in the log, also when newer ones have come."""
        return f"{reverse('papers:log')}?before={self.pk + 1}#entry-{self.pk}"

    @property
    def headline(self) -> str:
        return f"{self.verb}: {self.name}"


def read(
    limit: int, *, about: str = "", paper: Paper | None = None, before: int | None = None
) -> list[ShownAction]:
    """The newest entries with a number below `before`; in at most two queries."""
    actions = CuratorAction.objects.public().newest_first().select_related("curator", "undone_by")
    if about:
        actions = actions.filter(about=about)
    if paper:
        actions = actions.filter(paper=paper)
    if before is not None:
        actions = actions.filter(pk__lt=before)
    visible = Paper.objects.visible().filter(pk=OuterRef("paper"))
    rows = actions.defer("before", "after").annotate(
        is_visible=Exists(visible), paper_key=F("paper__key")
    )
    return _shown(list(rows[:limit]))


def _shown(rows: list[Any]) -> list[ShownAction]:
    slugs = {row.about_key for row in rows if row.about == About.TOPIC}
    topics = set(Topic.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    return [_show(row, topics) for row in rows]


def _show(row: Any, topics: Iterable[str]) -> ShownAction:
    verb = row.get_verb_display().capitalize()
    name, url = row.about_name or row.about_key, ""
    if row.about in {About.PAPER, About.VOTE}:
        if row.is_visible:
            url = reverse("papers:paper", args=[row.paper_key])
        else:
            name = row.about_key
    elif row.about == About.TOPIC and row.about_key in topics:
        url = reverse("papers:topic", args=[row.about_key])
    elif row.about == About.COMMENT:
        if not row.is_visible:
            name = SOME_COMMENT
        elif row.verb != Verb.REMOVE:
            url = row.about_key
    elif row.about == About.SOURCE:
        url = reverse("papers:status")
    return ShownAction(
        pk=row.pk,
        about=row.about,
        verb=f"{verb} (topic)" if row.about == About.TOPIC else verb,
        name=_without_addresses(name),
        url=url,
        details=_without_addresses(row.details),
        why=_without_addresses(row.why),
        who=_public_name(row.curator),
        when=row.created_at,
        undone_by=_public_name(row.undone_by),
        undone_at=row.undone_at,
        paper_key=row.paper_key if row.is_visible else "",
    )


def _public_name(curator: User | None) -> str:
    if curator is None or not settings.CURATORS_NAMED:
        return UNNAMED
    return _without_addresses(curator.name or curator.handle or UNNAMED)


def _without_addresses(text: str) -> str:
    return ADDRESS.sub(NO_ADDRESS, text)
