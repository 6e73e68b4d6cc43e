"""Interests of readers: which papers count, when a worker trains them, merging, personal data."""

from datetime import timedelta

import pytest
from django.utils import timezone

from interests.models import Interest, InterestPaper
from interests.models.interest import MAX_ATTEMPTS, TRAINING_LEASE
from interests.models.interest_paper import FullInterest
from papers.models.merging import merge, unmerge
from subscriptions import personal_data
from tests.factories import a_paper, a_user

pytestmark = pytest.mark.django_db


def test_a_paper_counts_for_an_interest_or_against_it_and_each_change_is_trained():
    interest = Interest.objects.create(reader=a_user(), name="Caches")
    Interest.objects.update(train_at=None)
    paper = a_paper()
    InterestPaper.objects.choose(interest, [paper])
    InterestPaper.objects.choose(interest, [paper], against=True)
    assert [row.against for row in interest.chosen_papers.all()] == [True]
    assert list(Interest.objects.due(timezone.now())) == [interest]
    Interest.objects.update(train_at=None)
    InterestPaper.objects.forget(interest, paper)
    assert not interest.chosen_papers.exists()
    assert Interest.objects.due(timezone.now()).exists()


def test_an_interest_has_room_for_so_many_papers(monkeypatch):
    monkeypatch.setattr("interests.models.interest_paper.MAX_PAPERS", 2)
    interest = Interest.objects.create(reader=a_user(), name="Caches")
    papers = [a_paper() for _ in range(3)]
    with pytest.raises(FullInterest):
        InterestPaper.objects.choose(interest, papers)
    InterestPaper.objects.choose(interest, papers[:2])
    InterestPaper.objects.choose(interest, papers[:2])
    assert interest.chosen_papers.count() == 2


def test_one_worker_trains_an_interest_and_what_changed_meanwhile_is_trained_again():
    now = timezone.now()
    Interest.objects.create(reader=a_user(), name="Caches", train_at=now)
    ours, theirs = Interest.objects.get(), Interest.objects.get()
    assert ours.claim(now) and not theirs.claim(now)
    ours.finish_training(trained_at=now)
    assert Interest.objects.get().train_at is None
    Interest.objects.all().train_soon(now)
    ours = Interest.objects.get()
    assert ours.claim(now)
    Interest.objects.all().train_soon(now + timedelta(seconds=1))
    ours.finish_training(trained_at=now)
    assert Interest.objects.due(now + timedelta(seconds=2)).exists()


def test_a_training_that_kills_its_worker_is_given_up():
    now = timezone.now()
    Interest.objects.create(reader=a_user(), name="Caches", train_at=now)
    for attempt in range(MAX_ATTEMPTS):
        assert Interest.objects.get().claim(now + 2 * attempt * TRAINING_LEASE)
    assert not Interest.objects.due(now + timedelta(days=1)).exists()


def test_merging_papers_moves_what_counts_for_an_interest():
    interest = Interest.objects.create(reader=a_user(), name="Caches")
    kept, duplicate, other = a_paper(), a_paper(), a_paper()
    InterestPaper.objects.choose(interest, [duplicate, other])
    record = merge(kept, duplicate)
    assert {row.paper for row in interest.chosen_papers.all()} == {kept, other}
    unmerge(kept, record)
    assert duplicate.pk in interest.chosen_papers.values_list("paper", flat=True)


def test_interests_are_exported_and_end_with_the_account():
    ada = a_user()
    interest = Interest.objects.create(reader=ada, name="Caches", added_words=["kv cache"])
    InterestPaper.objects.choose(interest, [paper := a_paper()], against=True)
    (exported,) = personal_data.export_account(ada)["interests"]
    assert exported["name"] == "Caches" and exported["added_words"] == ["kv cache"]
    assert [(row["paper"], row["against"]) for row in exported["papers"]] == [(paper.key, True)]
    personal_data.erase_account(ada)
    assert not Interest.objects.exists() and not InterestPaper.objects.exists()
