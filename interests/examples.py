"""Which papers and words an interest learns from, and their vectors."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from interests.interest_model import Background, Examples
from interests.models import Interest
from library.models import Save
from papers.models import PaperEmbedding, Upvote
from papers.search import embeddings, vector_models

MAX_EXAMPLES = 200  # of a kind: the newest that the reader saved, upvoted, chose
SAVED, UPVOTED, CHOSEN = "saved", "upvoted", "chosen"  # why a paper counts

Reasons = dict[int, str]  # why each paper, by its primary key, counts


def papers_for(interest: Interest) -> Reasons:
    """A paper that counts for several reasons has the last of them."""
    found: Reasons = {}
    against = interest.chosen_papers.filter(against=True).values("paper")
    if interest.learns_from_upvoted:
        votes = Upvote.objects.active().filter(user=interest.reader_id).order_by("-created_at")
        found |= _newest(votes.exclude(paper__in=against), UPVOTED)
    if interest.learns_from_saved:
        saves = Save.objects.filter(reader=interest.reader_id).order_by("-pk")
        found |= _newest(saves.exclude(paper__in=against), SAVED)
    return found | _newest(interest.chosen_papers.filter(against=False).order_by("-pk"), CHOSEN)


def papers_against(interest: Interest) -> Reasons:
    return _newest(interest.chosen_papers.filter(against=True).order_by("-pk"), CHOSEN)


def _newest(rows: Any, why: str) -> Reasons:
    return dict.fromkeys(rows.values_list("paper_id", flat=True)[:MAX_EXAMPLES], why)


def read(
    background: Background, papers: Iterable[int], phrases: Sequence[str]
) -> tuple[list[int], Examples]:
    """Examples of these papers and phrases, and the primary keys of those papers in their order.

    A paper without a vector is left out, as is a phrase of which the model knows no word.
    """
    columns = ("paper_id", "vector", "paper__found_by__title", "paper__found_by__abstract")
    rows = PaperEmbedding.objects.filter(model__version=background.version, paper__in=papers)
    keys, vectors, words = [], _vectors_of(phrases, background), []
    for key, vector, title, abstract in rows.order_by("paper").values_list(*columns):
        keys.append(key)
        vectors.insert(len(keys) - 1, np.array(vector, np.float32))
        words.append(background.word_features(f"{title}. {abstract}"))
    table = np.array(vectors, np.float32).reshape(-1, len(background.mean))
    return keys, Examples(table, words)


def _vectors_of(phrases: Sequence[str], background: Background) -> list[np.ndarray]:
    model = vector_models.named(background.version)
    known = [phrase for phrase in phrases if model and model.knows(phrase)]
    return list(embeddings.unit_vectors(model, known)) if model and known else []
