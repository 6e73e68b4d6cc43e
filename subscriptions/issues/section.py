"""One section of a digest: a heading and the papers under it, best first."""

from dataclasses import dataclass

from papers.models import Paper


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    papers: list[Paper]
