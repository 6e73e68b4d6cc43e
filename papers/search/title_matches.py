"""Papers whose title a search spells out, or nearly: they come first."""

from django.db.models import F, Func, TextField, Value

from papers.models.paper_queries import PaperQuerySet
from papers.search.ctes import Cte

MIN_SHARE = 0.8  # of the title's words
MAX_SAME_TITLES = 60
MAX_CHECKED_MATCHES = 200  # of the best by words
NO_TITLE_MATCHES = Cte("titled", "SELECT 0 AS id, 0.0 AS share WHERE FALSE")

# With two spaces between words, ` a ` and ` b ` are both in ` a  b `.
NEARLY = f"""
SELECT id, words::float / title_words AS share
  FROM by_words JOIN papers_papersearch ON paper_id = id,
       string_to_array(paper_fold(title), ' ') AS title_parts,
       cardinality(title_parts) AS title_words,
       string_to_array(paper_fold(%s), ' ') AS parts,
       cardinality(parts) AS words
 WHERE place <= {MAX_CHECKED_MATCHES} AND words BETWEEN {MIN_SHARE} * title_words AND title_words
   AND '  ' || array_to_string(title_parts, '  ') || '  '
       LIKE '%% ' || array_to_string(parts, ' %% ') || ' %%'
"""


def title_matches(papers: PaperQuerySet, text: str) -> Cte:
    """A CTE of (id, share): 1 where the title is `text`, less where it has some words more.

    Words are compared without accents, capitals and punctuation. A whole title is found by the
    index on it, one with words between those of `text` among the best of the CTE `by_words`.
    """
    if not text:
        return NO_TITLE_MATCHES
    folded = Func(Value(text), function="paper_fold", output_field=TextField())
    equal = papers.alias(
        folded_title=Func(F("found_by__title"), function="paper_fold", output_field=TextField())
    ).filter(folded_title=folded)
    sql, params = equal.order_by().values("id")[:MAX_SAME_TITLES].query.sql_with_params()
    return Cte(
        "titled",
        f"SELECT id, max(share) AS share FROM (SELECT id, 1.0 AS share FROM ({sql}) AS equal"
        f" UNION ALL {NEARLY}) AS either GROUP BY id",
        (*params, text),
    )
