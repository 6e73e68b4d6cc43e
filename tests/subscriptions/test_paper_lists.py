"""What a digest holds by its reader's account: what they follow, what fits them, without mutes."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from following.models import Follow, Mute
from interests.models import Interest, InterestPaper
from library.models import ReadingList, Save
from papers.models import Paper, PaperTopic
from subscriptions.issues import archive, digests, paper_lists
from subscriptions.issues.candidates import Candidates
from subscriptions.models import Delivery, DeliveryPaper, Subscriber, Subscription
from subscriptions.sending import run
from tests.factories import MARCH_14, a_paper, a_topic, a_user, a_voter
from tests.interests.papers import CACHES, NEW_CACHE, OTHERS, papers_of, trained
from tests.subscriptions.factories import A_DAY, FRIDAY_8AM, a_delivery, a_subscriber, on_topic

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FOLLOWED: dict[str, Any] = {"what": "followed"}
FOR_YOU: dict[str, Any] = {"what": "for-you"}
EVERYTHING: dict[str, Any] = {}


@pytest.fixture
def ada() -> User:
    """With a confirmed address, to which no digest goes yet."""
    return a_voter(a_user("ada@example.org"))


def on(topic: Any, title: str, **fields: Any) -> Paper:
    paper = a_paper(title, **fields)
    PaperTopic.objects.create(paper=paper, topic=topic)
    return paper


def chosen(subscriber: Subscriber, frequency: str = "daily") -> dict[str, list[str]]:
    sections = digests.preview(subscriber, frequency, FRIDAY_8AM)
    return {section.title: [str(paper) for paper in section.papers] for section in sections}


def likes_caches(reader: User) -> Paper:
    """A new paper that suits an interest of the reader, who saved what it is like."""
    known, new = papers_of(CACHES), papers_of([NEW_CACHE, *OTHERS])[0]
    Paper.objects.filter(pk__in=[paper.pk for paper in known]).update(listed_on=None)
    Paper.objects.exclude(listed_on=None).update(listed_on=MARCH_14)
    Save.objects.add(reader, known)
    trained(Interest.objects.create(reader=reader, name="Caches", learns_from_saved=True))
    return new


def test_a_digest_has_what_is_followed_what_fits_and_the_rest_without_what_is_muted(
    ada: User, client: Client, settings: Any
) -> None:
    settings.SITE_URL = "https://papers.example.org"
    new = likes_caches(ada)
    vision, robots = a_topic("vision"), a_topic("robots")
    on(vision, "Seeing fern")
    on(vision, "Seeing robots")
    on(robots, "Robots that walk")
    a_paper("On bark", upvotes=99)
    a_paper("A survey of bark", listed_on=MARCH_14 - A_DAY)
    Follow.objects.add(ada, what="topic", topic=vision)
    Mute.objects.add(ada, what="word", words="robot")
    Mute.objects.add(ada, what="word", words="survey")
    only_robots = on_topic(robots)
    subscriber = a_subscriber(
        "ada@example.org", orders=[EVERYTHING, FOR_YOU, only_robots, FOLLOWED]
    )

    assert run.run(FRIDAY_8AM) == {"sent": 1}

    [message] = mail.outbox
    text, html = str(message.body), str(message.alternatives[0][0])  # type: ignore[attr-defined]
    headings = ["What you follow", "For you", "All papers"]  # not that of robots, all muted
    assert [section["title"] for section in Delivery.objects.get().sections] == [
        "Robots",
        *headings,
    ]
    at = [text.index(f"\n{heading.upper()}\n") for heading in headings]
    assert at == sorted(at) and "\nROBOTS\n" not in text and ">Robots</h2>" not in html
    followed, for_you, rest = text[at[0] : at[1]], text[at[1] : at[2]], text[at[2] :]
    assert "Seeing fern" in followed and "    You follow Vision\n" in followed
    assert new.title_text in for_you and "On bark" in rest
    reason = " ".join(for_you.split()).partition("Like “")[2]
    assert "which you saved; words: " in reason and "New papers that fit your interests" in for_you
    for body in (text, html):
        assert "Seeing robots" not in body and "survey" not in body and "that walk" not in body
        assert "1 muted of Friday 14 March" in body and "Like “" in body
    assert "1 muted of Friday 14 March:\nhttps://papers.example.org/me/follows/papers\n" in followed
    assert 'href="https://papers.example.org/papers/date/2025-03-14"' in html
    assert not DeliveryPaper.objects.filter(paper__title="Seeing robots").exists()

    page = client.get(Delivery.objects.get().view_url).text
    assert "What you follow" in page and "1 muted of" in page and "Seeing robots" not in page
    assert "which you saved" not in page and "ada@example.org" not in page
    general = archive.general_sections(Delivery.objects.get().issue, FRIDAY_8AM)
    titles = [str(paper) for section in general for paper in section.papers]
    assert "Seeing robots" in titles and not any(section.reasons for section in general)
    assert subscriber.address == message.to[0]


@pytest.mark.parametrize("ends", ["deactivated", "unconfirmed", "deleted"])
def test_without_the_account_its_sections_stop_and_the_rest_goes_on(ada: User, ends: str) -> None:
    vision = a_topic("vision")
    on(vision, "Seeing fern")
    on(vision, "Seeing robots")
    Follow.objects.add(ada, what="topic", topic=vision)
    Mute.objects.add(ada, what="word", words="robots")
    subscriber = a_subscriber("ada@example.org", orders=[EVERYTHING, FOLLOWED, FOR_YOU])
    assert chosen(subscriber) == {"What you follow": ["Seeing fern"]}
    match ends:
        case "deactivated":
            User.objects.update(is_active=False)
        case "unconfirmed":
            ada.emailaddress_set.update(verified=False)  # type: ignore[attr-defined]
        case "deleted":
            ada.delete()
    assert chosen(subscriber) == {"All papers": ["Seeing robots", "Seeing fern"]}


def test_a_section_that_fails_is_left_out_and_the_rest_goes(
    ada: User, monkeypatch: pytest.MonkeyPatch, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    a_paper("On bark")
    subscriber = a_subscriber("ada@example.org", orders=[EVERYTHING, FOR_YOU])
    monkeypatch.setattr(paper_lists, "suggest", fail)
    with caplog.at_level(logging.ERROR):
        assert run.run(FRIDAY_8AM) == {"sent": 1}
    assert "On bark" in str(mail.outbox[0].body)
    assert Subscription.objects.get(what="for-you").problem == "division by zero"
    assert "division by zero" in client.get(subscriber.preferences_url).text


def test_a_digest_of_muted_papers_alone_is_not_sent_and_they_come_once_they_are_not_muted(
    ada: User,
) -> None:
    a_paper("Robots that walk")
    subscriber = a_subscriber("ada@example.org")
    Mute.objects.add(ada, what="word", words="robot")
    assert run.run(FRIDAY_8AM) == {"empty": 1}
    assert not DeliveryPaper.objects.exists()
    Mute.objects.all().delete()
    assert run.run(FRIDAY_8AM + A_DAY) == {"sent": 1}
    assert chosen(subscriber) == {}


def test_a_second_attempt_is_the_same_whatever_the_reader_changed(ada: User) -> None:
    vision = a_topic("vision")
    on(vision, "Seeing fern")
    on(vision, "Seeing robots")
    Follow.objects.add(ada, what="topic", topic=vision)
    Mute.objects.add(ada, what="word", words="robot")
    delivery = a_delivery(a_subscriber("ada@example.org", orders=[FOLLOWED]))

    def composed() -> Any:
        sections = digests.compose([delivery], Candidates(FRIDAY_8AM))[delivery.pk]
        return [section.identity for section in sections]

    first = composed()
    Follow.objects.all().delete()
    Mute.objects.all().delete()
    Mute.objects.add(ada, what="word", words="fern")
    delivery.refresh_from_db()
    assert composed() == first


def test_readers_of_the_same_papers_read_their_own_reasons(ada: User) -> None:
    vision = a_topic("vision")
    on(vision, "Seeing fern", extra={"organization": {"name": "Brume"}})
    ben = a_voter(a_user("ben@example.org"))
    Follow.objects.add(ada, what="topic", topic=vision)
    Follow.objects.add(ben, what="institution", words="Brume")
    for reader in (ada, ben):
        a_subscriber(reader.email, orders=[FOLLOWED])
    run.run(FRIDAY_8AM)
    texts = {message.to[0]: str(message.body) for message in mail.outbox}
    assert "You follow Vision" in texts["ada@example.org"]
    assert "You follow Brume" in texts["ben@example.org"]
    assert "Vision" not in texts["ben@example.org"].partition("You follow Brume")[2]


def test_a_followed_list_brings_old_papers_and_a_week_leaves_today_to_the_next(ada: User) -> None:
    ben = a_user(handle="ben")
    bogs = ReadingList.objects.create(owner=ben, title="Bogs", is_public=True)
    old = a_paper("On an old bog", listed_on=MARCH_14.replace(year=2020))
    bogs.add([old, a_paper("On a new bog", upvotes=3)])
    bogs.items.update(added_at=datetime(2025, 3, 13, 12, tzinfo=UTC))
    Follow.objects.add(ada, what="list", reading_list=bogs)
    subscriber = a_subscriber(
        "ada@example.org", orders=[FOLLOWED | {"frequency": "weekly"}, EVERYTHING]
    )
    assert chosen(subscriber, "weekly") == {"What you follow": ["On an old bog"]}
    subscriber.subscriptions.filter(what="followed").update(frequency="daily", min_upvotes=2)
    assert chosen(subscriber) == {"What you follow": ["On a new bog"]}


def queries_of(deliveries: list[Delivery]) -> int:
    with CaptureQueriesContext(connection) as queries:
        digests.compose(deliveries, Candidates(FRIDAY_8AM))
    return len(queries)


def test_only_digests_of_readers_with_choices_cost_more_queries(
    ada: User, claimed: Callable[[], list[Delivery]]
) -> None:
    vision = a_topic("vision")
    for number in range(30):
        on(vision, "", upvotes=number)
    for _ in range(20):
        a_delivery(a_subscriber(orders=[EVERYTHING, on_topic(vision)]))
    # Earlier attempts, two lists and the topic's key, received papers, the writing, rows, topics.
    ordinary = queries_of(claimed())
    assert ordinary == 8

    a_delivery(a_subscriber("ada@example.org"))
    assert queries_of(claimed()) <= ordinary + 1  # what she mutes
    Mute.objects.add(ada, what="word", words="robot")
    Follow.objects.add(ada, what="topic", topic=vision)
    Interest.objects.create(reader=ada, name="Caches")
    InterestPaper.objects.choose(Interest.objects.get(), [Paper.objects.all()[0]])
    Subscriber.objects.get(address="ada@example.org").subscriptions.create(**FOLLOWED)
    Subscriber.objects.get(address="ada@example.org").subscriptions.create(**FOR_YOU)
    assert queries_of(claimed()) <= ordinary + 10


@pytest.fixture
def claimed() -> Callable[[], list[Delivery]]:
    """All deliveries, as if for the first time."""

    def claim() -> list[Delivery]:
        DeliveryPaper.objects.all().delete()
        Delivery.objects.update(state=Delivery.State.PENDING, lease_until=None, sections=[])
        return Delivery.objects.claim(FRIDAY_8AM, 100)

    return claim
