"""Topics by meaning: learned where they are clear, left out where they are few or unclear."""

import numpy as np

from benchmarks import _topic_model as topic_model


def test_a_topic_is_found_where_it_is_clear_and_none_where_papers_are_few_or_it_is_chance():
    random = np.random.default_rng(3)
    vectors = random.normal(size=(400, 8))
    clear, few, chance = vectors[:, 0] > 0, np.arange(400) < 20, random.random(400) < 0.5
    model = topic_model.train(vectors, np.column_stack([clear, few, chance]))

    found = model.topics(vectors)

    assert clear[found[:, 0]].mean() >= 0.85
    assert found[clear, 0].mean() >= 0.85
    assert not found[:, 1:].any()
