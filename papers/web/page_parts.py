"""Parts of the papers' pages that other apps draw: a button on a row, a section under a paper.

papers must not import or name the apps above it (see the import contracts in pyproject.toml), so
each app registers its parts, and `{% page_parts "row" %}` in a template of papers draws them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from django.http import HttpRequest

if TYPE_CHECKING:  # apps.py of other apps imports this module before there are models
    from papers.models import Paper

Place = Literal[
    "vote",  # under the vote of a paper's row
    "row",  # in the last line of a paper's row, beside PDF and code
    "acts",  # beside the vote on a paper's page
    "facts",  # <dt> and <dd> in the list of facts on a paper's page
    "sections",  # under the citation on a paper's page
    "author",  # under the heading of an author's list
    "topic",  # under the heading of a topic's list
    "search",  # beside the results of a search
    "reading list",  # under the heading of a reader's public list
    "notification emails",  # under the choice of emails on the page of notifications
    "own list",  # under the heading of followed papers, or of *For you*; `own_list` says of which
    "folded",  # below the rows of a list or search: papers that a `prepare` set `is_folded` on
]
Prepare = Callable[[HttpRequest, "Sequence[Paper]"], None]


@dataclass(frozen=True)
class PagePart:
    """`template` is drawn in `place` with the variables of the page around it.

    Once for a page and before its first row, `prepare` sets on all its papers what the template
    shows, in as few queries as it can: a page of a reader who is signed in may take 8, one of an
    anonymous reader none of them.
    """

    place: Place
    template: str
    prepare: Prepare | None = None


_parts: list[PagePart] = []


def register_part(part: PagePart) -> None:
    """To be called by `AppConfig.ready`; parts of a place stand in the order of INSTALLED_APPS."""
    _parts.append(part)


def parts_of(place: str) -> list[PagePart]:
    return [part for part in _parts if part.place == place]


def prepare_parts(request: HttpRequest, papers: "Sequence[Paper]") -> None:
    """To be called by each view that draws rows or a page of papers."""
    for part in _parts:
        if part.prepare:
            part.prepare(request, papers)
