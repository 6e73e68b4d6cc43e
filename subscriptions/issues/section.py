"""A section of a digest (a heading and the papers under it), and a digest's choice of papers."""

from dataclasses import dataclass

from papers.models import Paper

# The papers of one digest in the order of the mail: the title of the section, the paper's key.
Selection = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    papers: list[Paper]
