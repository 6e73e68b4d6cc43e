"""An index by which a whole title finds its paper."""

from django.contrib.postgres.indexes import HashIndex
from django.db import migrations
from django.db.models import Func

# A text as titles are compared: without accents, capitals and punctuation.
FOLD = r"""
CREATE FUNCTION public.paper_fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
  SELECT btrim(
    regexp_replace(lower(public.paper_unaccent($1)), '[[:punct:][:space:]]+', ' ', 'g')
  )
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("papers", "0014_curator_actions")]
    operations = [
        migrations.RunSQL(FOLD, "DROP FUNCTION public.paper_fold(text)"),
        migrations.AddIndex(
            "papersearch", HashIndex(Func("title", function="paper_fold"), name="paper_title")
        ),
    ]
