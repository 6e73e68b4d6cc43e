"""Papers that may be one work, side by side, with what differs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from papers.curation import duplicates
from papers.curation.changes import Versions
from papers.models import Paper

# What is compared: the words of a row, and how a paper answers.
COMPARED: dict[str, Any] = {
    "Title": lambda paper: paper.title_text,
    "Authors": lambda paper: ", ".join(paper.authors),
    "Abstract": lambda paper: paper.abstract_text,
    "Ids": lambda paper: ", ".join(f"{it.scheme}:{it.value}" for it in paper.aliases.all()),
    "DOI": lambda paper: paper.doi,
    "Submitted": lambda paper: f"{paper.submitted_at:%d %b %Y}" if paper.submitted_at else "",
    "Source": lambda paper: str(paper.source or paper.submitter_name),
    "Where": lambda paper: _where(paper),
    "Upvotes": lambda paper: str(paper.upvotes),
    "Topics": lambda paper: ", ".join(topic.name for topic in paper.topics.all()),
    "PDF": lambda paper: paper.pdf_url,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two papers; `kept` is the one to propose: it is on arXiv, on a page, or was here first."""

    kept: Paper
    other: Paper
    reasons: list[str]

    @property
    def rows(self) -> list[tuple[str, str, str, bool]]:
        """Name, of the kept one, of the other, whether they differ; not what neither has."""
        values = [(name, read(self.kept), read(self.other)) for name, read in COMPARED.items()]
        return [(name, left, right, left != right) for name, left, right in values if left or right]


def pairs(versions: Versions) -> list[Pair]:
    """Of two papers the pair of them; of one its pairs with those it may be a duplicate of.

    Raises ValueError for more.
    """
    if len(versions) > 2:
        raise ValueError("Choose one paper, or two to merge.")
    chosen = _with_details(versions)
    if len(chosen) == 2:
        first, second = chosen.values()
        return [
            _pair(
                first, second, duplicates.suggest([first.pk]).get(first.pk, {}).get(second.pk, [])
            )
        ]
    for paper in chosen.values():
        reasons = duplicates.suggest_for(paper)
        others = _with_details(reasons)
        return [_pair(paper, others[key], why) for key, why in reasons.items() if key in others]
    return []


def _with_details(keys: Iterable[int]) -> dict[int, Paper]:
    papers = Paper.objects.select_related("source").prefetch_related("aliases", "topics")
    return papers.in_bulk(list(keys))


def _pair(one: Paper, two: Paper, reasons: list[str]) -> Pair:
    kept, other = sorted(
        (one, two), key=lambda it: (not it.arxiv_id, it.listed_on is None, it.created_at, it.pk)
    )
    return Pair(kept, other, reasons)


def _where(paper: Paper) -> str:
    if paper.hidden_at:
        return f"hidden: {paper.hidden_why}"
    return f"on {paper.listed_on:%d %b %Y}" if paper.listed_on else "in the queue"
