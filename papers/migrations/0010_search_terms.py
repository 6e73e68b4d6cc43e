"""From what a reader typed to a tsquery, folded as the papers' words were."""

from django.db import migrations

# Quoted for to_tsquery, a term is a phrase of its parts whatever signs it holds. A plain word is
# an English one, or a name of an author as it is written: Jones is neither `jone` nor a plural.
FUNCTIONS = """
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
NO_FUNCTIONS = """
DROP FUNCTION public.paper_word(text);
DROP FUNCTION public.paper_term(regconfig, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("papers", "0003_counters")]
    operations = [migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS)]
