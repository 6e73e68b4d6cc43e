"""Which papers are in a digest."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from time import sleep
from typing import Any

import pytest
from django.core import mail
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from papers.identifiers import fold_name
from papers.models import Paper, PaperSearch, PaperTopic, Topic
from papers.models.merging import merge
from subscriptions.issues import digests
from subscriptions.issues.candidates import CACHE_LIFETIME, Candidates
from subscriptions.models import Delivery, DeliveryPaper, Issue, Subscriber
from subscriptions.sending import run
from tests.factories import MARCH_14, a_paper, a_topic
from tests.subscriptions.factories import (
    A_DAY,
    FRIDAY_8AM,
    a_delivery,
    a_subscriber,
    compose_one,
    on_topic,
)

pytestmark = pytest.mark.django_db


def on(topic: Topic, title: str, **fields: object) -> Paper:
    paper = a_paper(title, **fields)  # type: ignore[arg-type]
    PaperTopic.objects.create(paper=paper, topic=topic)
    return paper


def chosen(subscriber: Subscriber, frequency: str = "daily") -> dict[str, list[str]]:
    sections = digests.preview(subscriber, frequency, FRIDAY_8AM)
    return {section.title: [str(paper) for paper in section.papers] for section in sections}


def test_picks_come_first_then_the_hottest() -> None:
    a_paper("Cold", upvotes=1)
    a_paper("Hot", upvotes=50)
    a_paper("Picked", upvotes=3, featured=True)
    assert chosen(a_subscriber()) == {"All papers": ["Picked", "Hot", "Cold"]}


def test_a_weekly_digest_stands_by_upvotes_and_leaves_today_to_the_next() -> None:
    a_paper("Monday's best", upvotes=50, listed_on=date(2025, 3, 10))
    a_paper("Thursday's", upvotes=40, listed_on=date(2025, 3, 13))
    a_paper("Thursday's pick", upvotes=3, featured=True, listed_on=date(2025, 3, 13))
    a_paper("Today's", upvotes=99)
    subscriber = a_subscriber(orders=[{"frequency": "weekly"}])
    assert chosen(subscriber, "weekly") == {
        "All papers": ["Monday's best", "Thursday's", "Thursday's pick"]
    }


def test_candidates_were_listed_at_most_eight_days_ago() -> None:
    a_paper("Too old", listed_on=MARCH_14 - timedelta(days=9))
    a_paper("Just in time", listed_on=MARCH_14 - timedelta(days=8))
    a_paper("Not yet out", listed_on=MARCH_14 + timedelta(days=1))
    a_paper("In the queue", listed_on=None)
    assert chosen(a_subscriber()) == {"All papers": ["Just in time"]}


def test_hidden_and_withdrawn_papers_stay_out() -> None:
    a_paper("Hidden").hide("spam")
    a_paper("Withdrawn", withdrawn=True)
    assert chosen(a_subscriber()) == {}


def test_an_order_takes_no_more_and_nothing_less_than_it_says() -> None:
    for upvotes in (2, 5, 9, 12):
        a_paper(f"{upvotes} votes", upvotes=upvotes)
    subscriber = a_subscriber(orders=[{"min_upvotes": 5, "max_papers": 2}])
    assert chosen(subscriber) == {"All papers": ["12 votes", "9 votes"]}


def test_topics_have_sections_and_everything_takes_what_is_left() -> None:
    vision, robots = a_topic("vision"), a_topic("robots")
    both = on(vision, "Seeing robots", upvotes=9)
    PaperTopic.objects.create(paper=both, topic=robots)
    on(robots, "Robots", upvotes=2)
    a_paper("Else", upvotes=99)
    subscriber = a_subscriber(orders=[{}, on_topic(vision), on_topic(robots)])
    sections = {"Vision": ["Seeing robots"], "Robots": ["Robots"], "All papers": ["Else"]}
    assert chosen(subscriber) == sections


def test_a_curators_word_against_a_topic_counts() -> None:
    vision = a_topic("vision")
    PaperTopic.objects.create(paper=a_paper("Not this"), topic=vision, against=True)
    assert chosen(a_subscriber(orders=[on_topic(vision)])) == {}


def test_only_orders_of_that_frequency_have_sections() -> None:
    vision = a_topic("vision")
    on(vision, "Seeing", listed_on=MARCH_14 - A_DAY)
    subscriber = a_subscriber(orders=[{}, on_topic(vision, frequency="weekly")])
    assert chosen(subscriber, "weekly") == {"Vision": ["Seeing"]}
    assert chosen(subscriber, "daily") == {"All papers": ["Seeing"]}


def found(title: str, **fields: Any) -> Paper:
    """A paper that the search knows."""
    paper = a_paper(title, **fields)
    PaperSearch.objects.create(
        paper=paper,
        title=title,
        authors=paper.authors,
        abstract=paper.abstract,
        author_names=[fold_name(name) for name in paper.authors],
    )
    return paper


def test_a_search_is_ordered_in_the_language_of_the_search_box() -> None:
    found("Moss on sparse walls")
    found("Moss, a survey")
    found("Ferns")
    subscriber = a_subscriber(orders=[{"what": "search", "words": "moss -survey"}])
    assert chosen(subscriber) == {"“moss -survey”": ["Moss on sparse walls"]}


def test_an_author_is_ordered_however_the_name_is_accented() -> None:
    found("Hers", authors=["Ben Marsh", "Zoë Quill"])
    found("Not hers", authors=["Zoë Quill-Marsh"])
    subscriber = a_subscriber(orders=[{"what": "author", "words": "zoe QUILL"}])
    assert chosen(subscriber) == {"Papers by zoe QUILL": ["Hers"]}


@pytest.mark.slow
def test_orders_alike_are_looked_up_once_for_all_who_gave_them(
    django_assert_max_num_queries: Any,
) -> None:
    vision = a_topic("vision")
    for number in range(30):
        on(vision, "", upvotes=number)
    orders = [{}, on_topic(vision, max_papers=5), {"what": "search", "words": "moss"}]
    for _ in range(30):
        a_delivery(a_subscriber(orders=orders))
    deliveries = Delivery.objects.claim(FRIDAY_8AM, 30)

    with django_assert_max_num_queries(10):
        composed = digests.compose(deliveries, Candidates(FRIDAY_8AM))

    assert all([len(it.papers) for it in composed[one.pk]] == [5, 20] for one in deliveries)
    assert DeliveryPaper.objects.count() == 30 * 25


def test_those_who_ask_alike_are_still_not_sent_what_they_had() -> None:
    had = a_paper("Had", upvotes=9)
    a_paper("New", upvotes=1)
    ada, ben = a_subscriber(), a_subscriber()
    earlier = a_delivery(
        ada,
        issue=Issue.objects.create(
            frequency="daily",
            period="2025-03-13",
            first_day=MARCH_14 - A_DAY,
            last_day=MARCH_14 - A_DAY,
        ),
    )
    DeliveryPaper.objects.create(delivery=earlier, subscriber=ada, paper=had, position=0)

    composed = digests.compose([a_delivery(ada), a_delivery(ben)], Candidates(FRIDAY_8AM))

    titles = [[str(it) for section in each for it in section.papers] for each in composed.values()]
    assert titles == [["New"], ["Had", "New"]]


def test_candidates_are_looked_up_again_as_votes_are_cast() -> None:
    a_paper("Slow", upvotes=4)
    order = a_subscriber(orders=[{"min_upvotes": 5}]).subscriptions.get()
    candidates = Candidates(FRIDAY_8AM)
    assert not candidates.papers(order, MARCH_14).ids
    Paper.objects.update(votes_brought=5)
    assert not candidates.refreshed(FRIDAY_8AM + CACHE_LIFETIME / 2).papers(order, MARCH_14).ids
    assert candidates.refreshed(FRIDAY_8AM + CACHE_LIFETIME).papers(order, MARCH_14).ids


@pytest.mark.slow
def test_one_mail_holds_sixty_papers_at_most() -> None:
    vision = a_topic("vision")
    for _ in range(80):
        on(vision, "")
    subscriber = a_subscriber(orders=[{"max_papers": 60}, on_topic(vision, max_papers=40)])
    assert [len(papers) for papers in chosen(subscriber).values()] == [40, 20]


def left_out(subscriber: Subscriber, frequency: str = "daily") -> dict[str, tuple[int, str]]:
    sections = digests.preview(subscriber, frequency, FRIDAY_8AM)
    return {it.title: (it.left_out.count, it.left_out.path) for it in sections if it.left_out}


@pytest.mark.slow
def test_a_section_says_what_it_left_out_of_its_newest_day_and_links_that_list(
    client: Client,
) -> None:
    vision = a_topic("vision")
    seen = [on(vision, f"Seeing {n}", upvotes=5 + n) for n in range(6)]
    on(vision, "Hardly seen", upvotes=4)
    on(vision, "Seen yesterday", upvotes=9, listed_on=MARCH_14 - A_DAY)
    for n in range(3):
        found(f"Moss {n}", authors=["Zoë Quill"], upvotes=n)
    orders: list[dict[str, Any]] = [
        on_topic(vision, max_papers=2, min_upvotes=5),
        {"what": "search", "words": 'moss "', "max_papers": 1},
        {"what": "author", "words": "Zoë Quill", "max_papers": 1},
        {"max_papers": 3},
    ]
    # Counted once all sections are chosen: "All papers" takes some of those that others left out.
    assert left_out(a_subscriber(orders=orders)) == {
        "Vision": (1, "/papers/date/2025-03-14?topic=vision&min_votes=5"),
        '“moss "”': (1, "/search?q=date%3A2025-03-14+moss+%22"),
        "Papers by Zoë Quill": (1, "/authors?name=Zo%C3%AB+Quill"),
        "All papers": (3, "/papers/date/2025-03-14"),
    }
    [one] = left_out(a_subscriber(orders=orders[:1])).values()
    assert one == (4, "/papers/date/2025-03-14?topic=vision&min_votes=5")
    assert client.get(one[1]).text.count('<article class="paper"') == len(seen) == one[0] + 2
    assert client.get("/search?q=date%3A2025-03-14+moss+%22").text.count("Moss ") >= 3


@pytest.mark.slow
def test_a_section_without_room_in_the_mail_still_says_what_there_is() -> None:
    vision = a_topic("vision")
    for _ in range(60):
        on(vision, "")
    for _ in range(7):
        a_paper(listed_on=MARCH_14 - A_DAY)
    subscriber = a_subscriber(orders=[{}, on_topic(vision, max_papers=60)])
    delivery = a_delivery(subscriber)
    for sections in (compose_one(delivery), compose_one(delivery), digests.kept_sections(delivery)):
        assert [len(section.papers) for section in sections] == [60, 0]
        assert sections[1].left_out and sections[1].left_out.count == 7


def test_a_digest_sent_late_holds_what_it_would_have_held_in_time() -> None:
    a_paper("Friday's")
    a_paper("Thursday's", listed_on=MARCH_14 - A_DAY)
    late = a_delivery(due_at=FRIDAY_8AM - A_DAY)
    assert [str(paper) for part in compose_one(late) for paper in part.papers] == ["Thursday's"]


@pytest.mark.slow
def test_no_paper_comes_twice_even_in_a_later_mail() -> None:
    a_paper("Early")
    subscriber = a_subscriber()
    run.run(FRIDAY_8AM)
    a_paper("Late, but of the same day")
    run.run(FRIDAY_8AM + A_DAY)
    run.run(FRIDAY_8AM + 2 * A_DAY)
    assert ["Early" in str(message.body) for message in mail.outbox] == [True, False]
    assert ["Late" in str(message.body) for message in mail.outbox] == [False, True]
    assert DeliveryPaper.objects.filter(subscriber=subscriber).count() == 2


@pytest.mark.slow
def test_what_gathers_its_votes_late_still_comes() -> None:
    paper = a_paper("Slow")
    a_subscriber(orders=[{"min_upvotes": 5}])
    run.run(FRIDAY_8AM)
    assert mail.outbox == []
    Paper.objects.filter(pk=paper.pk).update(votes_brought=6)
    run.run(FRIDAY_8AM + A_DAY)
    assert len(mail.outbox) == 1


def test_a_second_attempt_is_the_same_mail_without_what_was_hidden_since() -> None:
    a_paper("First", upvotes=3)
    hidden = a_paper("Second", upvotes=2)
    delivery = a_delivery()
    compose_one(delivery)
    a_paper("Third", upvotes=99)
    hidden.hide("spam")
    [section] = compose_one(delivery)
    assert [str(paper) for paper in section.papers] == ["First"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_mails_composed_at_once_share_the_papers() -> None:
    for _ in range(40):
        a_paper()
    subscriber = a_subscriber()
    first = a_delivery(subscriber)
    yesterday = MARCH_14 - A_DAY
    issue = Issue.objects.create(
        frequency="daily", period=str(yesterday), first_day=yesterday, last_day=yesterday
    )
    second = issue.deliveries.create(subscriber=subscriber, expires_at=FRIDAY_8AM + A_DAY)

    def compose(pk: int) -> None:
        try:
            compose_one(Delivery.objects.get(pk=pk))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(compose, [first.pk, second.pk]))
    papers = list(DeliveryPaper.objects.values_list("paper", flat=True))
    assert len(papers) == len(set(papers)) >= 20


@pytest.mark.parametrize("table", ["papers_paper", "subscriptions_delivery"])
def test_contents_go_with_their_paper_and_their_mail(table: str) -> None:
    a_paper()
    compose_one(a_delivery())
    assert DeliveryPaper.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    assert not DeliveryPaper.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Paper, Subscriber])
def test_what_is_deleted_while_it_is_put_into_a_mail_leaves_nothing(
    model: type[Paper] | type[Subscriber],
) -> None:
    a_paper()
    delivery = a_delivery()

    def delete() -> None:
        try:
            model.objects.get().delete()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            compose_one(delivery)
            deleting = pool.submit(delete)
            while not (waiting_for_a_lock() or deleting.done()):
                sleep(0.01)
            assert not deleting.done()
        deleting.result()
    assert not model.objects.exists()
    assert not DeliveryPaper.objects.exists()


def waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        count: int = cursor.fetchone()[0]
        return count


@pytest.mark.slow
def test_a_paper_in_two_thousand_mails_is_merged_by_a_few_statements() -> None:
    """Half of the readers had both: their row of the paper that is kept stays."""
    kept, duplicate = a_paper("Kept"), a_paper("Duplicate")
    issue = a_delivery().issue
    subscribers = Subscriber.objects.bulk_create(
        Subscriber(address=f"reader{place}@example.net") for place in range(2_000)
    )
    times = {"expires_at": FRIDAY_8AM + A_DAY, "state": "sent"}
    deliveries = Delivery.objects.bulk_create(
        Delivery(issue=issue, subscriber=each, **times) for each in subscribers
    )
    rows = {"section": "All papers", "position": 0}
    DeliveryPaper.objects.bulk_create(
        DeliveryPaper(delivery=each, subscriber_id=each.subscriber_id, paper=paper, **rows)
        for place, each in enumerate(deliveries)
        for paper in ([duplicate, kept] if place % 2 else [duplicate])
    )
    with CaptureQueriesContext(connection) as queries:
        merge(kept, duplicate)
    assert len(queries) < 100  # whatever the number of mails
    assert set(DeliveryPaper.objects.values_list("paper", flat=True)) == {kept.pk}
    assert DeliveryPaper.objects.count() == 2_000
