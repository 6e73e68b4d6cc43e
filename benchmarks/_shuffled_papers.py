"""Fills a site with up to millions of papers and votes, for the search benchmark.

Titles and abstracts are made of real records: sentences shuffled within a category, so that words
are as frequent, and occur together as often, as in real abstracts. The vector of a paper is the
mean of the vectors of its sentences, about what the model itself would give.
"""

import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Thread
from typing import Any

import numpy as np
from django.db import connection

from benchmarks._records import read_records
from papers import categories, identifiers
from papers.search import embeddings
from papers.search.tokenizer import DIMENSIONS

PAPERS_PER_DAY = 250  # a larger site has more days
LAST_DAY = date(2026, 11, 20)
READERS = 20_000
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
INDEXES = ("paper_words", "paper_authors")
COLUMNS = "id, key, title, abstract, authors, author_names, category, categories, day, votes"

TABLES = """
CREATE UNLOGGED TABLE made (id bigint, key text, title text, abstract text, authors text[],
  author_names text[], category text, categories text[], day date, votes int);
"""
VECTORS = "CREATE UNLOGGED TABLE made_vectors (id bigint PRIMARY KEY, embedding halfvec(256))"
PAPERS = """
INSERT INTO papers_paper (id, key, title, abstract, title_text, abstract_text, authors,
  primary_category, categories, version, submitted_at, announced_on, listed_on, listed_at,
  listing_wanted, featured, hidden_why, withdrawn, is_sample, abstract_url, pdf_url, code_url,
  project_url, doi, journal_ref, submitter_name, extra, votes, ranked_votes, votes_brought,
  expected_votes, expected_parts, created_at)
SELECT id, key, title, abstract, title, abstract, authors, category, categories, 1, day, day, day,
  day, false, false, '', false, false, 'https://arxiv.org/abs/' || key,
  'https://arxiv.org/pdf/' || key, '', '', '', '', '', '{}', votes, votes, 0, 0, '{}',
  day FROM made
"""
SEARCH = """
INSERT INTO papers_papersearch
  (paper_id, title, authors, abstract, author_names)
SELECT id, title, authors, abstract, author_names FROM made WHERE id %% 2 = %s
"""
REST = """
INSERT INTO papers_embeddingmodel (version, serving, created_at) VALUES ('{version}', true, now());
INSERT INTO papers_paperembedding (paper_id, model_id, vector)
  SELECT made_vectors.id, model.id, embedding FROM made_vectors, papers_embeddingmodel AS model;
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
DROP TABLE made, made_vectors;
"""
FAST_SETTINGS = """
SET session_replication_role = replica; -- no triggers: the rows have their counters
SET maintenance_work_mem = '2GB'; SET max_parallel_maintenance_workers = 2;
SET synchronous_commit = off;
"""
DEFAULT_SETTINGS = """
RESET session_replication_role; RESET maintenance_work_mem;
RESET max_parallel_maintenance_workers; RESET synchronous_commit;
"""


@dataclass
class _Category:
    """The parts of which the papers of one category are made."""

    titles: list[list[str]] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    categories: list[list[str]] = field(default_factory=list)
    vectors: Any = None  # of the sentences, an array of one row each


def fill(papers: int, report: Callable[[str], object] = print) -> None:
    """Add so many papers, and five times as many votes, to a site with topics but no papers."""
    started = time.perf_counter()

    def report_step(step: str) -> None:
        report(f"  {time.perf_counter() - started:6.0f} s  {step}")

    parts = _categories()
    report_step(f"{sum(len(part.sentences) for part in parts.values()):,} sentences embedded")
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        definitions = [_drop_index(cursor, name) for name in INDEXES]
        _copy_papers(cursor, parts, papers)
        report_step("texts and vectors copied")
        cursor.execute(FAST_SETTINGS)
        cursor.execute(PAPERS)
        report_step("papers")
        threads = [Thread(target=_insert_search_entries, args=[parity]) for parity in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        report_step("search entries")
        for statement in REST.format(readers=READERS, version=embeddings.load().version).split(";")[
            :-1
        ]:
            cursor.execute(statement.replace("%%", "%"))
        report_step("embeddings, identifiers, topics and votes")
        for definition in definitions:
            cursor.execute(definition)
            report_step(f"index {definition.split()[2]}")
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('papers_paper', 'id'), max(id)) FROM papers_paper"
        )
        cursor.execute(DEFAULT_SETTINGS)
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
        report_step("vacuum and checkpoint")


