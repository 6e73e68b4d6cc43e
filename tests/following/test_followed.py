"""Which papers a reader's follows bring, with the reason; and which ones mutes fold away."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from following.followed import papers_followed, reasons
from following.models import Follow, Mute
from following.muted import muted
from library.models import ListItem, ReadingList
from papers.models import Paper, PaperSearch, PaperTopic
from tests.factories import a_paper, a_topic, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def since() -> datetime:
    return timezone.now() - timedelta(days=30)


def a_new_paper(title: str, **fields: object) -> Paper:
    """Of yesterday, and found by its words and authors."""
    yesterday = timezone.localdate() - timedelta(days=1)
    paper = a_paper(title, **{"listed_on": yesterday, **fields})
    authors = [name.casefold() for name in paper.authors]
    PaperSearch.objects.update_or_create(
        paper=paper, defaults={"title": title, "author_names": authors}
    )
    return paper


def found(reader: User, since: datetime) -> dict[str, list[str]]:
    """Titles in their order, each with its reasons."""
    follows = list(Follow.objects.of_reader(reader))
    papers = list(papers_followed(follows, since).for_rows())
    because = reasons(follows, papers)
    return {
        paper.title: [follow.reason for follow in because.get(paper.pk, [])] for paper in papers
    }


def test_each_kind_of_follow_brings_its_papers_with_the_reason(
    ada: User, ben: User, since: datetime, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ben.handle = "ben"
    ben.save()
    topic = a_topic("vision")
    fern = a_new_paper("On fern", authors=["Cy Reed", "Dee Moss"])
    PaperTopic.objects.create(paper=fern, topic=topic)
    a_new_paper("On moss", extra={"organization": {"fullname": "Université de Brume"}})
    a_new_paper("On lichen and bark")
    a_new_paper("On reed", submitter=ben)
    a_new_paper("On nothing that she follows")
    a_new_paper(
        "On old fern", authors=["Cy Reed"], listed_on=timezone.localdate().replace(year=2020)
    )
    a_new_paper(
        "On fern to come", authors=["Cy Reed"], listed_on=timezone.localdate() + timedelta(9)
    )
    a_new_paper("On hidden fern", authors=["Cy Reed"]).hide("spam")
    kept = ReadingList.objects.create(owner=ben, title="Bogs", is_public=True)
    kept.add([old := a_paper("On an old bog")])
    assert old.listed_on and old.listed_on < since.date()

    assert found(ada, since) == {}
    Follow.objects.add(ada, what="topic", topic=topic)
    Follow.objects.add(ada, what="author", words="cy reed")
    Follow.objects.add(ada, what="institution", words="Universite de Brume")
    Follow.objects.add(ada, what="search", words="lichen bark")
    Follow.objects.add(ada, what="search", words="granite")
    Follow.objects.add(ada, what="reader", followed=ben)
    Follow.objects.add(ada, what="list", reading_list=kept)
    with django_assert_max_num_queries(5):  # follows, papers, their topics, lists, searches
        titles = found(ada, since)

    assert list(titles)[0] == "On an old bog"  # put into the list just now
    assert titles == {
        "On an old bog": ["In the list Bogs, which you follow"],
        "On fern": ["You follow Vision", "You follow cy reed"],
        "On moss": ["You follow Universite de Brume"],
        "On lichen and bark": ["You follow “lichen bark”"],
        "On reed": ["You follow ben"],
    }


def test_a_list_that_is_private_again_brings_nothing(ada: User, ben: User, since: datetime) -> None:
    kept = ReadingList.objects.create(owner=ben, title="Bogs")
    kept.add([a_paper()])
    Follow.objects.add(ada, what="list", reading_list=kept)
    assert found(ada, since) == {}

    ReadingList.objects.update(is_public=True)
    assert len(found(ada, since)) == 1
    ListItem.objects.update(added_at=since - timedelta(days=1))
    assert found(ada, since) == {}


def test_a_followed_reader_brings_what_their_profile_shows(
    ada: User, ben: User, since: datetime
) -> None:
    a_new_paper("On reed", submitter=ben)
    a_new_paper("On fern").upvote(ben)
    public = ReadingList.objects.create(owner=ben, title="Bogs", is_public=True)
    public.add([a_new_paper("On moss")])
    ReadingList.objects.create(owner=ben, title="Mine").add([a_new_paper("On bark")])
    for reader in (ada, a_user()):
        Follow.objects.add(reader, what="reader", followed=ben)

    for switches, titles in [
        ({}, {"On reed"}),
        ({"shows_upvotes": True}, {"On reed", "On fern"}),
        ({"shows_lists": True, "shows_submitted": False}, {"On fern", "On moss"}),
        ({"is_active": False}, set()),
    ]:
        User.objects.filter(pk=ben.pk).update(**switches)
        assert found(ada, since) == dict.fromkeys(titles, ["You follow a reader"])


def test_words_topics_and_authors_are_muted(ada: User) -> None:
    topic = a_topic("robots")
    fern = a_paper("A Survey of fern")
    moss = a_paper("Surveying moss", abstract="With KV-caches, and État.")
    reed = a_paper("On reed", authors=["Jörg Ås"])
    plain = a_paper("On bark")
    PaperTopic.objects.create(paper=reed, topic=topic)
    for word in ("survey", "kv cache", "etat"):
        Mute.objects.add(ada, what="word", words=word)
    Mute.objects.add(ada, what="author", words="jorg as")
    Mute.objects.add(ada, what="topic", topic=topic)

    papers = list(Paper.objects.for_rows())
    because = muted(list(Mute.objects.of_reader(ada)), papers)

    titles = {key: {mute.title for mute in mutes} for key, mutes in because.items()}
    assert titles == {
        fern.pk: {"“survey”"},
        moss.pk: {"“kv cache”", "“etat”"},
        reed.pk: {"jorg as", "Robots"},
    }
    assert plain.pk not in because
    assert muted([], papers) == {}
