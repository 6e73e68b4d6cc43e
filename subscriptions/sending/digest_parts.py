"""What a digest says of its papers: its subject, its sections, and a row for each paper."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from django.conf import settings
from django.urls import reverse

from papers.models import Paper, Topic
from papers.periods import Kind, Period, around
from subscriptions.issues.section import LeftOut, Section, periods_covered
from subscriptions.sending.plain_text import first_sentences, one_line, truncate, wrap

MAX_SUBJECT_CHARS = 120
MAX_TITLE_CHARS = 200
MAX_HEADING_CHARS = 100  # of a section
MAX_URL_CHARS = 300
MAX_NAME_CHARS = 40  # of an author or a topic
MAX_PREHEADER_CHARS = 200
MAX_REASON_CHARS = 300  # why a paper is there; a sixth of it in a mail that gets too large
TOPICS_PER_PAPER = 3


def subject(sections: list[Section], days: Period) -> str:
    """As “Moss, and 11 more papers · Friday 14 March”."""
    papers = [paper for section in sections for paper in section.papers]
    others = len(papers) - 1
    tail = f", and {others} more paper{'s' if others > 1 else ''}" if others > 0 else ""
    tail += f" · {heading(days)}"
    if not papers:
        return tail
    return truncate(one_line(papers[0].title_text), MAX_SUBJECT_CHARS - len(tail)) + tail


def preheader(sections: list[Section]) -> str:
    """What mailboxes show beside the subject: the titles after the first."""
    papers = [paper for section in sections for paper in section.papers][1:4]
    titles = " · ".join(one_line(paper.title_text) for paper in papers)
    return truncate(titles, MAX_PREHEADER_CHARS)


def heading(days: Period) -> str:
    """Without a year: `Friday 14 March`, `Week of 10 March`."""
    first = f"{days.first.day} {days.first:%B}"
    return f"Week of {first}" if days.kind == "week" else f"{days.first:%A} {first}"


def links_to_days(sections: list[Section], kind: Kind) -> list[dict[str, str]]:
    """To the pages of the days or weeks whose papers these are, the newest first."""
    return [
        {
            "name": days_in_words(days),
            "url": settings.SITE_URL + reverse(f"papers:{days.kind}", args=[days.name]),
        }
        for days in periods_covered(sections, kind)
    ]


def section_rows(sections: list[Section], excerpt_chars: int) -> list[dict[str, Any]]:
    """For the templates. With `excerpt_chars` 0 papers have neither an excerpt nor links."""
    numbers = count(1)
    return [
        {
            "title": truncate(one_line(section.title), MAX_HEADING_CHARS),
            "why": truncate(one_line(section.why), MAX_HEADING_CHARS),
            "papers": [
                _row(paper, next(numbers), excerpt_chars, section.reasons.get(paper.pk, ""))
                for paper in section.papers
            ],
            "more": section.left_out and _linked("And {} more of {} on the site", section.left_out),
            "muted": section.muted and _linked("{} muted of {}", section.muted),
        }
        for section in sections
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """A paper as a mail shows it, every text bounded in length."""

    number: int
    title: str
    authors: str
    excerpt: str
    upvotes: int
    topics: list[str]
    featured: bool
    day: str  # whose page shows it: Fri 14 Mar
    reason: str  # why it is in a reader's own section
    url: str
    links: list[tuple[str, str]]  # name and address: PDF, code

    @property
    def as_text(self) -> str:
        pick = ["editors’ pick"] if self.featured else []
        day = [self.day] if self.day else []
        facts = " · ".join([f"▲ {self.upvotes}", *pick, *day, *self.topics])
        head = [f"{self.number:>2}. {self.title}", self.authors and f"    {self.authors}"]
        lines = [*filter(None, head), f"    {facts}"]
        lines += [f"    {self.reason}"] if self.reason else []
        lines += ["", f"    {self.excerpt}"] if self.excerpt else []
        lines += ["", f"    Read and upvote: {self.url}"]
        lines += [f"    {name}: {url}" for name, url in self.links]
        return "\n".join(wrap(line, "    ") for line in lines)


def _row(paper: Paper, number: int, excerpt_chars: int, reason: str) -> Row:
    authors = ", ".join(truncate(one_line(name), MAX_NAME_CHARS) for name in paper.lead_authors)
    abstract = one_line(paper.abstract_text)
    topics: list[Topic] = getattr(paper, "topic_list", [])  # set by PaperQuerySet.for_rows()
    return Row(
        number=number,
        title=truncate(one_line(paper.title_text), MAX_TITLE_CHARS),
        authors=f"{authors} and {paper.more_authors} more" if paper.more_authors else authors,
        excerpt=first_sentences(abstract, excerpt_chars) if excerpt_chars else "",
        upvotes=paper.upvotes,
        topics=[
            truncate(one_line(topic.name), MAX_NAME_CHARS) for topic in topics[:TOPICS_PER_PAPER]
        ],
        featured=paper.featured,
        day=around("day", paper.listed_on).short if paper.listed_on else "",
        reason=truncate(
            one_line(reason), MAX_REASON_CHARS if excerpt_chars else MAX_REASON_CHARS // 6
        ),
        url=settings.SITE_URL + paper.get_absolute_url(),
        links=[
            (name, url)
            for name, url in (("PDF", paper.pdf_url), ("Code", paper.code_url))
            if excerpt_chars and url and len(url) <= MAX_URL_CHARS
        ],
    )


def _linked(words: str, left_out: LeftOut) -> dict[str, str]:
    """The papers that a section does not show, in words and as a link to their list."""
    url = settings.SITE_URL + left_out.path
    return {
        "words": words.format(left_out.count, days_in_words(left_out.days)),
        "url": url if len(url) <= MAX_URL_CHARS else "",  # a long search in another script
    }


def days_in_words(days: Period) -> str:
    """Within a sentence: `Friday 14 March`, `the week of 10 March`."""
    return heading(days).replace("Week of", "the week of")
