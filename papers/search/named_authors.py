"""Authors whom a search names, wholly or by initials: `Kaiming He`, `Y. LeCun`."""

from dataclasses import dataclass

from django.db import connection

from papers.identifiers import fold_name, other_spacings
from papers.models import Paper
from papers.models.search import INITIAL
from papers.models.sort_orders import SortOrder
from papers.search.query_planner import estimated_count
from papers.search_query import Query, Term

MAX_NAME_WORDS = 6
MAX_AUTHORS = 8
MAX_PAPERS_READ = 1_000  # of a surname; one that more papers have says too little

# A name as the paper stored last spells it, and how many of these papers it wrote.
FITTING = """
SELECT (array_agg(spelled ORDER BY paper_id DESC))[1], count(*)
  FROM papers_papersearch, unnest(author_names, authors) AS author (folded, spelled)
 WHERE paper_id IN ({papers}) AND folded ~ %s
 GROUP BY folded ORDER BY count(*) DESC, folded LIMIT {max_authors}
"""


@dataclass(frozen=True, slots=True)
class NamedAuthor:
    name: str  # as the newest paper spells it
    papers: int


def named_authors(query: Query) -> list[NamedAuthor]:
    """The author of exactly this name; with initials, those whom it fits, most papers first.

    None where the search has other words, too.
    """
    folded = fold_name(query.name)
    words = folded.split()
    if len(words) > MAX_NAME_WORDS or not (len(words) > 1 or other_spacings(folded)):
        return []
    if INITIAL.search(query.name) and (fitting := _with_initials(words)):
        return fitting
    papers = Paper.objects.visible().by_author(folded)
    if newest := papers.sorted(SortOrder.NEW).only("authors").first():
        return [NamedAuthor(newest.spelling_of(folded), papers.count())]
    return []


def _with_initials(words: list[str]) -> list[NamedAuthor]:
    """`y lecun` fits `yann lecun` and `yann andre lecun`."""
    surnames = [word for word in words if len(word) > 1]
    query = Query()
    query.wanted += [(Term(word, where="authors"),) for word in surnames]
    papers = Paper.objects.visible().matching(query)
    if not surnames or estimated_count(papers) > MAX_PAPERS_READ:
        return []
    sql, params = papers.values("pk")[:MAX_PAPERS_READ].query.sql_with_params()
    *first, last = (word if len(word) > 1 else rf"{word}\S*" for word in words)
    pattern = f"^{' '.join(first)} (\\S+ )*{last}$"
    with connection.cursor() as cursor:
        cursor.execute(FITTING.format(papers=sql, max_authors=MAX_AUTHORS), (*params, pattern))
        return [NamedAuthor(*row) for row in cursor.fetchall()]
