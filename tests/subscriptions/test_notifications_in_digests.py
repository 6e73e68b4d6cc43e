"""What happened is told in a reader's digest where one is due, and by one mail in any case."""

import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from comments.models import Comment
from notifications.models import MailChoice, Notification
from papers.models import PaperTopic
from subscriptions import personal_data
from subscriptions.models import Delivery, Issue, NotificationMail, Subscriber
from subscriptions.sending import notification_mails, run
from tests.factories import a_paper, a_topic, a_user
from tests.subscriptions.factories import (
    A_DAY,
    AN_HOUR,
    FRIDAY_8AM,
    a_delivery,
    a_subscriber,
    compose_one,
    on_topic,
    send_claimed,
    states,
)
from tests.subscriptions.test_sending import at_once, let_leases_run_out

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
State = Delivery.State
ADA = "ada@example.org"
EVENING = FRIDAY_8AM - 12 * AN_HOUR


@pytest.fixture
def reader(ada: User) -> User:
    ada.emailaddress_set.create(email=ADA, verified=True, primary=True)
    return ada


def tell(reader: User, title: str, at: datetime = EVENING) -> Notification:
    """Something happened about which this reader wants an email."""
    return Notification.objects.create(
        reader=reader,
        kind=Notification.Kind.AUTHOR,
        name="Eve Moss",
        paper=a_paper(title, listed_on=(FRIDAY_8AM - 30 * A_DAY).date()),  # in no digest itself
        happened_at=at,
        mail_wanted=True,
    )


def sweep(at: datetime = FRIDAY_8AM) -> int:
    """How many notification mails of their own a sweep sends at this time."""
    NotificationMail.objects.of_unsent_digests(at).give_back()
    return sum(
        notification_mails.send(reader, at) for reader in NotificationMail.objects.readers_due(at)
    )


def mails_that_tell(title: str) -> list[str]:
    """The subjects of the mails with this title in them."""
    return [message.subject for message in mail.outbox if title in str(message.body)]


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Exception]]:
    """What the relay answers to the next mails, the last first; then it takes them."""
    errors: list[Exception] = []
    send = EmailBackend.send_messages

    def send_or_refuse(backend: EmailBackend, messages: list[mail.EmailMessage]) -> int:
        if errors:
            raise errors.pop()
        return send(backend, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_or_refuse)
    yield errors
    assert errors == []


# --- In the digest ---


def test_a_digest_tells_its_reader_what_happened_and_no_mail_does(
    reader: User, stranger: Client
) -> None:
    a_paper("Of the day")
    a_subscriber(ADA)
    a_subscriber("ben@example.org")
    for number in range(7):
        tell(reader, f"On moss {number} <b>", EVENING + timedelta(minutes=number))

    assert sweep(FRIDAY_8AM - 2 * AN_HOUR) == 0  # it waits for the digest
    assert run.run(FRIDAY_8AM) == {State.SENT: 2}
    assert (sweep(), sweep(FRIDAY_8AM + A_DAY)) == (0, 0)

    adas, bens = sorted(mail.outbox, key=lambda message: message.to)
    text, html = str(adas.body), str(adas.alternatives[0][0])  # type: ignore[attr-defined]
    assert text.index("NOTIFICATIONS") < text.index("On moss 0 <b>") < text.index("Of the day")
    assert "New paper by Eve Moss:\nOn moss 4 <b>" in text
    assert "On moss 5" not in text
    assert "And 2 more on the site" in text
    assert "On moss 0 &lt;b&gt;" in html
    assert "<b>" not in html
    for part in (text, html):
        assert part.count("http://testserver/me/notifications") >= 1
        assert part.count("/stop-notifications") == 1
    assert "Stop all emails" in text
    assert "/unsubscribe>" in adas.extra_headers["List-Unsubscribe"]
    assert "notifications" not in str(bens.body).lower()
    assert NotificationMail.objects.get().state == NotificationMail.State.DIGEST
    # The page of the digest may be forwarded, so nothing personal is on it.
    page = stranger.get(Delivery.objects.get(subscriber__address=ADA).view_url)
    assert "Of the day" in page.content.decode()
    assert "On moss" not in page.content.decode()


