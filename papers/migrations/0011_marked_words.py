"""Beside its words a search entry holds markers of those that weigh much in it: `model~3`.

A word that a hundred thousand papers share is first asked for with its highest marker, so that
few are read and none of the best is missed. See docs/decisions.md.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

# A word weighs what `ts_rank_cd` gives it alone: 1 in the title, 0.4 in the abstract. Authors are
# apart, as a name weighs little and yet two of a name are worth more than one.
FUNCTION = """
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


def search(function):
    return models.GeneratedField(
        expression=models.Func("title", "authors", "abstract", function=function),
        output_field=django.contrib.postgres.search.SearchVectorField(),
        db_persist=True,
    )


class Migration(migrations.Migration):
    dependencies = [("papers", "0010_search_terms")]
    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION public.paper_marked_words(text, text[], text)"),
        # The index goes with its column, and comes again.
        migrations.RemoveIndex("papersearch", "paper_words"),
        migrations.RemoveField("papersearch", "search"),
        migrations.AddField("papersearch", "search", search("paper_marked_words")),
        migrations.AddIndex(
            "papersearch",
            django.contrib.postgres.indexes.GinIndex("search", name="paper_words"),
        ),
    ]
