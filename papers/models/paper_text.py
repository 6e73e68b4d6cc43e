"""How a paper is worded: its title as HTML, its authors on one line, its links, its citation.

For pages, feeds, the API and mails. PaperText is a base of Paper and only reads its columns.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe

from papers import citations, identifiers, ranking, text
from papers.models.site_day import midnight
from papers.source_metadata import Extra

if TYPE_CHECKING:
    from papers.models.picture import Picture
    from papers.models.topic import Topic

LEAD_AUTHORS = 5  # named where there is no room for all
MAX_SHORT_ABSTRACT_CHARS = 120  # more may fill more lines than a list shows


@cache
def author_page() -> str:
    return reverse("papers:author")  # once, as `reverse` is slow on 60 rows


# The rows of a list share a few days.
@lru_cache(maxsize=1000)
def day_page(day: date) -> str:
    return reverse("papers:day", args=[day.isoformat()])


@lru_cache(maxsize=1000)
def short_day(day: date, this_year: int) -> str:
    year = "" if day.year == this_year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"


class PaperText:
    # Columns of Paper. `Any`, as a field there could not replace an attribute with a type.
    key: Any
    title: Any
    title_text: Any
    abstract: Any
    abstract_text: Any
    authors: Any
    primary_category: Any
    submitted_at: Any
    announced_on: Any
    listed_on: Any
    listed_at: Any
    created_at: Any
    abstract_url: Any
    pdf_url: Any
    code_url: Any
    project_url: Any
    doi: Any
    journal_ref: Any
    submitter_id: Any
    submitter_name: Any
    extra: Any
    extra_of_row: Any
    upvotes: Any
    ranked_votes: Any
    expected_votes: Any
    expected_parts: Any
    topic_numbers: Any
    vote_share: float | None
    votes_brought: Any

    # --- Title, abstract, authors ---

    @cached_property
    def title_html(self) -> SafeString:
        return mark_safe(text.html(self.title))  # noqa: S308 escaped there, all but our own MathML

    @cached_property
    def abstract_html(self) -> SafeString:
        return mark_safe(text.html(self.abstract))  # noqa: S308

    @cached_property
    def abstract_paragraphs(self) -> SafeString:
        return mark_safe(text.paragraphs_html(self.abstract))  # noqa: S308

    @property
    def is_long(self) -> bool:
        """Whether the abstract fills more lines than a list shows."""
        return len(self.abstract_text) > MAX_SHORT_ABSTRACT_CHARS

    @property
    def lead_authors(self) -> list[str]:
        names: list[str] = self.authors[:LEAD_AUTHORS]
        return names

    @property
    def more_authors(self) -> int:
        return max(0, len(self.authors) - LEAD_AUTHORS)

    def spelling_of(self, author: str) -> str:
        """How this paper spells an author's name; as it was given, if it has no such author."""
        folded = identifiers.fold_name(author)
        same = {folded, *identifiers.other_spacings(folded)}
        spellings = (name for name in self.authors if identifiers.fold_name(name) in same)
        return next(spellings, author)

    @cached_property
    def authors_html(self) -> SafeString:
        """The first few, each a link to their papers, on one line: `A, B, C, D, E and 12 more`.

        Made here: a loop in the template, and `format_html`, are slow on 60 rows.
        """
        page = author_page()
        links = ", ".join(
            f'<a href="{page}?name={quote_plus(name)}">{escape(name)}</a>'
            for name in self.lead_authors
        )
        more = f" and {self.more_authors:,} more" if self.more_authors else ""
        return mark_safe(links + more)  # noqa: S308 names are escaped

    @property
    def submitted_by(self) -> str:
        """Who brought it, here or at its source; empty where nobody did."""
        name: str = self.submitter_name
        return name or ("a reader" if self.submitter_id else "")

    # --- Picture ---

    @property
    def shown_picture(self) -> "Picture | None":
        """The one that is stored; queries that show it use `PaperQuerySet.with_picture`."""
        picture: Picture | None = getattr(self, "picture", None)
        return picture if picture and picture.is_stored else None

    # --- Votes and rank ---

    @property
    def upvotes_text(self) -> str:
        """Formatted here: localising the number in the template is slow on 60 rows."""
        return str(self.upvotes)

    @property
    def vote_label(self) -> str:
        """For screen readers: `A title, 1,234 upvotes`."""
        return f"{self.title_text}, {self.upvotes_in_words}"

    @property
    def upvotes_in_words(self) -> str:
        return "1 upvote" if self.upvotes == 1 else f"{self.upvotes:,} upvotes"

    @property
    def ranking_explanation(self) -> str:
        """Its hotness as a sum, in words; empty for a paper that is on no page."""
        if self.listed_on is None:
            return ""
        counting = self.ranked_votes + self.votes_brought
        words = ranking.in_words(
            counting, self.expected_votes, self.expected_parts, share=self.vote_share or 1
        )
        if not counting and not self.expected_votes:
            words += "; of papers without upvotes the newest comes first"
        return f"{words}; votes of new accounts rank later" if self.upvotes > counting else words

    # --- Days ---

    @property
    def short_day(self) -> str:
        """The day it is listed on: `Fri 14 Mar`, with the year if that is another."""
        return short_day(self.listed_on, timezone.localdate().year) if self.listed_on else ""

    @property
    def is_scheduled(self) -> bool:
        """On the page of a day to come, which only curators see."""
        return bool(self.listed_on and self.listed_on > timezone.localdate())

    @property
    def day_url(self) -> str:
        return day_page(self.listed_on) if self.listed_on else ""

    @property
    def short_date(self) -> str:
        """The day it is listed on, or published: `14 Mar 2025`, or `Mar 2025` as its id says."""
        if self.listed_on:
            return self.short_day
        if published := self.published_on:
            return f"{published.day} {published:%b} {published.year}"
        month = identifiers.published_month(self.arxiv_id)
        return f"{date(*month, 1):%b %Y}" if month else ""

    @property
    def published_on(self) -> date | None:
        """When its authors first published it, as far as we know."""
        if self.submitted_at:
            published: date = self.submitted_at.astimezone(UTC).date()
            return published
        return self.announced_on or (None if self.arxiv_id else self.listed_on)

    @property
    def shown_at(self) -> datetime:
        """When it came on its page; the start of that day where it was imported later."""
        moment: datetime
        if self.listed_on is None:
            moment = self.submitted_at or self.created_at
        elif self.listed_at and timezone.localdate(self.listed_at) == self.listed_on:
            moment = self.listed_at
        else:
            moment = midnight(self.listed_on)
        return moment

    # --- Names, links, citation ---

    @property
    def arxiv_id(self) -> str:
        """Without version; empty for what is not on arXiv."""
        return self.key if identifiers.arxiv_id(self.key) else ""

    def get_absolute_url(self) -> str:
        return reverse("papers:paper", args=[self.key])

    @cached_property
    def url(self) -> str:
        """The same, computed once for a row."""
        return self.get_absolute_url()

    @cached_property
    def url_as_parameter(self) -> str:
        """The same, to stand in another address: `?next=…`."""
        return quote(self.url)

    @property
    def full_url(self) -> str:
        return f"{settings.SITE_URL}{self.get_absolute_url()}"

    @property
    def doi_url(self) -> str:
        return f"https://doi.org/{self.doi}" if self.doi else ""

    @property
    def links(self) -> dict[str, str]:
        """Where the paper can be read or used: label of the link → URL."""
        links = {
            "Page": self.full_url,
            "arXiv" if self.arxiv_id else "Abstract": self.abstract_url,
            "PDF": self.pdf_url,
            "DOI": self.doi_url,
            "Code": self.code_url,
            "Project": self.project_url,
        }
        return {label: url for label, url in links.items() if url}

    @cached_property
    def extras(self) -> Extra:
        """What its source said beyond the columns."""
        return Extra.from_json(self.extra)

    @cached_property
    def row_extras(self) -> Extra:
        """What a row shows of it, where a list has fetched only that."""
        return Extra.from_json(self.extra_of_row)

    def set_topics(self, topics: "Iterable[Topic]") -> None:
        """Set `topic_list` to those of all `topics` that it is in, by its `topic_numbers`."""
        self.topic_list = [topic for topic in topics if topic.pk in self.topic_numbers]

    @cached_property
    def discussion_url(self) -> str:
        """At its source; empty where that has none, or none that we know of."""
        return self.row_extras.discussion_url(self.arxiv_id)

    @cached_property
    def citation(self) -> citations.Work:
        published = self.published_on
        month = identifiers.published_month(self.arxiv_id)
        return citations.Work(
            title=self.title,
            abstract=self.abstract,
            authors=tuple(self.authors),
            published_on=published,
            year=published.year if published else month and month[0],
            arxiv_id=self.arxiv_id,
            primary_category=self.primary_category,
            doi=self.doi,
            journal=self.journal_ref,
            keywords=self.extras.keywords,
            url=self.abstract_url or self.doi_url or self.full_url,
            pdf_url=self.pdf_url,
        )
