"""The linear model of an interest: what it prefers, and what one may correct."""

import numpy as np
import pytest

from interests.interest_model import Background, Examples, train
from interests.words import as_word, words
from papers.search import embeddings
from tests.interests.papers import CACHES, NEW_CACHE, NEW_OTHER, OTHERS

NOTHING: list[str] = []


@pytest.fixture(scope="module")
def background() -> Background:
    texts = [*CACHES, *OTHERS] * 3
    return Background.of(embeddings.embed(texts), texts)


def examples(background: Background, texts: list[str], phrases: list[str] = NOTHING) -> Examples:
    vectors = embeddings.embed([*texts, *phrases])
    return Examples(vectors, [background.word_features(text) for text in texts])


def scores(background: Background, liked, disliked, added=(), removed=()) -> np.ndarray:
    model = train(
        background,
        examples(background, liked, list(added)),
        examples(background, disliked, list(removed)),
        added,
        removed,
    )
    new = [NEW_CACHE, NEW_OTHER]
    features = [background.word_features(text, added) for text in new]
    return model.scores(embeddings.embed(new), features)


def test_five_papers_find_another_of_their_subject_and_what_counts_against_sinks(background):
    cache, other = scores(background, CACHES, NOTHING)
    assert cache > 0.3 > other
    cache_after, _ = scores(background, CACHES[:2] + OTHERS[:2], [CACHES[2], CACHES[3]])
    cache_before, _ = scores(background, CACHES[:2] + OTHERS[:2], NOTHING)
    assert cache_after < cache_before


def test_words_alone_make_an_interest_and_correct_one(background):
    cache, other = scores(background, NOTHING, NOTHING, added=["kv cache"])
    assert cache > other
    robots, _ = reversed(scores(background, CACHES, NOTHING, added=["robot", "soft fingers"]))
    assert robots > scores(background, CACHES, NOTHING)[1]
    without, _ = scores(background, CACHES, NOTHING, removed=["kv cache", "attention"])
    assert without < scores(background, CACHES, NOTHING)[0]


def test_an_example_scores_one_on_average_and_any_paper_zero(background):
    model = train(background, examples(background, CACHES), examples(background, NOTHING))
    of_examples = model.scores(
        embeddings.embed(CACHES), [background.word_features(text) for text in CACHES]
    )
    assert of_examples.mean() == pytest.approx(1, abs=0.05)
    everything = embeddings.embed([*CACHES, *OTHERS])
    assert model.scores(everything, [{}] * 11).mean() == pytest.approx(0, abs=0.01)


def test_words_are_single_ones_and_pairs_without_those_that_say_nothing():
    assert words("The KV-cache of 4 models. X-rays are fast") == [
        *("kv", "cache", "models", "kv cache"),
        *("rays", "fast", "x rays"),
    ]
    assert words("Six of four hundred, ourselves; zero-shot") == ["zero", "shot", "zero shot"]
    assert as_word("  KV-   Cache ") == "kv cache"
    assert words("") == []
