"""Papers and votes by the million, made of real records: sentences shuffled within a category.

So words are as common, and go together as often, as in real abstracts. What a paper means is the
mean of what its sentences mean, which is how the model itself would have it.
"""

import gzip
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from django.db import connection

from papers import categories, identifiers
from papers.search import embeddings

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "arxiv_metadata.jsonl.gz"
SAMPLES = ROOT / "papers" / "samples.jsonl"
PER_DAY = 250  # at any size: more papers are more days
LAST_DAY = date(2026, 11, 20)
READERS = 20_000
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
INDEXES = ("paper_words", "paper_authors", "paper_embedding", "paper_without_embedding")
COLUMNS = "id, key, title, abstract, authors, author_names, category, categories, day, votes"

TABLES = """
CREATE UNLOGGED TABLE made (id bigint, key text, title text, abstract text, authors text[],
  author_names text[], category text, categories text[], day date, votes int);
"""
MEANT = "CREATE UNLOGGED TABLE meant (id bigint PRIMARY KEY, embedding halfvec(256))"
PAPERS = """
INSERT INTO papers_paper (id, key, title, abstract, title_text, abstract_text, authors,
  primary_category, categories, version, submitted_at, announced_on, listed_on, listed_at,
  listing_wanted, featured, hidden_why, withdrawn, is_sample, abstract_url, pdf_url, code_url,
  project_url, doi, journal_ref, submitter_name, extra, votes, ranked_votes, votes_brought,
  created_at)
SELECT id, key, title, abstract, title, abstract, authors, category, categories, 1, day, day, day,
  day, false, false, '', false, false, 'https://arxiv.org/abs/' || key,
  'https://arxiv.org/pdf/' || key, '', '', '', '', '', '{}', votes, votes, 0, day FROM made
"""
SEARCH = """
INSERT INTO papers_papersearch
  (paper_id, title, authors, abstract, author_names)
SELECT id, title, authors, abstract, author_names FROM made WHERE id %% 2 = %s
"""
REST = """
INSERT INTO papers_embeddingmodel (version, serving, created_at) VALUES ('{version}', true, now());
INSERT INTO papers_paperembedding (paper_id, model_id, vector)
  SELECT meant.id, model.id, embedding FROM meant, papers_embeddingmodel AS model;
INSERT INTO papers_alias (scheme, value, paper_id) SELECT 'arxiv', key, id FROM made;
INSERT INTO papers_papertopic (paper_id, topic_id, by, against)
  SELECT made.id, topic.id, 'rule', false FROM made
    JOIN papers_topic AS topic ON topic.categories && made.categories::varchar[];
INSERT INTO accounts_user (email, password, name, is_superuser, is_staff, is_active, date_joined)
  SELECT 'reader' || n || '@example.org', '', '', false, false, true, '2020-01-01'
    FROM generate_series(1, {readers}) AS n;
INSERT INTO papers_upvote (user_id, paper_id, created_at, counts_from, ranked, voided_why)
  SELECT first.id + (made.id * 7919 + n) %% {readers}, made.id, day, day, true, ''
    FROM made, generate_series(1, votes) AS n, (SELECT min(id) AS id FROM accounts_user) AS first;
DROP TABLE made, meant;
"""


@dataclass
class _Category:
    """What papers of one category are made of."""

    titles: list[list[str]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    categories: list[list[str]] = field(default_factory=list)
    meanings: Any = None  # of the sentences


def fill(papers: int, say: Callable[[str], object] = print) -> None:
    """An empty site with topics gets so many papers and five times as many votes."""
    started = time.perf_counter()

    def done(what: str) -> None:
        say(f"  {time.perf_counter() - started:6.0f} s  {what}")

    parts = _categories()
    done(f"{sum(len(part.sentences) for part in parts.values()):,} sentences are understood")
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        definitions = [_drop(cursor, name) for name in INDEXES]
        _make(cursor, parts, papers)
        done("papers are made")
        cursor.execute(QUICKLY)
        cursor.execute(PAPERS)
        done("and stand in their table")
        halves = [Thread(target=_half, args=[half]) for half in (0, 1)]
        for half in halves:
            half.start()
        for half in halves:
            half.join()
        done("with their search entries")
        for statement in REST.format(readers=READERS, version=embeddings.model_version()).split(
            ";"
        )[:-1]:
            cursor.execute(statement.replace("%%", "%"))
        done("their names, topics and votes")
        for definition in definitions:
            cursor.execute(definition)
            done(f"with {definition.split()[2]}")
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('papers_paper', 'id'), max(id)) FROM papers_paper"
        )
        cursor.execute(AS_BEFORE)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
        done("and all is settled")


