"""Finds papers by their names: keys, arXiv ids, DOIs, OpenReview ids."""

from collections.abc import Iterable

from library.references import Name, Reference
from papers.models import Alias, Paper


def find_referenced(
    references: Iterable[Reference],
) -> tuple[list[Paper], list[Reference]]:
    """The papers of this site that these name, each once, and the references without one."""
    references = list(references)
    known = find_papers(name for reference in references for name in reference.names)
    papers: dict[Paper, None] = {}
    missing = []
    for reference in references:
        paper = next((known[name] for name in reference.names if name in known), None)
        if paper:
            papers[paper] = None
        else:
            missing.append(reference)
    return list(papers), missing


def find_papers(names: Iterable[Name]) -> dict[Name, Paper]:
    """The papers here that the public may read, by those of these names that they have.

    In the order of `names`; two names may be of one paper.
    """
    names = list(dict.fromkeys(names))
    values = [value for _, value in names]
    visible = Paper.objects.visible()
    papers = {("key", paper.key): paper for paper in visible.filter(key__in=values)}
    aliases = Alias.objects.filter(value__in=values, paper__in=visible).select_related("paper")
    papers |= {(alias.scheme, alias.value): alias.paper for alias in aliases}
    return {name: papers[name] for name in names if name in papers}
