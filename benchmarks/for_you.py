"""How well *For you* finds papers of a subject from five of them, beside simpler ways.

Reads arXiv's records in `../shared/data`, or in the folder named by `WORDS_DATA`. The interests are
the SUBJECTS most frequent categories that are narrow, such as cs.MA or q-bio.NC. Five papers of the
earlier days are what a reader chose; all papers of the later days are to be ranked, and those of
the category are right. The last table has the time that it takes for many readers.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from benchmarks import _for_you_site, _tfidf_svm
from benchmarks._records import read_json_lines
from benchmarks._report import console, figure_table, print_verdicts
from benchmarks.words import DATA
from interests import interest_model
from interests.interest_model import Background, Examples
from papers.search import embeddings

PAPERS = DATA / "arxiv_metadata.jsonl.gz"
SUBJECTS, QUICK_SUBJECTS = 40, 4
MAX_SHARE = 0.05  # of the papers: a narrow category has fewer
SEEDS = 5  # papers that a reader chose; so many of a category there are in either half, at least
DRAWS, SEED = 3, 2  # of seeds for each category
TOP = 10
CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")  # of arXiv; the data has those of ACM and MSC too
OTHER_NAMES = {"cs.SY", "math.IT", "cs.NA", "stat.TH"}  # of eess.SY, cs.IT, math.NA, math.ST
OURS = "ours"
READERS, LISTED, MAX_SITE_PAPERS = 1_000, 1_000, 6_000


class Papers(NamedTuple):
    """Of the earlier or the later days; each field is a column."""

    texts: list[str]
    authors: list[str]
    categories: list[set[str]]
    vectors: np.ndarray

    def are_in(self, category: str) -> np.ndarray:
        return np.array([category in categories for categories in self.categories])


class Reader(NamedTuple):
    category: str
    chosen: np.ndarray  # numbers of earlier papers


Method = Callable[[Papers, Papers, list[Reader]], np.ndarray]  # scores (later papers, readers)


def run(quick: bool) -> bool:
    """Print the figures; True if ours is the best, or if the data is missing."""
    if not PAPERS.is_file():
        console.print(f"[red]not measured[/]  the real data is missing: {PAPERS}")
        return True
    earlier, later = _read(2_000 if quick else None)
    readers = _readers(earlier, later, QUICK_SUBJECTS if quick else SUBJECTS)
    title = f"{len(readers)} readers, {len(later.texts):,} papers each"
    table = figure_table(title, "ranked by", f"precision@{TOP}", "nDCG")
    figures = {}
    for name, method in METHODS.items():
        figures[name] = _figures(later, readers, method(earlier, later, readers))
        table.add_row(name, *(f"{figure:.3f}" for figure in figures[name]))
    console.print(table)
    _print_times(earlier, quick)
    best = [max(figure) for figure in zip(*figures.values(), strict=True)]
    return quick or print_verdicts({"ours is the best by both": list(figures[OURS]) == best})


def _print_times(papers: Papers, quick: bool) -> None:
    """On a site whose papers of today are the last LISTED of these."""
    listed, readers = (100, 10) if quick else (LISTED, READERS)
    site = papers.texts[-MAX_SITE_PAPERS:], papers.vectors[-MAX_SITE_PAPERS:]
    seconds = _for_you_site.measure(*site, listed=listed, readers=readers)
    interests = readers * _for_you_site.INTERESTS
    table = figure_table(
        f"{readers:,} readers with {_for_you_site.INTERESTS} interests, {listed:,} papers a day",
        *("step", "in all", "each"),
    )
    table.add_row("what all share, once a night", f"{seconds.background:.1f} s", "")
    each = f"{1_000 * seconds.training / interests:.1f} ms an interest"
    table.add_row("training", f"{seconds.training:.1f} s", each)
    each = f"{1_000 * seconds.ranking / readers:.1f} ms a reader"
    table.add_row("ranking the day", f"{seconds.ranking:.1f} s", each)
    console.print(table)


# --- The data ---


def _read(limit: int | None) -> tuple[Papers, Papers]:
    """The recent papers with the day on which they were met, in two halves by that day."""
    records = [record for record in read_json_lines(PAPERS) if record.get("first_seen")]
    records.sort(key=lambda record: (record["first_seen"], record["arxiv_id"]))
    records = records[:limit]
    middle = records[len(records) // 2]["first_seen"]
    halves = [
        [r for r in records if (r["first_seen"] < middle) is early] for early in (True, False)
    ]
    earlier, later = map(_papers, halves)
    return earlier, later


def _papers(records: list[dict[str, Any]]) -> Papers:
    texts = [f"{record['title']}. {record['abstract']}" for record in records]
    return Papers(
        texts,
        [" ".join(record["authors"]) for record in records],
        [set(filter(CATEGORY.fullmatch, record["categories"])) for record in records],
        embeddings.embed(texts),
    )


def _readers(earlier: Papers, later: Papers, subjects: int) -> list[Reader]:
    counts = Counter(
        code for half in (earlier, later) for found in half.categories for code in found
    )
    most = MAX_SHARE * (len(earlier.texts) + len(later.texts))
    narrow = [code for code, n in counts.most_common() if n < most and code not in OTHER_NAMES]
    enough = [c for c in narrow if min(half.are_in(c).sum() for half in (earlier, later)) >= SEEDS]
    rng = np.random.default_rng(SEED)
    return [
        Reader(code, rng.choice(np.flatnonzero(earlier.are_in(code)), SEEDS, replace=False))
        for code in enough[:subjects]
        for _ in range(DRAWS)
    ]


# --- Ways to rank ---


def _ours(earlier: Papers, later: Papers, readers: list[Reader]) -> np.ndarray:
    background = Background.of(earlier.vectors, earlier.texts)
    later_words = [background.word_features(text) for text in later.texts]
    nothing = Examples(np.zeros((0, earlier.vectors.shape[1])))
    scores = []
    for reader in readers:
        texts = [earlier.texts[number] for number in reader.chosen]
        liked = Examples(earlier.vectors[reader.chosen], list(map(background.word_features, texts)))
        model = interest_model.train(background, liked, nothing)
        scores.append(model.scores(later.vectors, later_words))
    return np.column_stack(scores)


def _nearest_to_mean(earlier: Papers, later: Papers, readers: list[Reader]) -> np.ndarray:
    means = [earlier.vectors[reader.chosen].mean(axis=0) for reader in readers]
    scores: np.ndarray = later.vectors @ np.column_stack(means)
    return scores


def _tfidf_svm_scores(earlier: Papers, later: Papers, readers: list[Reader]) -> np.ndarray:
    of_earlier, of_later = (
        [f"{text} {names}" for text, names in zip(half.texts, half.authors, strict=True)]
        for half in (earlier, later)
    )
    tfidf = _tfidf_svm.Tfidf(of_earlier)
    chosen = [reader.chosen for reader in readers]
    weights = _tfidf_svm.train(tfidf.rows(of_earlier), chosen, len(tfidf.columns))
    return tfidf.rows(of_later).times(weights)


def _chance(earlier: Papers, later: Papers, readers: list[Reader]) -> np.ndarray:
    return np.random.default_rng(SEED).random((len(later.texts), len(readers)))


METHODS: dict[str, Method] = {
    "chance": _chance,
    "nearest to the mean vector": _nearest_to_mean,
    "tf-idf SVM (arxiv-sanity-lite)": _tfidf_svm_scores,
    OURS: _ours,
}


def _figures(later: Papers, readers: list[Reader], scores: np.ndarray) -> tuple[float, float]:
    """Mean precision among the first TOP, and mean nDCG of the whole order (Järvelin 2002)."""
    gains = 1 / np.log2(np.arange(len(later.texts)) + 2)
    precisions, ndcgs = [], []
    for reader, column in zip(readers, scores.T, strict=True):
        is_right = later.are_in(reader.category)[np.argsort(-column, kind="stable")]
        precisions.append(is_right[:TOP].mean())
        ndcgs.append(is_right @ gains / gains[: is_right.sum()].sum())
    return float(np.mean(precisions)), float(np.mean(ndcgs))
