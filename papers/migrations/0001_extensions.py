"""What PostgreSQL needs before the first table: extensions, and wrappers fit for an index."""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations
from pgvector.django import VectorExtension

# `unaccent` and `array_to_string` are not immutable, as someone may change a dictionary or a
# type's output; ours never do. The schema is named, or a restored dump would not find them.
FUNCTIONS = """
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
NO_FUNCTIONS = """
DROP FUNCTION public.paper_words(text, text[], text);
DROP FUNCTION public.paper_join(text[]);
DROP FUNCTION public.paper_unaccent(text);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        VectorExtension(),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
    ]
