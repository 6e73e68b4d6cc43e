"""Which model makes the vectors of papers, and which those of queries.

They differ after a change of model: papers are embedded with the new one, in the background, while
queries are embedded with the old one, whose vectors serve until the new are complete. A query names
the model whose vectors it may be compared with, so a change between two statements of a search
leaves it without neighbours; it never compares vectors of two models.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from django.conf import settings

from papers.models import EmbeddingModel, LearnedTable
from papers.search import embeddings, word_table
from papers.search.embeddings import Model
from papers.search.word_table import WordTable


class QueryVector(NamedTuple):
    values: np.ndarray
    model_id: int  # of the EmbeddingModel whose vectors it may be compared with


def for_papers() -> Model:
    """The model of EMBEDDING_MODEL; by default the table learned here, else the shipped one."""
    if settings.EMBEDDING_MODEL:
        return embeddings.load(settings.EMBEDDING_MODEL)
    return table_in_use()


def table_in_use() -> WordTable:
    """The newest table learned from the shipped one; the shipped one before any is."""
    version = LearnedTable.objects.newest_version(shipped().version)
    return _learned(version) if version else shipped()


def shipped() -> WordTable:
    table = embeddings.load()
    assert isinstance(table, WordTable)
    return table


def query_vector(text: str) -> QueryVector | None:
    """None where the model in use knows no word of the text, or where none is in use yet.

    Among many papers some are near to any vector by chance.
    """
    serving = EmbeddingModel.objects.filter(serving=True).first()
    model = named(serving.version) if serving else None
    if serving is None or model is None or not model.knows(text):
        return None
    values = embeddings.unit_vectors(model, [text])[0]
    return QueryVector(values, serving.pk) if values.any() else None


def named(version: str) -> Model | None:
    """The model of this version; None if neither code, settings nor database has it any more."""
    if version == shipped().version:
        return shipped()
    if version.startswith(word_table.PREFIX):
        try:
            return _learned(version)
        except LearnedTable.DoesNotExist:
            pass  # it may be that of a folder
    if settings.EMBEDDING_MODEL:
        model = embeddings.load(settings.EMBEDDING_MODEL)
        return model if model.version == version else None
    return None


@lru_cache(maxsize=2)  # the one of queries, and the one of papers
def _learned(version: str) -> WordTable:
    """Read from the database: 16 MB, and 0.2 s, once in each process."""
    row = LearnedTable.objects.get(version=version)
    return word_table.unpack(
        row.words, bytes(row.rows), bytes(row.scales), row.unknown_norm, version
    )


def store(table: WordTable) -> None:
    LearnedTable.objects.create(
        version=table.version,
        shipped_version=shipped().version,
        words="\n".join(table.numbers),
        rows=table.rows.tobytes(),
        scales=table.scales.tobytes(),
        unknown_norm=table.unknown_norm,
    )
    LearnedTable.objects.delete_unused()
