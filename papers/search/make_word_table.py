"""Makes the shipped table: `python -m papers.search.make_word_table FILE…`, from arXiv metadata.

A FILE is JSON lines (gzipped, if its name ends in .gz) with `arxiv_id`, `title` and `abstract`;
nothing else is read of a line but `daily_date`, the day a list had the paper. The rows begin as
WordLlama's vectors of the words, for which the package `wordllama` is needed: here, not on a site.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from papers.search import tokenizer, word_table, word_training
from papers.search.word_table import WordTable
from papers.search.word_training import Pair

if TYPE_CHECKING:
    from wordllama.inference import WordLlamaInference

FIRST_ARXIV_YEAR = 91  # ids begin with two digits of the year: 91 and more are of last century


class Paper(NamedTuple):
    arxiv_id: str
    month: int  # 202509: of its id, or of the list it was on if that was later
    title: str
    abstract: str

    def pair(self) -> Pair:
        return Pair(self.title, word_training.without(self.title, self.abstract))


def read(files: Sequence[Path]) -> list[Paper]:
    """The papers of all the files, each once, by id."""
    papers: dict[str, Paper] = {}
    for path in files:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            for line in lines:
                if paper := _paper(json.loads(line)):
                    same = papers.get(paper.arxiv_id, paper)
                    papers[paper.arxiv_id] = same._replace(month=max(same.month, paper.month))
    return [papers[arxiv_id] for arxiv_id in sorted(papers)]


def _paper(record: dict[str, str]) -> Paper | None:
    arxiv_id, listed = record.get("arxiv_id", ""), record.get("daily_date", "")
    title, abstract = (" ".join(record.get(key, "").split()) for key in ("title", "abstract"))
    if not (arxiv_id and title and abstract):
        return None
    year, month = int(arxiv_id.split("/")[-1][:2]), int(arxiv_id.split("/")[-1][2:4])
    submitted = (year + (1900 if year >= FIRST_ARXIV_YEAR else 2000)) * 100 + month
    on_list = int(listed[:4] + listed[5:7]) if listed else 0
    return Paper(arxiv_id, max(submitted, on_list), title, abstract)


def train(pairs: Sequence[Pair]) -> WordTable:
    """A table of words chosen from the pairs, trained on them."""
    known, counts = word_training.choose_words(f"{pair.title}\n{pair.abstract}" for pair in pairs)
    norms = word_training.start_norms(counts, len(pairs))
    rows = word_training.unit(wordllama_vectors(known)) * norms[:, None]
    unknown_norm = word_training.unknown_norm(len(pairs))
    trained = word_training.train(known, rows, unknown_norm, pairs)
    return word_table.make(known, trained, unknown_norm)


def wordllama_vectors(texts: Sequence[str]) -> np.ndarray:
    """The mean of the vectors of the tokens of each; rows of zeros where it has none."""
    vectors: np.ndarray = np.nan_to_num(_wordllama().embed(list(texts)))
    return vectors


@cache
def _wordllama() -> "WordLlamaInference":
    try:
        import wordllama
    except ImportError:
        sys.exit("This needs WordLlama's vectors to begin with: pip install wordllama")
    packaged = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(
        cache_dir=packaged, dim=tokenizer.DIMENSIONS, disable_download=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--into", type=Path, default=word_table.SHIPPED, metavar="FOLDER")
    given = parser.parse_args()
    started = time.perf_counter()
    papers = read(given.files)
    table = train([paper.pair() for paper in papers])
    word_table.write(given.into, table)
    seconds = time.perf_counter() - started
    print(f"{table.version}: {len(table.numbers)} words from {len(papers)} papers, {seconds:.0f} s")


if __name__ == "__main__":
    main()