def _insert_search_entries(parity: int) -> None:
    """Of the papers with even or odd ids: two connections use two cores."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(FAST_SETTINGS)
            cursor.execute(SEARCH, [parity])
            cursor.execute(DEFAULT_SETTINGS)
    finally:
        connection.close()


def _drop_index(cursor: Any, index: str) -> str:
    """Returns the statement that creates it again."""
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index])
    definition: str = cursor.fetchone()[0]
    cursor.execute(f"DROP INDEX {index}")
    return definition


def _categories() -> dict[str, _Category]:
    parts: dict[str, _Category] = defaultdict(_Category)
    for record in read_records():
        codes = [code for code in record["categories"] if categories.is_arxiv(code)]
        part = parts[codes[0]]
        part.titles.append(record["title"].split())
        part.sentences += SENTENCE.split(" ".join(record["abstract"].split()))
        part.authors += [name.replace("\\", "") for name in record["authors"][:10]]
        part.categories.append(codes)
    for part in parts.values():
        part.vectors = embeddings.embed(part.sentences)
    return {name: part for name, part in parts.items() if part.sentences and part.authors}


def _copy_papers(cursor: Any, parts: dict[str, _Category], papers: int) -> None:
    """Fill the tables `made` (texts) and `made_vectors`, from which the others are filled."""
    rng = random.Random(20_26)
    names = list(parts)
    weights = [len(parts[name].titles) for name in names]
    days = list(_weekdays_back(LAST_DAY, -(-papers // PAPERS_PER_DAY)))
    vectors = np.empty((papers, DIMENSIONS), np.float32)
    copying = f"COPY made ({COLUMNS}) FROM STDIN"
    with cursor.cursor.copy(copying) as copy:
        for number, name in enumerate(rng.choices(names, weights, k=papers)):
            part, day = parts[name], days[number // PAPERS_PER_DAY]
            first, second = rng.choice(part.titles), rng.choice(part.titles)
            title = " ".join([*first[: len(first) // 2 + 1], *second[len(second) // 2 :]])
            chosen = rng.choices(range(len(part.sentences)), k=rng.randint(5, 10))
            authors = rng.choices(part.authors, k=rng.randint(1, 6))
            codes = rng.choice(part.categories)
            vectors[number] = part.vectors[chosen].sum(axis=0)
            copy.write_row(
                [
                    *(number + 1, f"{day:%y%m}.{day.day:02}{number % PAPERS_PER_DAY:03}", title),
                    " ".join(part.sentences[index] for index in chosen),
                    *map(_array, (authors, map(identifiers.fold_name, authors))),
                    *(name, _array(codes), day, min(READERS, round(rng.expovariate(0.2)))),
                ]
            )
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    copy_vectors(cursor, vectors)


def _array(texts: Iterable[str]) -> str:
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def copy_vectors(cursor: Any, vectors: "np.ndarray") -> None:
    """Create and fill the table `made_vectors`, in COPY's binary format: text takes too long."""
    cursor.execute(VECTORS)
    row_type = np.dtype(
        [
            *[("fields", ">i2"), ("id_length", ">i4"), ("id", ">i8"), ("length", ">i4")],
            *[("dimensions", ">i2"), ("unused", ">i2"), ("values", ">f2", (DIMENSIONS,))],
        ]
    )
    with cursor.cursor.copy("COPY made_vectors FROM STDIN (FORMAT binary)") as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for start in range(0, len(vectors), 10_000):
            batch = vectors[start : start + 10_000]
            rows = np.zeros(len(batch), row_type)
            rows["fields"], rows["id_length"], rows["length"] = 2, 8, 4 + 2 * batch.shape[1]
            rows["id"] = np.arange(start + 1, start + len(batch) + 1)
            rows["dimensions"], rows["values"] = batch.shape[1], batch
            copy.write(rows.tobytes())
        copy.write(b"\xff\xff")


def _weekdays_back(day: date, count: int) -> Iterator[date]:
    while count:
        if day.weekday() < 5:
            yield day
            count -= 1
        day -= timedelta(days=1)
