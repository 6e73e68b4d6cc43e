"""Says which papers of a list or a digest a reader has muted, and why."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from django.http import HttpRequest

from following.choices import choices_of
from following.models import Mute
from papers.identifiers import fold_name
from papers.models import Paper

CACHED_TEXTS = 2_000  # some 6 MB a process
What = Mute.What


def muted(mutes: Sequence[Mute], papers: Iterable[Paper]) -> dict[int, list[Mute]]:
    """By the primary key of each muted paper, what mutes it; papers have a `topic_list`.

    Without a query. A word is muted wherever title or abstract has it, also with an s at its end.
    """
    topics = {mute.topic_id: mute for mute in mutes if mute.what == What.TOPIC}
    authors = {mute.folded: mute for mute in mutes if mute.what == What.AUTHOR}
    words = [mute for mute in mutes if mute.what == What.WORD]
    found: dict[int, list[Mute]] = {}
    for paper in papers:
        some = [topics.get(topic.pk) for topic in paper.topic_list] if topics else []
        if authors:
            some += [authors.get(fold_name(name)) for name in paper.authors]
        if words:
            text = _folded(paper.title_text, paper.abstract_text)
            some += [mute for mute in words if _has_word(text, mute.folded)]
        because: list[Mute] = []
        for mute in some:
            if mute and mute not in because:
                because.append(mute)
        if because:
            found[paper.pk] = because
    return found


def fold_muted(request: HttpRequest, papers: Sequence[Paper]) -> None:
    """Mark the muted papers of a page, for following/_muted.html.

    Takes one query for who is signed in, together with the buttons of the page.
    """
    because = muted(choices_of(request).mutes, papers)
    folded = [paper for paper in papers if paper.pk in because]
    for paper in folded:
        paper.is_folded = True
        paper.why_shown = f"You mute {', '.join(mute.title for mute in because[paper.pk])}"
    request.muted_papers = folded  # type: ignore[attr-defined]


@lru_cache(maxsize=CACHED_TEXTS)
def _folded(title: str, abstract: str) -> str:
    """Cached, as the same new papers are looked through for one reader after the other."""
    return f" {fold_name(title)} {fold_name(abstract)} "


def _has_word(text: str, word: str) -> bool:
    return f" {word} " in text or f" {word}s " in text