QUICKLY = """
SET session_replication_role = replica; -- no triggers: the counters are given
SET maintenance_work_mem = '2GB'; SET max_parallel_maintenance_workers = 2;
SET synchronous_commit = off;
"""
AS_BEFORE = """
RESET session_replication_role; RESET maintenance_work_mem;
RESET max_parallel_maintenance_workers; RESET synchronous_commit;
"""


def _half(half: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(QUICKLY)
            cursor.execute(SEARCH, [half])
            cursor.execute(AS_BEFORE)
    finally:
        connection.close()


def _drop(cursor: Any, index: str) -> str:
    """What makes it again."""
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index])
    definition: str = cursor.fetchone()[0]
    cursor.execute(f"DROP INDEX {index}")
    return definition


def real_texts() -> list[str]:
    return [f"{record['title']}. {record['abstract']}" for record in _records()]


def _records() -> Iterator[dict[str, Any]]:
    path = REAL if REAL.exists() else SAMPLES
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _categories() -> dict[str, _Category]:
    parts: dict[str, _Category] = defaultdict(_Category)
    for record in _records():
        theirs = [code for code in record["categories"] if categories.is_arxiv(code)]
        part = parts[theirs[0]]
        part.titles.append(record["title"].split())
        part.sentences += SENTENCE.split(" ".join(record["abstract"].split()))
        part.authors += [name.replace("\\", "") for name in record["authors"][:10]]
        part.categories.append(theirs)
    for part in parts.values():
        part.meanings = embeddings.embed(part.sentences)
    return {name: part for name, part in parts.items() if part.sentences and part.authors}


def _make(cursor: Any, parts: dict[str, _Category], papers: int) -> None:
    """Into the two tables beside: the texts, and what they mean."""
    chance = random.Random(20_26)
    names = list(parts)
    shares = [len(parts[name].titles) for name in names]
    days = list(_weekdays_back(LAST_DAY, -(-papers // PER_DAY)))
    vectors = np.empty((papers, embeddings.DIMENSIONS), np.float32)
    copying = f"COPY made ({COLUMNS}) FROM STDIN"
    with cursor.cursor.copy(copying) as copy:
        for number, name in enumerate(chance.choices(names, shares, k=papers)):
            part, day = parts[name], days[number // PER_DAY]
            first, second = chance.choice(part.titles), chance.choice(part.titles)
            title = " ".join([*first[: len(first) // 2 + 1], *second[len(second) // 2 :]])
            chosen = chance.choices(range(len(part.sentences)), k=chance.randint(5, 10))
            authors = chance.choices(part.authors, k=chance.randint(1, 6))
            codes = chance.choice(part.categories)
            vectors[number] = part.meanings[chosen].sum(axis=0)
            copy.write_row(
                [
                    *(number + 1, f"{day:%y%m}.{day.day:02}{number % PER_DAY:03}", title),
                    " ".join(part.sentences[one] for one in chosen),
                    *map(_array, (authors, map(identifiers.fold_name, authors))),
                    *(name, _array(codes), day, min(READERS, round(chance.expovariate(0.2)))),
                ]
            )
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    copy_vectors(cursor, vectors)


def _array(texts: Iterable[str]) -> str:
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def copy_vectors(cursor: Any, vectors: "np.ndarray") -> None:
    """Into a table `meant`, as PostgreSQL's own binary rows: text would take too long."""
    cursor.execute(MEANT)
    row = np.dtype(
        [("fields", ">i2"), ("id_length", ">i4"), ("id", ">i8"), ("length", ">i4")]
        + [("dimensions", ">i2"), ("unused", ">i2"), ("halves", ">f2", embeddings.DIMENSIONS)]
    )
    with cursor.cursor.copy("COPY meant FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for start in range(0, len(vectors), 10_000):
            some = vectors[start : start + 10_000]
            rows = np.zeros(len(some), row)
            rows["fields"], rows["id_length"], rows["length"] = 2, 8, 4 + 2 * some.shape[1]
            rows["id"] = np.arange(start + 1, start + len(some) + 1)
            rows["dimensions"], rows["halves"] = some.shape[1], some
            copy.write(rows.tobytes())
        copy.write(b"\xff\xff")


def _weekdays_back(day: date, count: int) -> Iterator[date]:
    while count:
        if day.weekday() < 5:
            yield day
            count -= 1
        day -= timedelta(days=1)