def test_the_link_in_the_digest_stops_notifications_and_not_the_digest(
    reader: User, stranger: Client
) -> None:
    a_paper("Of the day")
    subscriber = a_subscriber(ADA)
    MailChoice.objects.choose(reader, ["author"])
    tell(reader, "On moss")
    run.run(FRIDAY_8AM)
    [line] = [it for it in str(mail.outbox[0].body).splitlines() if "/stop-notifications" in it]

    stranger.post(line.removeprefix("http://testserver"))

    subscriber.refresh_from_db()
    assert subscriber.is_active
    assert MailChoice.objects.kinds_of(reader) == []


def test_a_weekly_digest_tells_too_but_a_second_one_of_the_day_does_not(reader: User) -> None:
    topic = a_topic("moss")
    for title, age in (("Of the week", 3 * A_DAY), ("Of the day", 0 * A_DAY)):
        paper = a_paper(title, listed_on=(FRIDAY_8AM - age).date(), upvotes=9 if not age else 1)
        PaperTopic.objects.create(paper=paper, topic=topic)
    weekly = on_topic(topic, frequency="weekly", weekday=4)
    a_subscriber(ADA, orders=[{"max_papers": 1}, weekly])
    tell(reader, "On moss")

    assert run.run(FRIDAY_8AM) == {State.SENT: 2}
    assert len(mails_that_tell("On moss")) == 1


