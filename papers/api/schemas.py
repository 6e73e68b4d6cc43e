"""The API's JSON objects: types for the OpenAPI document, and functions that fill them.

Field by field as `huggingface_hub` reads them, with its mix of snake and camel case. Required
fields that we lack are synthesised, always alike: ids from primary keys, the site as submitter.
"""

from datetime import UTC, datetime, time
from hashlib import sha256
from typing import Any, Literal, NotRequired

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.text import slugify
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from papers.models import Paper


class Author(TypedDict):
    _id: str
    name: str
    hidden: bool


class User(TypedDict):
    _id: str
    avatarUrl: str
    fullname: str
    isPro: bool
    isHf: bool
    isHfAdmin: bool
    isMod: bool
    name: str
    user: str
    type: Literal["user", "org"]


class Organization(TypedDict):
    _id: str
    name: str
    fullname: str
    avatar: str


class SourceFields(TypedDict):
    """What only some sources give."""

    projectPage: NotRequired[str]
    githubRepo: NotRequired[str]
    githubStars: NotRequired[int]
    mediaUrls: NotRequired[list[str]]
    ai_summary: NotRequired[str]
    ai_keywords: NotRequired[list[str]]
    organization: NotRequired[Organization]


class WithdrawnField(TypedDict):
    withdrawnAt: NotRequired[str]


class PaperOfTheDay(SourceFields, WithdrawnField):
    id: str
    authors: list[Author]
    publishedAt: str
    submittedOnDailyAt: str
    submittedOnDailyBy: User
    title: str
    summary: str
    upvotes: int
    discussionId: str


class DailyPaper(SourceFields):
    paper: PaperOfTheDay
    publishedAt: str
    title: str
    summary: str
    thumbnail: str
    numComments: int
    submittedBy: User
    isAuthorParticipating: bool


class PaperInFull(PaperOfTheDay):
    linkedModels: list[str]
    linkedDatasets: list[str]
    linkedSpaces: list[str]
    numTotalModels: int
    numTotalDatasets: int
    numTotalSpaces: int


class PaperInShort(TypedDict):
    id: str
    title: str
    summary: str
    authors: list[Author]
    publishedAt: str
    upvotes: int
    thumbnailUrl: str


class Problem(TypedDict):
    error: str


def daily_paper(paper: Paper) -> DailyPaper:
    # The source's fields stand twice: the client reads the outer ones, its server sends the inner.
    return {
        "paper": paper_of_the_day(paper),
        "publishedAt": _published(paper),
        "title": paper.title_text,
        "summary": paper.abstract_text,
        "thumbnail": _card(paper),
        "numComments": 0,
        "submittedBy": _submitter(paper),
        "isAuthorParticipating": False,
        **_source_fields(paper),
    }


def paper_of_the_day(paper: Paper) -> PaperOfTheDay:
    withdrawn = WithdrawnField()
    if paper.withdrawn:
        withdrawn["withdrawnAt"] = _moment(paper.updated_at or paper.shown_at)
    return {
        "id": paper.key,
        "authors": _authors(paper),
        "publishedAt": _published(paper),
        "submittedOnDailyAt": _moment(paper.shown_at),
        "submittedOnDailyBy": _submitter(paper),
        "title": paper.title_text,
        "summary": paper.abstract_text,
        "upvotes": paper.upvotes,
        "discussionId": f"{paper.pk:024x}",
        **_source_fields(paper),
        **withdrawn,
    }


def paper_in_full(paper: Paper) -> PaperInFull:
    return {
        **paper_of_the_day(paper),
        "linkedModels": [],
        "linkedDatasets": [],
        "linkedSpaces": [],
        "numTotalModels": 0,
        "numTotalDatasets": 0,
        "numTotalSpaces": 0,
    }


def paper_in_short(paper: Paper) -> PaperInShort:
    return {
        "id": paper.key,
        "title": paper.title_text,
        "summary": paper.abstract_text,
        "authors": _authors(paper),
        "publishedAt": _published(paper),
        "upvotes": paper.upvotes,
        "thumbnailUrl": _card(paper),
    }


def site_handle() -> str:
    """The site's name as the submitter of papers that nobody submitted."""
    return slugify(settings.SITE_NAME) or "papers"


def _authors(paper: Paper) -> list[Author]:
    return [
        {"_id": f"{paper.pk:016x}{number:08x}", "name": name, "hidden": False}
        for number, name in enumerate(paper.authors)
    ]


def _submitter(paper: Paper) -> User:
    name = paper.submitter_name
    handle = name or site_handle()
    return {
        "_id": _id("submitter", name) if name else f"{0:024x}",
        "avatarUrl": f"{settings.SITE_URL}{static('img/favicon.svg')}",
        "fullname": name or settings.SITE_NAME,
        "isPro": False,
        "isHf": False,
        "isHfAdmin": False,
        "isMod": False,
        "name": handle,
        "user": handle,
        "type": "user" if name else "org",
    }


def _source_fields(paper: Paper) -> SourceFields:
    extras, fields = paper.extras, SourceFields()
    if paper.project_url:
        fields["projectPage"] = paper.project_url
    if paper.code_url:
        fields["githubRepo"] = paper.code_url
    if extras.stars is not None:
        fields["githubStars"] = extras.stars
    if extras.media:
        fields["mediaUrls"] = list(extras.media)
    if extras.summary:
        fields["ai_summary"] = extras.summary
    if extras.keywords:
        fields["ai_keywords"] = list(extras.keywords)
    if extras.organization:
        fields["organization"] = _organization(paper)
    return fields


def _organization(paper: Paper) -> Organization:
    raw: dict[str, Any] = paper.extra["organization"]  # as the source sent it
    fullname, name, avatar = (raw.get(key) for key in ("fullname", "name", "avatar"))
    shown = paper.extras.organization
    return {
        "_id": _id("organization", shown),
        "name": name if isinstance(name, str) else shown,
        "fullname": fullname if isinstance(fullname, str) else shown,
        "avatar": avatar if isinstance(avatar, str) else "",
    }


def _id(kind: str, name: str) -> str:
    """24 hexadecimal digits, always the same for a name: we have no row, so no key."""
    return sha256(f"{kind}:{name}".encode()).hexdigest()[:24]


def _published(paper: Paper) -> str:
    if paper.submitted_at:
        return _moment(paper.submitted_at)
    day = paper.published_on or paper.listed_on
    return _moment(datetime.combine(day, time.min, UTC) if day else paper.created_at)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _card(paper: Paper) -> str:
    return f"{settings.SITE_URL}{reverse('papers:card', args=[paper.key])}"
