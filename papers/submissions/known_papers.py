"""What a reader pasted: which id or link it is, and whether the site has that paper already."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings

from papers import identifiers, pasted_ids
from papers.models import Paper, Tombstone
from papers.sources import clean

Name = tuple[str, str]  # scheme and value, as in Alias
ARCHIVED = ("arxiv", "doi", "openreview")  # schemes of which archives have records


@dataclass(frozen=True, slots=True)
class Wanted:
    """The paper that somebody wants to add: by an id, else by the address of its page."""

    name: Name
    link: str  # empty where an id was pasted and no address

    @property
    def spelling(self) -> str:
        """By which `read` finds the same again: for addresses of ours."""
        scheme, value = self.name
        if scheme == "openreview":
            return f"https://openreview.net/forum?id={value}"
        return value if scheme in ARCHIVED or scheme == "key" else self.link

    @property
    def has_archive(self) -> bool:
        return self.name[0] in ARCHIVED

    @property
    def page(self) -> str:
        """Where the paper itself is, as far as its id says."""
        scheme, value = self.name
        if scheme == "arxiv":
            return f"https://arxiv.org/abs/{value}"
        return f"https://doi.org/{value}" if scheme == "doi" else self.link or self.spelling


class NotRecognised(ValueError):
    """The message says what to paste instead."""


def read(text: str) -> Wanted:
    """The one paper that a text names; raises NotRecognised."""
    text = clean.line(text)
    link = clean.url(text)
    if key := _own_key(link) or (text if identifiers.is_key(text) else ""):
        return Wanted(("key", key), link)
    names = pasted_ids.read(text).names
    if len(names) > 1:
        raise NotRecognised("There is more than one id in this text. Paste one paper at a time.")
    if names:
        return Wanted(names[0], link)
    if not link:
        raise NotRecognised(
            "This is no arXiv id, DOI or web address. Examples: 2502.03793, "
            "10.1101/2025.03.14.643210, https://openreview.net/forum?id=…"
        )
    ((scheme, value),) = identifiers.aliases(link=link)
    return Wanted((scheme, value), link)


def find(wanted: Wanted) -> Paper | None:
    """The paper, also one that the public may not read."""
    scheme, value = wanted.name
    if scheme == "key":
        return Paper.objects.filter(key=value).first() or Paper.objects.by_alias(scheme, value)
    return Paper.objects.by_alias(scheme, value) or _paper_of_pdf(wanted.link)


def _paper_of_pdf(link: str) -> Paper | None:
    """The paper whose page has the address of this PDF with another ending: none, or `.html`."""
    page = link.removesuffix(".pdf")
    if page == link:
        return None
    names = [name for end in ("", "/", ".html") for name in identifiers.aliases(link=page + end)]
    found = (Paper.objects.by_alias(*name) for name in dict.fromkeys(names))
    return next(filter(None, found), None)


def is_blocked(wanted: Wanted) -> bool:
    """Whether a curator deleted this paper for good."""
    scheme, value = wanted.name
    return Tombstone.objects.filter(scheme=scheme, value=value).exists()


def _own_key(link: str) -> str:
    """The key in the address of a page of this site; empty for other addresses."""
    site, parts = urlsplit(settings.SITE_URL), urlsplit(link)
    is_ours = parts.netloc == site.netloc and parts.path.startswith("/papers/")
    return unquote(parts.path.removeprefix("/papers/")) if is_ours else ""
