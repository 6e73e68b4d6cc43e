"""What PostgreSQL needs before the first table: extensions, and functions fit for an index.

The schema `public` is named everywhere, or a restored dump would not find what a function calls.
"""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations
from pgvector.django import VectorExtension

# The hotness of a paper; papers/ranking.py explains the formula and says how to change it. Without
# STRICT, and of one expression each, so that PostgreSQL inlines both into the generated column.
# Votes may be fractions, as expected ones are. 5 January 1970 is a Monday; Saturday and Sunday
# count as their Friday.
HOTNESS = """
CREATE FUNCTION public.papers_weekday_number(day date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
  5 * floor((day - DATE '1970-01-05') / 7.0)
  + least((day - DATE '1970-01-05') - 7 * floor((day - DATE '1970-01-05') / 7.0), 4)
)::integer;

CREATE FUNCTION public.papers_hotness(votes double precision, listed_on date) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN log((votes + 1)::double precision)
     + public.papers_weekday_number(listed_on)::double precision / 2;
"""
NO_HOTNESS = """
DROP FUNCTION public.papers_hotness(double precision, date);
DROP FUNCTION public.papers_weekday_number(date);
"""

# `unaccent` and `array_to_string` are not immutable, as someone may change a dictionary or a
# type's output; ours never do.
WORDS = """
CREATE FUNCTION public.paper_unaccent(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT public.unaccent('public.unaccent'::regdictionary, $1) $$;

CREATE FUNCTION public.paper_join(text[]) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT array_to_string($1, ', ') $$;

CREATE FUNCTION public.paper_words(title text, authors text[], abstract text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT setweight(to_tsvector('pg_catalog.english', public.paper_unaccent(title)), 'A')
      || setweight(to_tsvector('pg_catalog.simple',
                               public.paper_unaccent(public.paper_join(authors))), 'C')
      || setweight(to_tsvector('pg_catalog.english', public.paper_unaccent(abstract)), 'B')
$$;
"""
NO_WORDS = """
DROP FUNCTION public.paper_words(text, text[], text);
DROP FUNCTION public.paper_join(text[]);
DROP FUNCTION public.paper_unaccent(text);
"""

# A text as titles are compared: without accents, capitals and punctuation.
FOLD = r"""
CREATE FUNCTION public.paper_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
  SELECT btrim(
    regexp_replace(lower(public.paper_unaccent($1)), '[[:punct:][:space:]]+', ' ', 'g')
  )
$$;
"""
NO_FOLD = "DROP FUNCTION public.paper_fold(text);"

# Beside its words a search entry holds markers of those that weigh much in it: `model~3`. A word
# that a hundred thousand papers share is first searched with its highest marker, so that few
# papers are read and none of the best is missed. See docs/decisions.md.
#
# A word weighs what `ts_rank_cd` gives it alone: 1 in the title, 0.4 in the abstract. Authors are
# apart, as a name weighs little and yet two of a name are worth more than one.
MARKED_WORDS = """
CREATE FUNCTION public.paper_marked_words(title text, authors text[], abstract text)
RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
  words CONSTANT tsvector := public.paper_words(title, authors, abstract);
  thresholds CONSTANT float[] := ARRAY[1.4, 2.2, 3.0, 3.8, 5.0, 6.5];
  markers text[] := '{}';
  word record;
  weight float;
BEGIN
  FOR word IN SELECT lexeme, weights, cardinality(weights) AS times FROM unnest(words)
               WHERE cardinality(weights) > 1 LOOP
    weight := 0.4 * word.times + 0.6 * cardinality(array_positions(word.weights, 'A'));
    IF 'C' = ALL (word.weights) THEN
      weight := 0.8 * word.times;
    END IF;
    FOR tier IN 1 .. cardinality(thresholds) LOOP
      EXIT WHEN weight < thresholds[tier];
      markers := markers || (word.lexeme || '~' || tier);
    END LOOP;
  END LOOP;
  RETURN words || array_to_tsvector(markers);
END $$;
"""
NO_MARKED_WORDS = "DROP FUNCTION public.paper_marked_words(text, text[], text);"

# From what a reader typed to a tsquery, folded as the papers' words were. Quoted for to_tsquery, a
# term is a phrase of its parts whatever signs it holds. A plain word is an English one, or a name
# of an author as it is written: Jones is neither `jone` nor a plural.
SEARCH_TERMS = """
CREATE FUNCTION public.paper_term(config regconfig, term text, parts text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
  SELECT to_tsquery(
    config, '''' || translate(public.paper_unaccent(term), '''\\', '  ') || '''' || parts
  )
$$;

CREATE FUNCTION public.paper_word(term text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
  SELECT CASE WHEN numnode(word) = 0 OR word::text || ':C' = name::text THEN word
              ELSE word || name END
    FROM (SELECT public.paper_term('pg_catalog.english', term, '') AS word,
                 public.paper_term('pg_catalog.simple', term, ':C') AS name) AS read
$$;
"""
NO_SEARCH_TERMS = """
DROP FUNCTION public.paper_word(text);
DROP FUNCTION public.paper_term(regconfig, text, text);
"""


class Migration(migrations.Migration):
    initial = True
    replaces = [
        ("papers", "0001_extensions_and_functions"),
        ("papers", "0015_title_index"),
    ]
    dependencies = []
    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        VectorExtension(),
        migrations.RunSQL(HOTNESS, NO_HOTNESS),
        migrations.RunSQL(WORDS, NO_WORDS),
        migrations.RunSQL(FOLD, NO_FOLD),
        migrations.RunSQL(MARKED_WORDS, NO_MARKED_WORDS),
        migrations.RunSQL(SEARCH_TERMS, NO_SEARCH_TERMS),
    ]
