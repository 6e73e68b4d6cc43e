"""Two papers become one: what each had is kept, once."""

from datetime import timedelta

import pytest

from papers.models import Alias, Paper, PaperTopic
from papers.models.merging import merge
from tests.factories import MARCH_14, a_paper, a_topic
from tests.papers.counters import drift


def test_merged_papers_keep_every_vote_once_and_both_names(ada, ben):
    stays, goes = a_paper(), a_paper(listed_on=MARCH_14 - timedelta(days=1))
    Alias.objects.create(scheme="doi", value="10.1000/1", paper=goes)
    stays.upvote(ada)
    goes.upvote(ada)
    goes.upvote(ben)

    merge(stays, goes)

    assert Paper.objects.get() == stays
    assert (stays.votes, stays.listed_on) == (2, MARCH_14 - timedelta(days=1))
    assert Paper.objects.by_alias("doi", "10.1000/1") == stays
    assert Paper.objects.by_alias("key", goes.key) == stays
    assert not drift()


def test_curators_word_on_a_topic_survives_a_merge(db):
    stays, goes, topic = a_paper(), a_paper(), a_topic()
    PaperTopic.objects.create(paper=stays, topic=topic)
    PaperTopic.objects.create(paper=goes, topic=topic, by="curator", against=True)

    merge(stays, goes)

    assert PaperTopic.objects.get().against


@pytest.mark.slow
def test_a_merge_moves_whatever_number_of_rows_by_the_same_statements(
    django_user_model, django_assert_max_num_queries
):
    counts = []
    for number in (2, 90):
        stays, goes = a_paper(), a_paper()
        readers = django_user_model.objects.bulk_create(
            django_user_model(email=f"reader{number}-{place}@example.org")
            for place in range(number)
        )
        for place, reader in enumerate(readers):
            goes.upvote(reader)
            if place % 2:
                stays.upvote(reader)
        with django_assert_max_num_queries(90) as queries:
            merge(stays, goes)
        counts.append(len(queries))
        assert stays.votes == number
        assert not drift()
    assert counts[0] == counts[1]
