"""Suggests which papers may be one work: by DOI, title, authors and meaning."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from papers.models import Paper
from papers.search.nearest import similar_papers

Reasons = dict[int, list[str]]  # by the primary key of the other paper
MIN_TITLE_SIMILARITY = (
    0.6  # of trigrams, where the titles have the same words or an author in common
)
MAX_DISTANCE = 0.08  # cosine, of two vectors
MAX_NEAR = 5
NEAR_IN_MEANING = "near in meaning"


def suggest(papers: Iterable[int]) -> dict[int, Reasons]:
    """For each of these papers that may have one, the others and why; in one query."""
    suggestions: dict[int, Reasons] = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        keys: Any = list(papers)
        cursor.execute(SUGGEST_SQL, {"papers": keys, "similarity": MIN_TITLE_SIMILARITY})
        for paper, other, reason in cursor.fetchall():
            suggestions[paper][other].append(reason)
    return {paper: dict(others) for paper, others in suggestions.items()}


def suggest_for(paper: Paper) -> Reasons:
    """The same for one paper, also by meaning, which compares all vectors."""
    reasons = suggest([paper.pk]).get(paper.pk, {})
    for other, distance in similar_papers(paper, MAX_NEAR).items():
        if distance <= MAX_DISTANCE:
            reasons.setdefault(other, []).append(NEAR_IN_MEANING)
    return reasons


# Found by the indexes of names, words and aliases. Eight authors are enough to find a paper by, and
# some have thousands.
SUGGEST_SQL = """
WITH mine AS (
  SELECT entry.paper_id, entry.title, entry.author_names, paper.doi,
         coalesce(paper.submitted_at, paper.created_at) AS at
    FROM papers_papersearch AS entry JOIN papers_paper AS paper ON paper.id = entry.paper_id
   WHERE entry.paper_id = ANY(%(papers)s)
), found AS (
  SELECT mine.paper_id, alias.paper_id AS other_id, 1 AS rank, 'same DOI' AS reason
    FROM mine JOIN papers_alias AS alias
      ON alias.scheme = 'doi' AND alias.value = lower(mine.doi) AND mine.doi <> ''
  UNION
  SELECT mine.paper_id, other.paper_id, 2, 'near title'
    FROM mine JOIN papers_papersearch AS other
      ON other.search @@ plainto_tsquery('english', mine.title)
         AND similarity(other.title, mine.title) >= %(similarity)s
  UNION
  SELECT mine.paper_id, other.paper_id, 2, 'near title'
    FROM mine JOIN papers_papersearch AS other
      ON other.author_names && mine.author_names[1:8]
         AND similarity(other.title, mine.title) >= %(similarity)s
  UNION
  SELECT mine.paper_id, other.paper_id, 3, 'same authors, within a year'
    FROM mine JOIN papers_papersearch AS other
      ON other.author_names && mine.author_names[1:8] AND other.author_names = mine.author_names
    JOIN papers_paper AS paper ON paper.id = other.paper_id
   WHERE coalesce(paper.submitted_at, paper.created_at)
         BETWEEN mine.at - interval '1 year' AND mine.at + interval '1 year'
)
SELECT found.paper_id, found.other_id, found.reason
  FROM found JOIN papers_paper AS other ON other.id = found.other_id
 WHERE found.other_id <> found.paper_id AND other.hidden_at IS NULL
 ORDER BY found.paper_id, found.rank, found.other_id
"""
