"""What the API says of a paper, field by field as `huggingface_hub` reads it.

Its mix of snake and camel case is theirs. What they require and we lack is made up, always the
same: ids from primary keys, the site as submitter.
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


class Told(TypedDict):
    """What a source told of a paper, where it did."""

    projectPage: NotRequired[str]
    githubRepo: NotRequired[str]
    githubStars: NotRequired[int]
    mediaUrls: NotRequired[list[str]]
    ai_summary: NotRequired[str]
    ai_keywords: NotRequired[list[str]]
    organization: NotRequired[Organization]


class Withdrawn(TypedDict):
    withdrawnAt: NotRequired[str]


class PaperOfTheDay(Told, Withdrawn):
    id: str
    authors: list[Author]
    publishedAt: str
    submittedOnDailyAt: str
    submittedOnDailyBy: User
    title: str
    summary: str
    upvotes: int
    discussionId: str


class DailyPaper(Told):
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


def daily(paper: Paper) -> DailyPaper:
    # Their client reads what sources told from outside alone, their server puts it inside.
    return {
        "paper": of_the_day(paper),
        "publishedAt": _published(paper),
        "title": paper.title_text,
        "summary": paper.abstract_text,
        "thumbnail": _card(paper),
        "numComments": 0,
        "submittedBy": _submitter(paper),
        "isAuthorParticipating": False,
        **_told(paper),
    }


def of_the_day(paper: Paper) -> PaperOfTheDay:
    withdrawn = Withdrawn()
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
        **_told(paper),
        **withdrawn,
    }


def in_full(paper: Paper) -> PaperInFull:
    return {
        **of_the_day(paper),
        "linkedModels": [],
        "linkedDatasets": [],
        "linkedSpaces": [],
        "numTotalModels": 0,
        "numTotalDatasets": 0,
        "numTotalSpaces": 0,
    }


def in_short(paper: Paper) -> PaperInShort:
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
    """The name of the site as a submitter: of what nobody brought."""
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


def _told(paper: Paper) -> Told:
    extras, told = paper.extras, Told()
    if paper.project_url:
        told["projectPage"] = paper.project_url
    if paper.code_url:
        told["githubRepo"] = paper.code_url
    if extras.stars is not None:
        told["githubStars"] = extras.stars
    if extras.media:
        told["mediaUrls"] = list(extras.media)
    if extras.summary:
        told["ai_summary"] = extras.summary
    if extras.keywords:
        told["ai_keywords"] = list(extras.keywords)
    if extras.organization:
        told["organization"] = _organization(paper)
    return told


def _organization(paper: Paper) -> Organization:
    given: dict[str, Any] = paper.extra["organization"]
    fullname, name, avatar = (given.get(key) for key in ("fullname", "name", "avatar"))
    shown = paper.extras.organization
    return {
        "_id": _id("organization", shown),
        "name": name if isinstance(name, str) else shown,
        "fullname": fullname if isinstance(fullname, str) else shown,
        "avatar": avatar if isinstance(avatar, str) else "",
    }


def _id(kind: str, name: str) -> str:
    """24 hexadecimal digits for one whom we know by name alone."""
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
