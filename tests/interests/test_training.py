"""Training by the worker, and the ranking of papers by what it learned."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from following.models import PrivateFeed
from interests import site_background, tasks, training
from interests.for_you import Suggestion, newest_papers, suggest_to
from interests.interest_model import main_words
from interests.models import Interest, InterestPaper, StoredBackground
from interests.ranking import rank
from library.models import Save
from papers.models import EmbeddingModel, Paper
from tests.factories import a_user
from tests.interests.papers import CACHES, NEW_CACHE, NEW_OTHER, OTHERS, papers_of, trained

pytestmark = pytest.mark.django_db


def test_with_five_saved_papers_the_new_one_of_their_subject_comes_first_and_says_why():
    caches, _ = papers_of(CACHES), papers_of(OTHERS)
    new, _ = papers_of([NEW_CACHE, NEW_OTHER])
    ada = a_user()
    Save.objects.add(ada, caches)
    interest = Interest.objects.create(reader=ada, name="Caches", learns_from_saved=True)
    interest = trained(interest)
    assert interest.train_at is None and len(interest.examples) == 5
    seen = [paper.pk for paper in caches]
    (match, *_) = rank([interest], Paper.objects.exclude(pk__in=seen), limit=10)
    assert match.paper == new.pk and match.interest == interest
    assert {why for _, why in match.like} == {"saved"} and len(match.like) == 2
    assert "kv cache" in match.words


def test_what_counts_against_an_interest_sinks():
    robot, protein, *_ = papers_of(OTHERS + CACHES)
    (walking,) = papers_of([NEW_OTHER])
    interest = Interest.objects.create(reader=a_user(), name="Robots")
    InterestPaper.objects.choose(interest, [robot, protein])
    new = Paper.objects.filter(pk=walking.pk)
    assert [match.paper for match in rank([trained(interest)], new, 10)] == [walking.pk]
    InterestPaper.objects.choose(interest, [robot], against=True)
    assert rank([trained(interest)], new, 10) == []


def test_digests_and_the_private_feed_get_the_same_with_reasons_in_words(client: Client):
    caches, new = papers_of(CACHES), papers_of([NEW_CACHE, *OTHERS])[0]
    ada = a_user()
    assert suggest_to(ada, newest_papers(), 5) == []
    Save.objects.add(ada, caches[:4])
    caches[4].upvote(ada)
    both = {"learns_from_saved": True, "learns_from_upvoted": True}
    trained(Interest.objects.create(reader=ada, name="Caches", **both))
    (first, *_) = suggest_to(ada, newest_papers(), 5)
    assert first.paper == new and first.reason.startswith("Like “") and "; words: " in first.reason
    liked = [(caches[0], "which you saved"), (caches[4], "which you upvoted")]
    mixed = Suggestion(new, first.interest, liked, ["kv cache"])
    assert mixed.reason == (
        "Like “Quantised KV cache for long prompts”, which you saved, and "
        "“KV cache compression at decoding”, which you upvoted; words: kv cache"
    )
    PrivateFeed.objects.renew(ada, "for-you")
    feed = client.get(f"/feeds/private/{ada.private_feeds.get().token}.atom").content.decode()
    assert new.title_text in feed and "which you saved" in feed
    assert caches[0].title_text not in feed.partition(new.title_text)[0]


def test_of_two_interests_a_paper_is_of_the_one_that_it_fits_best():
    robot, *_ = papers_of(OTHERS + CACHES)
    new, other = papers_of([NEW_CACHE, NEW_OTHER])
    ada = a_user()
    first = Interest.objects.create(reader=ada, name="Caches", added_words=["kv cache"])
    second = Interest.objects.create(reader=ada, name="Robots")
    InterestPaper.objects.choose(second, [robot])
    interests = [trained(first), trained(second)]
    both = Paper.objects.filter(pk__in=[new.pk, other.pk])
    found = {match.paper: match for match in rank(interests, both, 10)}
    assert found[new.pk].interest == first and found[new.pk].like == []
    assert found[other.pk].interest == second and found[other.pk].like == [(robot.pk, "chosen")]


def test_an_interest_is_due_when_its_reader_saves_or_upvotes_more():
    papers = papers_of(CACHES)
    ada, now = a_user(), timezone.now()
    kinds = ("learns_from_saved", "learns_from_upvoted")
    for kind in kinds:
        trained(Interest.objects.create(reader=ada, name=kind, **{kind: True}))
    assert training.due(now) == []
    Save.objects.add(ada, papers[:1])
    assert [interest.name for interest in training.due(timezone.now())] == [kinds[0]]
    papers[1].upvote(ada)
    assert {interest.name for interest in training.due(timezone.now())} == set(kinds)


def test_the_background_follows_the_vectors_and_the_nights_and_trains_all_again():
    assert not site_background.is_due(timezone.now())
    interest = Interest.objects.create(reader=a_user(), name="Caches", added_words=["kv cache"])
    tasks.train_interest(interest.pk)
    assert Interest.objects.get().trained_at is None  # there are no papers yet
    papers_of(CACHES + OTHERS)
    StoredBackground.objects.train_soon()
    tasks.update_background()
    tasks.train_interest(interest.pk)
    assert Interest.objects.for_ranking().get().can_rank
    assert not site_background.is_due(timezone.now())
    assert site_background.is_due(timezone.now() + timedelta(days=1))
    EmbeddingModel.objects.update(version="words-2")
    assert site_background.is_due(timezone.now())
    assert not Interest.objects.for_ranking().get().can_rank
    site_background.update(timezone.now())
    assert StoredBackground.objects.get().embedding_version == "words-2"
    assert Interest.objects.due(timezone.now()).exists()


def test_no_word_is_shown_beside_a_pair_that_holds_it():
    weights = {"kv cache": 3.0, "cache": 2.0, "attention": 1.0, "keys": 0.5}
    assert main_words(weights, 2) == ["kv cache", "attention"]
