"""Topics by meaning: learned where they are clear, left out where they are few or unclear."""

import numpy as np
import pytest

from papers import topic_model
from papers.topic_model import KnownPapers, PastTopics


def known_papers(*columns: np.ndarray, vectors: np.ndarray, authors: list[list[str]]):
    return KnownPapers(vectors, authors, np.column_stack(columns))


def test_a_topic_is_found_where_it_is_clear_and_none_where_papers_are_few_or_it_is_chance():
    random = np.random.default_rng(3)
    vectors = random.normal(size=(400, 8))
    clear, few, chance = vectors[:, 0] > 0, np.arange(400) < 20, random.random(400) < 0.5
    known = known_papers(clear, few, chance, vectors=vectors, authors=[[]] * 400)
    model = topic_model.train(known)

    found = model.topics(vectors, PastTopics(known.authors, known.is_in).of_known())

    assert clear[found[:, 0]].mean() >= 0.85
    assert found[clear, 0].mean() >= 0.85
    assert not found[:, 1:].any()
    assert model.precision >= 0.85
    assert 0.3 < model.recall < 0.8, "of all pairs, those of the other two topics included"


def test_authors_show_which_topics_a_paper_has_that_its_content_does_not():
    random = np.random.default_rng(4)
    is_in = random.random(400) < 0.5
    names = [[f"{'in' if inside else 'out'} {number % 20}"] for number, inside in enumerate(is_in)]
    known = known_papers(is_in, vectors=random.normal(size=(400, 8)), authors=names)
    past = PastTopics(names, known.is_in).of_papers([["in 3", "new"], ["out 3"], ["new"]])

    found = topic_model.train(known).topics(np.zeros((3, 8)), past)

    assert found[:2, 0].tolist() == [True, False]


def test_past_topics_of_authors_count_no_paper_for_itself():
    past = PastTopics([["ada"], ["ada", "ada", "bo"]], np.array([[True], [False]]))

    own, other = past.of_known(), past.of_papers([["ada"], ["bo"], ["zoe"], []])

    # (papers of the authors in the topic + 2 usual ones) / (all their papers + 2) - the usual share
    assert own[:, 0] == pytest.approx([1 / 3 - 0.5, 2 / 3 - 0.5])
    assert other[:, 0] == pytest.approx([0, 1 / 3 - 0.5, 0, 0])


def test_thresholds_keep_the_precision_of_all_pairs_and_find_rare_topics():
    random = np.random.default_rng(5)
    is_in = np.column_stack([random.random(4000) < share for share in (0.5, 0.5, 0.02)])
    noise = random.normal(size=is_in.shape) * [0.3, 0.8, 0.45]
    scores = is_in + noise

    found = scores >= topic_model.choose_thresholds(scores, is_in)

    assert is_in[found].mean() == pytest.approx(topic_model.PRECISION, abs=0.01)
    precisions = [is_in[found[:, topic], topic].mean() for topic in range(3)]
    assert min(precisions) >= topic_model.MIN_TOPIC_PRECISION
    assert found[is_in[:, 2], 2].mean() > 0.3
