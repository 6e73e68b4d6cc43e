"""Finds papers by their names: keys, arXiv ids, DOIs, OpenReview ids."""

from collections.abc import Iterable

from papers.models import Alias, Paper

Name = tuple[str, str]  # scheme and value, as in Alias; `key` is the scheme of a paper's key


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
