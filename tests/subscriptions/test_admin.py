"""What curators see of the mail, and what they may do about it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.utils import timezone

from subscriptions import mail_report
from subscriptions.admin.mail import bars
from subscriptions.bounces.dsn import EventKind
from subscriptions.mail_report import Day, IssueProgress
from subscriptions.models import Delivery, Issue, MailEvent, Subscriber
from subscriptions.sending import run
from tests.factories import MARCH_14, a_paper, a_topic, a_user
from tests.subscriptions.conftest import Relay
from tests.subscriptions.factories import A_DAY, FRIDAY_8AM, a_delivery, a_subscriber, on_topic

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture
def desk(db: None) -> Client:
    client = Client()
    client.force_login(a_user("carla@example.org", is_staff=True, is_superuser=True))
    return client


def page_of(issue: Issue, name: str) -> str:
    return f"/admin/subscriptions/issue/{issue.pk}/{name}/"


def act(desk: Client, model: str, action: str, *rows: Any) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return desk.post(f"/admin/subscriptions/{model}/", data, follow=True)


# --- The account of an issue ---


def test_the_account_of_an_issue_adds_up() -> None:
    mails = [a_delivery(state=State.SENT), *(a_delivery(state=it) for it in State.values[4:])]
    mails += [a_delivery(), a_delivery(state=State.UNCERTAIN)]
    progress = IssueProgress.from_issue(mails[0].issue)
    assert progress.audience == len(mails) == sum(count for _, count in progress.rows)
    assert progress.unfinished == 2  # one pending, one deferred
    assert progress.done == len(mails) - 2


def test_the_account_is_asked_again_until_all_is_done(desk: Client) -> None:
    delivery = a_delivery()
    url = page_of(delivery.issue, "account")
    under_way = desk.get(url)
    assert (under_way.status_code, "hx-get" in under_way.text) == (200, True)
    Delivery.objects.update(state=State.SENT)
    done = desk.get(url)
    assert (done.status_code, "hx-get" in done.text) == (286, False)
    assert "1 mail" in desk.get(page_of(delivery.issue, "change")).text


@pytest.mark.slow
def test_a_paused_issue_sends_nothing_until_it_is_resumed(desk: Client) -> None:
    a_paper()
    delivery = a_delivery()
    act(desk, "issue", "pause", delivery.issue)
    run.run(FRIDAY_8AM)
    assert mail.outbox == []
    act(desk, "issue", "resume", delivery.issue)
    run.run(FRIDAY_8AM)
    assert len(mail.outbox) == 1
    said = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert said == ["Paused", "Resumed"]


# --- Preview and test ---


def test_anybodys_digest_can_be_seen_before_it_is_sent(desk: Client) -> None:
    issue = a_delivery(a_subscriber("ada@example.org")).issue
    a_paper("Fern", listed_on=timezone.localdate())
    page = desk.get(page_of(issue, "preview"), {"subscriber": "ada@example.org"}).text
    assert "Fern" not in page  # it came after the day on which the digest was due
    a_paper("Moss")
    page = desk.get(page_of(issue, "preview"), {"subscriber": "ada@example.org"}).text
    assert "Moss · Friday 14 March" in page
    assert not Delivery.objects.get().contents.exists()


@pytest.mark.slow
def test_what_was_sent_is_shown_as_it_was(desk: Client) -> None:
    a_paper("Moss")
    delivery = a_delivery(a_subscriber("ada@example.org"))
    run.run(FRIDAY_8AM)
    page = desk.get(page_of(delivery.issue, "preview"), {"subscriber": "Ada@example.org"}).text
    assert "Moss · Friday 14 March" in page
    for link in (delivery.subscriber.unsubscribe_url, delivery.subscriber.preferences_url):
        assert link not in page


def test_a_test_goes_to_the_curator_and_changes_nothing(desk: Client, relay: Relay) -> None:
    a_paper("Fern")
    subscriber = a_subscriber("ada@example.org")
    issue = a_delivery(subscriber).issue
    data = {"subscriber": "ada@example.org", "to": "carla@example.org"}

    response = desk.post(page_of(issue, "preview"), data)

    assert "Sent to carla@example.org" in response.text
    [(address, message)] = relay.received
    assert address == "carla@example.org"
    assert message["Subject"] == "[Test] Fern · Friday 14 March"
    assert "ada@example.org" not in message.as_string()
    assert message["List-Unsubscribe"].endswith("/subscribe>")
    assert Delivery.objects.get().state == State.PENDING
    assert LogEntry.objects.get().change_message == "Sent as a test"


def test_a_relay_that_refuses_the_test_is_quoted(desk: Client, relay: Relay) -> None:
    a_paper(listed_on=timezone.localdate())
    relay.answers = {"RCPT": "550 5.7.1 not you"}
    response = desk.post(page_of(a_delivery().issue, "preview"), {"to": "carla@example.org"})
    assert "5.7.1 not you" in response.text


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("subscriber", "nobody@example.org"),
        ("subscriber", "no address"),
        ("to", "no address"),
        ("to", "a@x.org\nBcc: b@x.org"),
        ("to", "a@x.org, b@x.org"),
    ],
)
def test_a_slip_sends_nothing(desk: Client, relay: Relay, field: str, address: str) -> None:
    a_paper(listed_on=timezone.localdate())
    response = desk.post(page_of(a_delivery().issue, "preview"), {field: address})
    assert response.status_code == 200
    assert "errorlist" in response.text
    assert relay.received == []


# --- Doubts ---


def test_only_what_is_in_doubt_is_sent_again_under_the_same_id(desk: Client) -> None:
    a_paper()
    doubtful = a_delivery(state=State.UNCERTAIN, message_id="<the-same@example.org>")
    sent = a_delivery(state=State.SENT)
    page = act(desk, "delivery", "send_again", doubtful, sent).text
    assert "To be sent again: 1 delivery." in page
    assert "Not in doubt, so left: 1." in page
    a_paper(listed_on=timezone.localdate())
    Subscriber.objects.update(next_due_at=None)  # today's issue would take the paper
    run.run(timezone.now())
    assert [it.extra_headers["Message-ID"] for it in mail.outbox] == ["<the-same@example.org>"]


def event(delivery: Delivery, number: int, kind: str = EventKind.DELIVERED) -> None:
    MailEvent.objects.create(
        provider="test", event_id=f"{delivery.pk}-{number}", kind=kind, delivery=delivery
    )


def test_a_second_copy_raises_the_alarm() -> None:
    first, second = a_delivery(state=State.SENT), a_delivery(state=State.SENT)
    event(first, 1), event(first, 2, EventKind.DELAYED), event(second, 1)
    assert mail_report.alarms(timezone.now()) == []
    event(first, 3)
    assert mail_report.alarms(timezone.now()) == [
        "daily 2025-03-14: reported as delivered a second time: 1.",
        "daily 2025-03-14: more were delivered than sent: 3 of 2.",
    ]
    assert mail_report.alarms(timezone.now() + 10 * A_DAY) == []


def test_the_days_are_counted_by_what_became_of_their_mails(desk: Client) -> None:
    for state in (State.SENT, State.SENT, State.FAILED, State.UNCERTAIN, State.PENDING):
        a_delivery(state=state)
    event(Delivery.objects.all()[0], 1, EventKind.HARD)
    event(Delivery.objects.all()[0], 2, EventKind.SOFT)
    MailEvent.objects.update(happened_at=FRIDAY_8AM)
    before, day = mail_report.days(MARCH_14 - A_DAY, MARCH_14)
    assert (before.tried, day.sent, day.failed, day.uncertain, day.bounced) == (0, 2, 1, 1, 2)
    page = desk.get("/admin/subscriptions/delivery/deliverability/")
    assert page.status_code == 200
    assert "<svg" in page.text and "<table" in page.text


def test_a_single_failure_among_thousands_is_drawn() -> None:
    days = [Day(MARCH_14), Day(MARCH_14)]
    days[0].states.update({State.SENT: 10_000, State.FAILED: 1})
    drawn = [[float(part["height"]) for part in bar["parts"]] for bar in bars(days)]
    assert drawn[0][0] > 150
    assert drawn[0][1:] == [0, 2]
    assert drawn[1] == [0, 0, 0]
    assert bars([Day(MARCH_14)])


def test_the_first_page_of_the_desk_says_what_is_in_doubt(desk: Client) -> None:
    delivery = a_delivery(state=State.UNCERTAIN)
    event(delivery, 1), event(delivery, 2)
    page = desk.get("/admin/").text
    assert "state__exact=uncertain" in page
    assert "reported as delivered a second time: 1" in page


# --- Subscribers ---


def test_a_zone_that_is_none_is_refused(desk: Client) -> None:
    subscriber = a_subscriber()
    url = f"/admin/subscriptions/subscriber/{subscriber.pk}/change/"
    page = desk.post(url, {"address": subscriber.address, "time_zone": "Mars/Olympus", "hour": 7})
    assert "is no time zone" in page.text


def test_a_curator_pauses_stops_and_forgets(desk: Client) -> None:
    ada, ben, eve = (a_subscriber(f"{name}@example.org") for name in ("ada", "ben", "eve"))
    act(desk, "subscriber", "pause", ada, ben)
    act(desk, "subscriber", "resume", ben)
    act(desk, "subscriber", "stop_mail", ben)
    act(desk, "subscriber", "erase", eve)
    ada, ben = Subscriber.objects.order_by("address")
    assert (ada.paused_at is not None, ben.unsubscribed_at is not None) == (True, True)
    assert not LogEntry.objects.filter(object_repr__contains="eve").exists()


@pytest.mark.slow
def test_pages_of_mail_cost_a_bounded_number_of_queries(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    topic = a_topic()
    for _ in range(12):
        a_paper()
        a_delivery(a_subscriber(orders=[{}, on_topic(topic)]))
    run.run(FRIDAY_8AM + timedelta(hours=1))
    delivery = Delivery.objects.all()[0]
    for path in (
        *("subscriber/", f"subscriber/{delivery.subscriber_id}/change/", "subscription/"),
        *("issue/", f"issue/{delivery.issue_id}/change/", f"issue/{delivery.issue_id}/preview/"),
        *("delivery/", f"delivery/{delivery.pk}/change/", "delivery/deliverability/"),
    ):
        with django_assert_max_num_queries(30, info=path):
            assert desk.get(f"/admin/subscriptions/{path}").status_code == 200


def test_pages_of_mail_are_for_curators(client: Client, ben: Any) -> None:
    client.force_login(ben)
    issue = a_delivery().issue
    for url in (
        *(page_of(issue, "account"), page_of(issue, "preview")),
        "/admin/subscriptions/delivery/deliverability/",
    ):
        assert client.get(url).status_code in {302, 403}
