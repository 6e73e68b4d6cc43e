"""Finds the papers of entries by their aliases, and merges papers that an entry shows to be one.

In the order of trust: an id of the work (arXiv, DOI, OpenReview and others), the guid by which a
source calls its item, the address of its page, and at last title and abstract. A guid or a page
may come to stand for another work, so what else the entry says is compared with the paper.
"""

from collections.abc import Iterable

from papers import identifiers
from papers.models import Alias, Paper, Source, Tombstone
from papers.models.merging import merge
from papers.sources import Entry

Name = tuple[str, str]  # (scheme, value), as in Alias and Tombstone
Names = list[Name]  # of one entry, the most trusted first
PapersByName = dict[Name, Paper]
WEAK_SCHEMES = ("link", "hash")  # only where nothing better is known


def names_of_entry(entry: Entry, source: Source | None = None) -> Names:
    """The aliases under which an entry may be known: ids of the work, guid, then link or hash.

    A guid is a source's own, so it is written with the source: another may use the same.
    """
    names = identifiers.aliases(
        arxiv_id=entry.arxiv_id,
        doi=entry.doi,
        identifiers=entry.identifiers,
        link="" if entry.link_is_shared else entry.abstract_url,
        title=entry.title,
        abstract=entry.abstract,
    )
    if entry.guid and source:
        names.append(("guid", identifiers.alias_value(f"{source.pk}:{entry.guid}")))
    return sorted(names, key=lambda name: (name[0] in WEAK_SCHEMES, name[0] == "guid"))


class KnownPapers:
    """The papers that a batch of entries of one source may be about, by their names."""

    def __init__(self, named_entries: Iterable[tuple[Entry, Names]], source: Source | None) -> None:
        self._named_entries = list(named_entries)
        all_names = {name for _, names in self._named_entries for name in names}
        self._by_name = _papers_by_name(all_names)
        self._deleted = _deleted_names(all_names)
        self._guids = self._guids_of_linked(source)
        self._merge_duplicates()

    def find(self, entry: Entry, names: Names) -> Paper | None:
        """The paper of this entry, None if it is not known."""
        return next(iter(self._matches(entry, names)), None)

    def are_deleted(self, names: Names) -> bool:
        """Whether a curator deleted a paper of one of these names for good."""
        return not self._deleted.isdisjoint(names)

    def add(self, names: Names, paper: Paper) -> PapersByName:
        """Note these names for a paper; returns those that were not known before."""
        new = {name: paper for name in names if name not in self._by_name}
        self._by_name |= new
        if any(scheme == "guid" for scheme, _ in new):
            self._guids.add(id(paper))
        return new

    def _guids_of_linked(self, source: Source | None) -> set[int]:
        """Python ids of those papers found by a link for which this source has a guid."""
        linked = {p.pk: p for (scheme, _), p in self._by_name.items() if scheme == "link"}
        if not source or not linked:
            return set()
        rows = Alias.objects.filter(
            paper__in=linked, scheme="guid", value__startswith=f"{source.pk}:"
        )
        return {id(linked[pk]) for pk in rows.values_list("paper_id", flat=True)}

    def _merge_duplicates(self) -> None:
        """Merge two papers into one where an entry has names of both."""
        for entry, names in self._named_entries:
            papers = self._matches(entry, names)
            for other in papers[1:]:
                if other.arxiv_id == "":
                    merge(papers[0], other)
                    self._by_name |= {
                        name: papers[0] for name, p in self._by_name.items() if p is other
                    }

    def _matches(self, entry: Entry, names: Names) -> list[Paper]:
        """The papers that have one of these names, the one to keep first.

        Two arXiv ids are two works, whatever DOI they share: an erratum has its article's.
        """
        same_id = self._by_name.get(("arxiv", entry.arxiv_id))
        papers: list[Paper] = []
        for name in names:
            paper = self._by_name.get(name)
            if paper is None or any(paper is other for other in papers):
                continue
            if entry.arxiv_id and paper.arxiv_id and paper is not same_id:
                continue
            if (papers and name[0] in WEAK_SCHEMES) or not self._fits(name, entry, paper):
                continue
            papers.append(paper)
        return sorted(papers, key=lambda paper: (paper is not same_id, paper.arxiv_id == ""))

    def _fits(self, name: Name, entry: Entry, paper: Paper) -> bool:
        """Whether a name that is the source's, not the work's, still stands for this paper."""
        scheme, _ = name
        if scheme == "guid":  # some sources number their items anew each day
            if entry.doi and paper.doi and identifiers.doi(entry.doi) != identifiers.doi(paper.doi):
                return False
            return (
                entry.abstract_url == paper.abstract_url
                or entry.abstract_text == paper.abstract_text
                or _same_title(entry, paper)
            )
        if scheme == "link" and entry.guid:  # a page that shows one item after another
            return id(paper) not in self._guids or _same_title(entry, paper)
        return True


def _same_title(entry: Entry, paper: Paper) -> bool:
    return identifiers.fold_name(entry.title_text) == identifiers.fold_name(paper.title_text)


def _papers_by_name(names: set[Name]) -> PapersByName:
    """The paper of each name that is known; one object per paper, however many names it has."""
    rows = Alias.objects.filter(value__in={value for _, value in names})
    pairs = {(row.scheme, row.value): row.paper_id for row in rows}
    papers = Paper.objects.in_bulk({pairs[name] for name in names if name in pairs})
    return {name: papers[pairs[name]] for name in names if name in pairs}


def _deleted_names(names: set[Name]) -> set[Name]:
    """Those names whose paper a curator deleted for good."""
    rows = Tombstone.objects.filter(value__in={value for _, value in names})
    return names & set(rows.values_list("scheme", "value"))
