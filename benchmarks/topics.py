"""How well topics are found by meaning, on daily papers whose categories are hidden for the test.

Reads the real daily papers in `../shared/data`, or in the folder named by `WORDS_DATA`. Each paper
is judged by a model that was trained without it. A pair is a paper and one of its topics.
"""

import numpy as np

from benchmarks._records import read_json_lines
from benchmarks._report import console, figure_table, print_verdicts
from benchmarks.ranking import PAPERS
from papers import topic_model
from papers.identifiers import fold_name
from papers.ingest.seed_data import TOPICS
from papers.search import embeddings
from papers.topic_model import KnownPapers, PastTopics

MIN_PRECISION, MIN_RECALL = 0.85, 0.8
QUICK_PAPERS = 500


def run(quick: bool) -> bool:
    """Print the figures; True if both targets are met, or if the data is missing."""
    if not PAPERS.is_file():
        console.print(f"[red]not measured[/]  the real data is missing: {PAPERS}")
        return True
    papers = _read(QUICK_PAPERS if quick else None)
    found = _found(papers)
    right, answered, known = (
        mask.sum(axis=0) for mask in (found & papers.is_in, found, papers.is_in)
    )
    table = figure_table(
        f"Topics by meaning, {len(found):,} papers", "topic", "papers", "precision", "recall"
    )
    for topic, counts in zip(TOPICS, zip(right, answered, known, strict=True), strict=True):
        table.add_row(topic.slug, str(counts[2]), *_shares(*counts))
    table.add_row("all pairs", str(known.sum()), *_shares(right.sum(), answered.sum(), known.sum()))
    console.print(table)
    has_right = (found & papers.is_in).any(axis=1).mean()
    console.print(
        f"{found.any(axis=1).mean():.3f} of the papers get a topic, {has_right:.3f} a right one"
    )
    precision, recall = right.sum() / max(answered.sum(), 1), right.sum() / max(known.sum(), 1)
    return quick or print_verdicts(
        {
            f"precision {precision:.3f}, at least {MIN_PRECISION}": precision >= MIN_PRECISION,
            f"recall {recall:.3f}, at least {MIN_RECALL}": recall >= MIN_RECALL,
        }
    )


def _found(papers: KnownPapers) -> np.ndarray:
    """Which topics each paper gets from a model that was trained without it."""
    found = np.zeros(papers.is_in.shape, bool)
    for held_out in topic_model.folds(len(found)):
        known, hidden = papers.chosen(~held_out), papers.chosen(held_out)
        past = PastTopics(known.authors, known.is_in).of_papers(hidden.authors)
        found[held_out] = topic_model.train(known).topics(hidden.vectors, past)
    return found


def _read(limit: int | None) -> KnownPapers:
    """The papers with categories, and whether each is in each seed topic."""
    papers = [paper for paper in read_json_lines(PAPERS) if paper.get("categories")][:limit]
    vectors = embeddings.embed([f"{paper['title']}. {paper['abstract']}" for paper in papers])
    authors = [[fold_name(name) for name in paper["authors"]] for paper in papers]
    rows = [
        [not set(topic.categories).isdisjoint(paper["categories"]) for topic in TOPICS]
        for paper in papers
    ]
    return KnownPapers(vectors, authors, np.array(rows))


def _shares(right: int, answered: int, known: int) -> tuple[str, str]:
    precision, recall = (f"{right / whole:.3f}" if whole else "none" for whole in (answered, known))
    return precision, recall
