"""Finds the paper of an entry by its aliases, and merges papers that an entry shows to be one."""

from collections.abc import Iterable

from papers import identifiers
from papers.models import Alias, Paper, Tombstone
from papers.models.merging import merge
from papers.sources import Entry

Name = tuple[str, str]  # (scheme, value), as in Alias and Tombstone
Names = list[Name]  # of one entry, the most trusted first
PapersByName = dict[Name, Paper]


def names_of_entry(entry: Entry) -> Names:
    """The aliases under which an entry may be known: arXiv id, DOI, others, link, title hash."""
    return identifiers.aliases(
        arxiv_id=entry.arxiv_id,
        doi=entry.doi,
        identifiers=entry.identifiers,
        link=entry.abstract_url,
        title=entry.title,
        abstract=entry.abstract,
    )


def papers_by_name(names: set[Name]) -> PapersByName:
    """The paper of each name that is known; one object per paper, however many names it has."""
    rows = Alias.objects.filter(value__in={value for _, value in names})
    pairs = {(row.scheme, row.value): row.paper_id for row in rows}
    papers = Paper.objects.in_bulk({pairs[name] for name in names if name in pairs})
    return {name: papers[pairs[name]] for name in names if name in pairs}


def deleted_names(names: set[Name]) -> set[Name]:
    """Those names whose paper a curator deleted for good."""
    rows = Tombstone.objects.filter(value__in={value for _, value in names})
    return names & set(rows.values_list("scheme", "value"))


def merge_duplicates(entries: Iterable[tuple[Entry, Names]], known: PapersByName) -> None:
    """Merge two papers into one where an entry has names of both; updates `known`."""
    for entry, names in entries:
        papers = matching_papers(entry, names, known)
        for other in papers[1:]:
            if other.arxiv_id == "":
                merge(papers[0], other)
                known.update({name: papers[0] for name in known if known[name] is other})


def matching_papers(entry: Entry, names: Names, known: PapersByName) -> list[Paper]:
    """The papers that have one of these names, the one to keep first.

    Two arXiv ids are two works, whatever DOI they share: an erratum has its article's.
    """
    same_id = known.get(("arxiv", entry.arxiv_id))
    papers: list[Paper] = []
    for name in names:
        paper = known.get(name)
        if paper is None or any(paper is other for other in papers):
            continue
        if entry.arxiv_id and paper.arxiv_id and paper is not same_id:
            continue
        papers.append(paper)
    return sorted(papers, key=lambda paper: (paper is not same_id, paper.arxiv_id == ""))
