"""Queries for the search benchmark: words by how many papers hold them, parts of real titles."""

import random

from django.db import connection

COMMON = 0.1  # of the papers hold a word that is called common
SAMPLED_PERCENT = 5
WORD_COUNTS = f"""
SELECT word, ndoc::float / (SELECT count(*) FROM papers_papersearch)
  FROM ts_stat('SELECT to_tsvector(''simple'', title || '' '' || abstract)
                  FROM papers_papersearch TABLESAMPLE SYSTEM ({SAMPLED_PERCENT})')
 WHERE word ~ '^[a-z]{{4,}}$' AND numnode(paper_term('english', word, '')) > 0
"""


def sample_queries(rng: random.Random) -> dict[str, list[str]]:
    """At most thirty queries of each kind, by its name."""
    shares = _shares_of_papers()
    common = [word for word, share in shares.items() if share >= COMMON]
    middling = [word for word, share in shares.items() if 0.005 < share < COMMON]
    rare = [word for word, share in shares.items() if 0.0005 < share < 0.005]
    titles = [title.split() for title in _column("title")]
    pairs = [" ".join(title[at : at + 2]) for title in titles if len(title) > 4 for at in (1, 2)]
    pairs = [pair for pair in pairs if pair.replace(" ", "").isalpha()]
    triples = [" ".join(title[1:4]) for title in titles if len(title) > 5]
    kinds = {
        "one common word": common,
        "one word": middling,
        "one rare word": rare,
        "two words": [f"{word} {other}" for word, other in zip(common, middling, strict=False)],
        "two words of a title": pairs,
        "three words of a title": [
            triple for triple in triples if triple.replace(" ", "").isalpha()
        ],
        "a phrase": [f'"{pair}"' for pair in pairs],
        "a name": [f"au:{name.split()[-1]}" for name in _column("authors[1]")],
        "a word and not another": [
            f"{word} -{other}" for word, other in zip(middling, common * 99, strict=False)
        ],
    }
    return {kind: rng.sample(texts, min(30, len(texts))) for kind, texts in kinds.items()}


def _shares_of_papers() -> dict[str, float]:
    """The share of papers that hold a word, by word, estimated from a sample."""
    with connection.cursor() as cursor:
        cursor.execute(WORD_COUNTS)
        return {word: share * 100 / SAMPLED_PERCENT for word, share in cursor.fetchall()}


def _column(expression: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {expression} FROM papers_papersearch TABLESAMPLE SYSTEM (1) LIMIT 2000"
        )
        return [value for (value,) in cursor.fetchall()]
