"""Finds names that several items of one body share: they are the name of none of them.

A seminar's page holds all of its talks, a generator writes one guid for every item, a journal
gives its own DOI to each of its articles.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import replace

from papers.identifiers import fold_name
from papers.sources import Entry, ParsedItem

# Two versions of a preprint have one DOI and may have two titles.
MAX_TITLES_OF_DOI = 2


def without_shared(items: Iterable[ParsedItem]) -> list[ParsedItem]:
    """The items, where a guid or a DOI that others have too is left out, and a link marked.

    Items with the same title, or text, are one item that stands there twice.
    """
    listed = list(items)
    entries = [item for item in listed if isinstance(item, Entry)]
    guids = _shared(1, ((one.guid, fold_name(one.title_text)) for one in entries if one.guid))
    links = _shared(
        1,
        (
            (one.abstract_url, _content(one, has_guid=bool(one.guid) and one.guid not in guids))
            for one in entries
            if one.abstract_url
        ),
    )
    dois = _shared(
        MAX_TITLES_OF_DOI, ((one.doi, fold_name(one.title_text)) for one in entries if one.doi)
    )
    if not (guids or links or dois):
        return listed
    return [
        replace(
            item,
            guid="" if item.guid in guids else item.guid,
            doi="" if item.doi in dois and not item.arxiv_id else item.doi,
            link_is_shared=item.abstract_url in links,
        )
        if isinstance(item, Entry)
        else item
        for item in listed
    ]


def _content(entry: Entry, *, has_guid: bool) -> Hashable:
    """By which two items of one link are told apart."""
    title = fold_name(entry.title_text)
    return (title, entry.abstract_text) if has_guid else title


def _shared(allowed: int, pairs: Iterable[tuple[str, Hashable]]) -> set[str]:
    """Names that stand for more than so many different things."""
    things: dict[str, set[Hashable]] = defaultdict(set)
    for name, thing in pairs:
        things[name].add(thing)
    return {name for name, of_name in things.items() if len(of_name) > allowed}