def test_subscribers_without_accounts_cost_no_query_and_readers_without_news_one(
    reader: User, ben: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tell(reader, "On moss")
    for _ in range(30):
        a_delivery(a_subscriber())
    without_accounts = Delivery.objects.claim(FRIDAY_8AM, 30)
    ben.emailaddress_set.create(email=ben.email, verified=True, primary=True)
    a_delivery(a_subscriber(ben.email))
    [bens] = Delivery.objects.claim(FRIDAY_8AM, 30)

    with django_assert_num_queries(0):
        assert NotificationMail.objects.claim_for_digests(without_accounts, FRIDAY_8AM) == {}
    with django_assert_num_queries(1):
        batch = [*without_accounts, bens]
        assert NotificationMail.objects.claim_for_digests(batch, FRIDAY_8AM) == {}


# --- Where there is no digest ---


@pytest.mark.parametrize(
    ("fields", "orders"),
    [
        ({"paused_at": EVENING}, [{}]),
        ({"confirmed_at": None}, [{}]),
        ({"address": "another@example.org"}, [{}]),
        ({}, [{"frequency": "weekly", "weekday": 2}]),
        ({}, []),
    ],
    ids=["paused", "not confirmed", "another address", "weekly", "no subscription"],
)
def test_who_is_to_get_no_digest_soon_gets_a_mail_at_once(
    fields: dict[str, object], orders: list[dict[str, object]], reader: User
) -> None:
    a_subscriber(**{"address": ADA} | fields, orders=orders)  # type: ignore[arg-type]
    tell(reader, "On moss")

    assert sweep(EVENING + timedelta(minutes=1)) == 1
    assert sweep(EVENING + A_DAY) == 0
    assert mails_that_tell("On moss") == ["New paper by Eve Moss: On moss"]


def test_a_digest_without_papers_is_not_sent_and_the_news_comes_by_itself(reader: User) -> None:
    a_subscriber(ADA)
    tell(reader, "On moss")

    assert sweep(EVENING) == 0
    assert run.run(FRIDAY_8AM) == {State.EMPTY: 1}

    assert (sweep(), sweep(FRIDAY_8AM + A_DAY)) == (1, 0)
    assert mails_that_tell("On moss") == ["New paper by Eve Moss: On moss"]


def test_news_after_the_digest_waits_for_the_next(reader: User) -> None:
    a_paper("Of the day")
    a_subscriber(ADA)
    tell(reader, "On moss")
    run.run(FRIDAY_8AM)
    tell(reader, "On fern", FRIDAY_8AM)
    a_paper("Of Saturday", listed_on=(FRIDAY_8AM + A_DAY).date())

    assert (sweep(), sweep(FRIDAY_8AM + 15 * AN_HOUR)) == (0, 0)
    run.run(FRIDAY_8AM + A_DAY)

    assert len(mails_that_tell("On moss")) == len(mails_that_tell("On fern")) == 1
    assert len(mail.outbox) == 2


# --- Races ---


def test_a_digest_that_fails_gives_back_what_it_was_to_tell(
    reader: User, refusals: list[Exception]
) -> None:
    a_paper("Of the day")
    a_subscriber(ADA)
    tell(reader, "On moss")
    refusals.append(smtplib.SMTPDataError(552, b"5.2.2 mailbox full"))

    assert run.run(FRIDAY_8AM) == {State.FAILED: 1}
    assert mail.outbox == []

    assert (sweep(), sweep(FRIDAY_8AM + A_DAY)) == (1, 0)
    assert mails_that_tell("On moss") == ["New paper by Eve Moss: On moss"]


def test_a_digest_that_is_put_off_tells_the_same_at_the_second_attempt(
    reader: User, refusals: list[Exception]
) -> None:
    a_paper("Of the day")
    a_subscriber(ADA)
    tell(reader, "On moss")
    refusals.append(smtplib.SMTPDataError(451, b"4.7.1 greylisted"))
    assert run.run(FRIDAY_8AM) == {State.DEFERRED: 1}
    tell(reader, "On fern", FRIDAY_8AM)

    assert sweep() == 0
    assert run.run(FRIDAY_8AM + 17 * AN_HOUR) == {State.SENT: 1}  # after midnight

    assert len(mails_that_tell("On moss")) == 1
    assert mails_that_tell("On fern") == []
    assert sweep(FRIDAY_8AM + 17 * AN_HOUR) == 0  # it waits for the next digest


def test_a_digest_that_is_never_sent_gives_back_within_the_time_of_its_news(
    reader: User, refusals: list[Exception]
) -> None:
    a_paper("Of the day")
    a_subscriber(ADA)
    noted_first = FRIDAY_8AM - 25 * AN_HOUR  # it just missed the digest before
    tell(reader, "On moss", noted_first)
    refusals.append(smtplib.SMTPDataError(451, b"4.7.1 greylisted"))
    run.run(FRIDAY_8AM)
    Subscriber.objects.update(paused_at=FRIDAY_8AM, next_due_at=None)
    Delivery.objects.expire(FRIDAY_8AM + A_DAY)

    assert states() == {ADA: State.FAILED}
    assert sweep(FRIDAY_8AM + A_DAY) == 1


def test_what_is_stopped_or_hidden_since_is_in_no_second_attempt(
    reader: User, ben: User, refusals: list[Exception]
) -> None:
    a_paper("Of the day")
    a_subscriber(ADA)
    first = Comment.objects.create(paper=a_paper("On fern"), author=reader, text="Why?")
    reply = Comment.objects.create(paper=first.paper, author=ben, parent=first, text="Rude words")
    kind = Notification.Kind.REPLY
    Notification.objects.create(
        reader=reader, kind=kind, comment=reply, happened_at=EVENING, mail_wanted=True
    )
    tell(reader, "On moss")
    refusals += [smtplib.SMTPDataError(451, b"4.7.1 greylisted")] * 2
    run.run(FRIDAY_8AM)
    reply.delete_text()
    run.run(FRIDAY_8AM + 6 * AN_HOUR)
    MailChoice.objects.stop([reader.pk])

    assert run.run(FRIDAY_8AM + 18 * AN_HOUR) == {State.SENT: 1}
    assert "NOTIFICATIONS" not in str(mail.outbox[0].body)
    assert mails_that_tell("Rude words") == []


def claimed() -> Delivery:
    """Of a worker that composed it, and may be killed now."""
    a_delivery(Subscriber.objects.get(address=ADA))
    [delivery] = Delivery.objects.claim(FRIDAY_8AM, 10)
    Delivery.objects.count_attempt([delivery])
    compose_one(delivery)
    assert NotificationMail.objects.claim_for_digests([delivery], FRIDAY_8AM)
    return delivery


def test_killed_before_it_is_sent_another_worker_tells_the_same(reader: User) -> None:
    a_paper("Of the day")
    a_subscriber(ADA)
    tell(reader, "On moss")
    claimed()
    tell(reader, "On fern")
    assert sweep() == 0
    let_leases_run_out()

    assert run.run(FRIDAY_8AM) == {State.SENT: 1}
    assert len(mails_that_tell("On moss")) == 1
    assert mails_that_tell("On fern") == []


def test_killed_while_it_is_sent_it_is_uncertain_and_tells_nothing_twice(reader: User) -> None:
    a_paper("Of the day")
    a_subscriber(ADA)
    tell(reader, "On moss")
    delivery = claimed()
    assert Delivery.objects.start_sending([delivery]) == {delivery.pk}
    let_leases_run_out()

    run.run(FRIDAY_8AM)
    assert states() == {ADA: State.UNCERTAIN}
    assert (sweep(), sweep(FRIDAY_8AM + A_DAY)) == (0, 0)

    delivery.send_again(FRIDAY_8AM)  # by a curator
    run.run(FRIDAY_8AM)
    assert len(mails_that_tell("On moss")) == 1


def test_who_pauses_the_digest_in_between_is_told_by_a_mail(reader: User) -> None:
    a_paper("Of the day")
    subscriber = a_subscriber(ADA)
    tell(reader, "On moss")
    delivery = claimed()
    subscriber.pause(FRIDAY_8AM)

    assert send_claimed([delivery], FRIDAY_8AM) == {State.SUPPRESSED: 1}

    assert (sweep(), sweep(FRIDAY_8AM + A_DAY)) == (1, 0)


def test_who_unsubscribes_in_between_is_told_by_no_mail(reader: User) -> None:
    a_paper("Of the day")
    subscriber = a_subscriber(ADA)
    tell(reader, "On moss")
    delivery = claimed()
    subscriber.unsubscribe(FRIDAY_8AM)

    send_claimed([delivery], FRIDAY_8AM)

    assert sweep() == 0
    assert mail.outbox == []


def test_who_erases_the_address_in_between_is_told_by_a_mail(reader: User) -> None:
    a_paper("Of the day")
    a_subscriber(ADA)
    tell(reader, "On moss")
    delivery = claimed()
    personal_data.erase(ADA)

    send_claimed([delivery], FRIDAY_8AM)
    assert mail.outbox == []

    assert sweep() == 1


def test_a_paused_issue_holds_back_no_news_that_it_does_not_have_yet(reader: User) -> None:
    a_subscriber(ADA)
    tell(reader, "On moss", EVENING - 6 * AN_HOUR)
    run.prepare(FRIDAY_8AM)
    assert sweep() == 0
    Issue.objects.update(state=Issue.State.PAUSED)

    assert sweep() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_tell_each_thing_once() -> None:
    a_paper("Of the day")
    readers = []
    for number in range(12):
        address = f"reader-{number}@example.org"
        readers.append(a_user(address))
        readers[-1].emailaddress_set.create(email=address, verified=True, primary=True)
        a_subscriber(address)
        tell(readers[-1], f"For {address}")

    def work() -> None:
        run.run(FRIDAY_8AM)
        for reader in readers:  # as if none of them had a digest
            notification_mails.send(reader.pk, FRIDAY_8AM)

    at_once(4, work)

    for reader in readers:
        assert len(mails_that_tell(f"For {reader.email}")) == 1
