"""One upvote each; counters that equal their rows, whatever happens at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from papers import ranking
from papers.models import Paper, Upvote
from papers.models.merging import merge
from tests.factories import MARCH_14, a_paper, a_user
from tests.papers.counters import drift


def test_second_upvote_by_one_reader_counts_once(ada):
    paper = a_paper(upvotes=3)

    paper.upvote(ada)
    paper.upvote(ada)

    assert (paper.votes, paper.upvotes) == (1, 4)


def test_unvote_takes_only_ones_own_vote_back(ada, ben):
    paper = a_paper()
    paper.upvote(ada)

    paper.unvote(ben)
    assert paper.upvotes == 1
    paper.unvote(ada)
    paper.unvote(ada)

    assert paper.upvotes == 0


def test_hotness_is_what_the_formula_says(ada):
    paper = a_paper(upvotes=8)

    paper.upvote(ada)

    assert paper.hotness == pytest.approx(ranking.hotness(9, MARCH_14))


def test_vote_of_a_new_account_shows_at_once_and_ranks_a_day_later(db):
    paper = a_paper()
    newcomer = a_user(date_joined=timezone.now())
    cold = paper.hotness or Paper.objects.get().hotness

    paper.upvote(newcomer)
    assert (paper.upvotes, paper.hotness) == (1, cold)
    Upvote.objects.start_ranking(timezone.now() + timedelta(hours=25))

    paper.refresh_from_db()
    assert paper.ranked_votes == 1
    assert paper.hotness > cold
    assert not drift()


def test_voided_vote_counts_no_more_and_cannot_be_cast_again(ada):
    paper = a_paper()
    paper.upvote(ada)

    Upvote.objects.void("a ring")
    paper.upvote(ada)

    assert paper.upvotes == 0
    assert not drift()


def test_deleted_reader_takes_their_votes_along(ada, ben):
    papers = [a_paper() for _ in range(5)]
    for paper in papers:
        paper.upvote(ada)
        paper.upvote(ben)

    ada.delete()

    assert {paper.votes for paper in Paper.objects.all()} == {1}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_sixteen_voters_at_once_leave_counters_equal_to_rows():
    papers = [a_paper() for _ in range(3)]
    voters = [a_user() for _ in range(16)]

    def vote(number: int) -> None:
        for turn in range(20):
            paper = papers[(number + turn) % 3]
            paper = Paper.objects.get(pk=paper.pk)
            (paper.upvote if (number * turn) % 3 else paper.unvote)(voters[number])
        connection.close()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(vote, range(16)))

    assert not drift()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_votes_deletions_and_merges_at_once_leave_no_drift_and_no_deadlock():
    papers = [a_paper() for _ in range(12)]
    voters = [a_user() for _ in range(12)]

    def vote(number: int) -> None:
        for paper in papers:
            if found := Paper.objects.filter(pk=paper.pk).first():
                try:
                    found.upvote(voters[number])
                except Paper.DoesNotExist:
                    continue  # merged away in between
        connection.close()

    def delete(number: int) -> None:
        voters[number].delete()
        connection.close()

    def merge_with_next(number: int) -> None:
        merge(papers[number], papers[number + 1])
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(vote, number) for number in range(8)]
        jobs += [pool.submit(delete, number) for number in range(8, 12)]
        jobs += [pool.submit(merge_with_next, number) for number in range(0, 12, 2)]
        for job in jobs:
            job.result()

    assert Paper.objects.count() == 6
    assert not drift()
