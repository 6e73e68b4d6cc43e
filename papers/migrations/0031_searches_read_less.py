"""A search among a million papers spends most of its time on fetching what it compares.

The words of a paper stand in its own row, of up to a page, and not in a second table beside it.
Signs of vectors are stored as they are compared: a short value of another storage is copied before
each comparison. Both tables are written anew, which takes two minutes for a million papers.
"""

from django.db import migrations

WORDS = """
ALTER TABLE papers_papersearch SET (toast_tuple_target = 8160);
CLUSTER papers_papersearch USING papers_papersearch_pkey;
"""
SIGNS = """
ALTER TABLE papers_paperembedding
  DROP COLUMN signs,
  ADD COLUMN signs bit varying STORAGE PLAIN
    GENERATED ALWAYS AS (binary_quantize(vector)) STORED,
  ADD CONSTRAINT one_embedding_per_paper_and_model UNIQUE (paper_id, model_id) INCLUDE (signs);
"""
# Rows of either storage hold the same values, so going back writes none anew.
WORDS_BEFORE = "ALTER TABLE papers_papersearch RESET (toast_tuple_target);"
SIGNS_BEFORE = "ALTER TABLE papers_paperembedding ALTER COLUMN signs SET STORAGE EXTENDED;"


class Migration(migrations.Migration):
    dependencies = [("papers", "0030_reading_lists_in_the_log")]
    operations = [
        migrations.RunSQL(WORDS, WORDS_BEFORE),
        migrations.RunSQL(SIGNS, SIGNS_BEFORE),
    ]
