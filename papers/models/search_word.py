"""SearchWord: the words of titles and abstracts, by which a misspelt word of a search is known."""

from collections import defaultdict
from collections.abc import Sequence

from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction

# Words as they are written, not their stems: a suggestion is shown to readers.
COUNT = """
INSERT INTO papers_searchword (word, papers)
SELECT word, ndoc
  FROM ts_stat($$
    SELECT to_tsvector('simple', public.paper_unaccent(title || ' ' || abstract))
      FROM public.papers_papersearch ORDER BY paper_id DESC LIMIT {max_papers}
  $$)
 WHERE ndoc >= {min_papers} AND word ~ '^[a-z]{{{min_chars},{max_chars}}}$'
"""
# The operator finds words that have 0.3 of their trigrams in common.
NEAR = """
SELECT typed, word, papers
  FROM unnest(%s::text[]) AS typed,
       LATERAL (
         SELECT word, papers FROM papers_searchword
          WHERE word %% typed AND papers >= %s
          ORDER BY similarity(word, typed) DESC, papers DESC LIMIT %s
       ) AS near
 WHERE NOT EXISTS (SELECT FROM papers_searchword WHERE word = typed)
"""
MIN_CHARS, MAX_CHARS = 4, 30
MIN_PAPERS = 3
MAX_NEAR_WORDS = 20


class SearchWordManager(models.Manager["SearchWord"]):
    @transaction.atomic
    def count_again(self, max_papers: int) -> int:
        """Replace all rows by the words of the newest papers; returns how many there are."""
        sql = COUNT.format(
            max_papers=max_papers,
            min_papers=MIN_PAPERS,
            min_chars=MIN_CHARS,
            max_chars=MAX_CHARS,
        )
        self.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(sql)
            words: int = cursor.rowcount
        return words

    def near(self, typed: Sequence[str], min_papers: int) -> dict[str, dict[str, int]]:
        """For each of these words that has no row: words like it, with their numbers of papers."""
        near: dict[str, dict[str, int]] = defaultdict(dict)
        with connection.cursor() as cursor:
            cursor.execute(NEAR, [list(typed), min_papers, MAX_NEAR_WORDS])
            for word, other, papers in cursor.fetchall():
                near[word][other] = papers
        return near


class SearchWord(models.Model):
    word = models.CharField(max_length=MAX_CHARS, primary_key=True)
    papers = models.PositiveIntegerField()  # of those counted; MIN_PAPERS or more

    objects = SearchWordManager()

    class Meta:
        indexes = [GinIndex(fields=["word"], name="similar_words", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.word
