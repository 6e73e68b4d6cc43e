"""Retrieval quality of our word table, beside WordLlama and plain tf-idf, on papers not trained on.

Reads the real data in `../shared/data`, or in the folder named by `WORDS_DATA`. Trains a table on
the papers before September 2025 and evaluates it on the later ones. `paraphrases.tsv` holds titles
of some of these in other words, written by hand before any result was seen.
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.table import Table

from benchmarks._report import console, figure_table, print_verdicts
from papers.search import embeddings, make_word_table, tokenizer, word_table, word_training

DATA = Path(os.environ.get("WORDS_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
FILES = ("arxiv_metadata.jsonl.gz", "hf_daily_papers.jsonl.gz")
PARAPHRASES = Path(__file__).with_name("paraphrases.tsv")
FIRST_LATER_MONTH = 202509
TITLES, QUICK_TITLES, QUICK_TRAINING = 2_000, 200, 2_000
TITLE_CUTS, PARAPHRASE_CUTS = (1, 10, 100), (1, 5, 10, 100)
MIN_GAIN = 0.10  # over WordLlama, in the share of titles that find their abstract first
SCRIPTS = {  # whose words a table made from English papers hardly has: a query and its text
    "Russian": ("обучение нейронных сетей", "Новый метод: обучение глубоких нейронных сетей."),
    "Greek": ("μηχανική μάθηση", "Μια μέθοδος για τη μηχανική μάθηση σε γράφους."),
    "Chinese": ("深度学习", "本文提出一种用于图像分割的深度学习方法。"),
    "Japanese": ("機械学習", "画像認識のための機械学習の新しい手法を提案する。"),
    "Korean": ("기계 학습", "이미지 인식을 위한 새로운 기계학습을 제안한다."),
    "Arabic": ("تعلّم الآلة", "طريقة جديدة في تعلم الآلة لفهم الصور."),
    "Hindi": ("मशीन लर्निंग", "छवियों के लिए मशीन लर्निंग की एक नई विधि।"),
}

Encode = Callable[[Sequence[str]], np.ndarray]


class Questions(NamedTuple):
    """Queries, the texts to search, and the right text of each query as a position among them."""

    titles: list[str]
    title_positions: np.ndarray
    abstracts: list[str]  # without their titles
    papers: list[str]  # titles and abstracts
    paraphrases: list[str]
    paraphrase_positions: np.ndarray


def run(quick: bool) -> bool:
    """Print the figures; True if every target is met, or if the data is missing."""
    files = [DATA / name for name in FILES]
    if missing := [str(path) for path in files if not path.is_file()]:
        console.print(f"[red]not measured[/]  the real data is missing: {', '.join(missing)}")
        return True
    papers = make_word_table.read(files)
    earlier = [paper for paper in papers if paper.month < FIRST_LATER_MONTH]
    questions = _questions([paper for paper in papers if paper.month >= FIRST_LATER_MONTH], quick)
    if quick:
        earlier = earlier[:: len(earlier) // QUICK_TRAINING]
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        table = make_word_table.train([paper.pair() for paper in earlier])
        word_table.write(Path(folder), table)
        seconds = time.perf_counter() - started
        console.print(f"{len(table.numbers)} words from {len(earlier)} papers, in {seconds:.0f} s")
        return all([_measure_retrieval(questions, folder, quick), _measure_scripts(folder)])


def _questions(later: list[make_word_table.Paper], quick: bool) -> Questions:
    rng = np.random.default_rng(1)
    chosen = rng.choice(len(later), QUICK_TITLES if quick else TITLES, replace=False)
    lines = [line.split("\t") for line in PARAPHRASES.read_text(encoding="utf-8").splitlines()]
    position = {paper.arxiv_id: at for at, paper in enumerate(later)}
    return Questions(
        [later[at].title for at in chosen],
        chosen,
        [paper.pair().abstract for paper in later],
        [f"{paper.title}\n{paper.abstract}" for paper in later],
        [paraphrase for _, paraphrase in lines],
        np.array([position[arxiv_id] for arxiv_id, _ in lines]),
    )


# --- Finding abstracts by titles, papers by paraphrases ---


def _measure_retrieval(questions: Questions, folder: str, quick: bool) -> bool:
    def ours(texts: Sequence[str]) -> np.ndarray:
        return embeddings.embed(texts, folder)

    table = figure_table(
        f"Among {len(questions.papers)} papers not trained on",
        *("vectors", "title to abstract @1", "@10", "@100"),
        *("paraphrase @1", "@5", "@10", "@100", "texts/s"),
    )
    _add_row(table, "plain words, tf-idf", _PlainWords(), questions)
    first = {}
    for name, encode in {"WordLlama": _wordllama(), "our word table": ours}.items():
        if encode is None:
            table.add_row(f"{name}: not installed")
            continue
        first[name] = _add_row(table, name, _Vectors(encode), questions)
    console.print(table)
    if quick or "WordLlama" not in first:
        return True
    gain = first["our word table"] - first["WordLlama"]
    result = f"{gain:+.3f} titles that find their abstract first, compared with WordLlama"
    return print_verdicts({f"{result} (at least {MIN_GAIN:+.2f})": gain >= MIN_GAIN})


def _add_row(
    table: Table, name: str, method: "_Vectors | _PlainWords", questions: Questions
) -> float:
    """Adds the figures of a method to the table; returns the first of them."""
    started = time.perf_counter()
    by_title = method.scores(questions.titles, questions.abstracts)
    speed = (len(questions.titles) + len(questions.abstracts)) / (time.perf_counter() - started)
    by_paraphrase = method.scores(questions.paraphrases, questions.papers)
    titles = _shares(by_title, questions.title_positions, TITLE_CUTS)
    paraphrases = _shares(by_paraphrase, questions.paraphrase_positions, PARAPHRASE_CUTS)
    figures = [f"{share:.3f}" for share in titles] + [f"{share:.2f}" for share in paraphrases]
    table.add_row(name, *figures, f"{speed:,.0f}" if isinstance(method, _Vectors) else "")
    return titles[0]


def _shares(scores: np.ndarray, right: np.ndarray, cuts: Sequence[int]) -> list[float]:
    """The shares with the right paper among the first N; it ranks last among equal scores."""
    own = scores[np.arange(len(right)), right]
    ranks = (scores >= own[:, None]).sum(axis=1)
    return [float((ranks <= cut).mean()) for cut in cuts]


class _Vectors:
    def __init__(self, encode: Encode) -> None:
        self.encode = encode

    def scores(self, queries: list[str], texts: list[str]) -> np.ndarray:
        scores: np.ndarray = self.encode(queries) @ self.encode(texts).T
        return scores


class _PlainWords:
    """Cosines of tf-idf over the same words, as (1 + ln count) x idf."""

    def scores(self, queries: list[str], texts: list[str]) -> np.ndarray:
        bags = [Counter(tokenizer.split_words(text)) for text in texts]
        counts = Counter(word for bag in bags for word in bag)
        idf = {word: np.log(len(bags) / count) for word, count in counts.items()}
        holding: dict[str, list[int]] = {word: [] for word in counts}
        shares: dict[str, list[float]] = {word: [] for word in counts}
        for text, bag in enumerate(bags):
            weights = {word: (1 + np.log(count)) * idf[word] for word, count in bag.items()}
            length = np.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
            for word, weight in weights.items():
                holding[word].append(text)
                shares[word].append(weight / length)
        postings = {word: (np.array(holding[word]), np.array(shares[word])) for word in counts}
        scores = np.zeros((len(queries), len(texts)), np.float32)
        for row, query in enumerate(queries):
            for word, count in Counter(tokenizer.split_words(query)).items():
                if word in postings:
                    at, share = postings[word]
                    scores[row, at] += (1 + np.log(count)) * idf[word] * share
        return scores


def _wordllama() -> Encode | None:
    if find_spec("wordllama") is None:
        return None

    def encode(texts: Sequence[str]) -> np.ndarray:
        return word_training.unit(make_word_table.wordllama_vectors(texts))

    return encode


def _measure_scripts(folder: str) -> bool:
    """Whether each query in another script is nearest to the text in that script."""
    queries = embeddings.embed([query for query, _ in SCRIPTS.values()], folder)
    texts = embeddings.embed([text for _, text in SCRIPTS.values()], folder)
    cosines = queries @ texts.T
    table = figure_table(
        "Other scripts", "script", "query", "cosine with its text", "with the nearest other"
    )
    met = True
    for at, (script, (query, _)) in enumerate(SCRIPTS.items()):
        own, other = cosines[at, at], np.delete(cosines[at], at).max()
        met = met and bool(own > other)
        table.add_row(script, query, f"{own:.2f}", f"{other:.2f}")
    console.print(table)
    return print_verdicts({"every query finds the text in its script": met})
