"""JSON objects of a reader's own things: types for the OpenAPI document, and what fills them."""

from datetime import UTC, datetime

from ninja import Schema
from pydantic import ConfigDict
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from library.models import Note, ReadingList, Save
from papers.api.schemas import PaperInShort, paper_in_short
from papers.models import Paper, Upvote


class SavedPaper(TypedDict):
    paper: PaperInShort
    savedAt: str


class UpvotedPaper(TypedDict):
    paper: PaperInShort
    upvotedAt: str


class OwnList(TypedDict):
    key: str
    title: str
    description: str
    isPublic: bool
    papers: int
    changedAt: str


class OwnListInFull(TypedDict):
    key: str
    title: str
    description: str
    isPublic: bool
    papers: list[PaperInShort]
    changedAt: str


class OwnNote(TypedDict):
    paper: str
    text: str
    changedAt: str


class ListFields(Schema):
    """What is sent to make or change a list."""

    model_config = ConfigDict(extra="forbid")

    title: str
    description: str = ""
    isPublic: bool = False


class NoteFields(Schema):
    model_config = ConfigDict(extra="forbid")

    text: str


def saved_paper(save: Save) -> SavedPaper:
    return {"paper": paper_in_short(save.paper), "savedAt": _moment(save.saved_at)}


def upvoted_paper(vote: Upvote) -> UpvotedPaper:
    return {"paper": paper_in_short(vote.paper), "upvotedAt": _moment(vote.created_at)}


def own_list(own: ReadingList, papers: int) -> OwnList:
    return {
        "key": own.key,
        "title": own.title,
        "description": own.description,
        "isPublic": own.is_public,
        "papers": papers,
        "changedAt": _moment(own.changed_at),
    }


def own_list_in_full(own: ReadingList, papers: list[Paper]) -> OwnListInFull:
    shown = [paper_in_short(paper) for paper in papers]
    return {**own_list(own, len(shown)), "papers": shown}


def own_note(note: Note) -> OwnNote:
    return {"paper": note.paper.key, "text": note.text, "changedAt": _moment(note.changed_at)}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
