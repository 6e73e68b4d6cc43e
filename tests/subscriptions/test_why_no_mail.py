"""Why an address got no mail: the sentence case by case, its page, and suppressed domains."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from subscriptions.models import (
    Delivery,
    Issue,
    MailEvent,
    Subscriber,
    Subscription,
    Suppression,
)
from subscriptions.orders import opt_in
from subscriptions.sending import run
from subscriptions.why_no_mail import MailFacts, explain
from tests.factories import a_paper, a_user
from tests.subscriptions.factories import (
    AN_HOUR,
    FRIDAY_8AM,
    a_delivery,
    a_subscriber,
    an_order_request,
)

pytestmark = pytest.mark.slow

State = Delivery.State
ADA, AT_8 = "ada@example.org", datetime(2025, 3, 12, 8, tzinfo=UTC)
CONFIRMED = {"confirmed_at": AT_8, "next_due_at": FRIDAY_8AM}
REASONS, SCOPES = Suppression.Reason, Suppression.Scope


def facts(
    subscriber: dict[str, Any] | None = None,
    deliveries: list[dict[str, Any]] | None = None,
    reports: list[str] | None = None,
    suppression: dict[str, Any] | None = None,
    **fields: Any,
) -> MailFacts:
    """Of a confirmed subscriber to everything, in no database. `reports` are of the last digest."""
    issue = Issue(frequency="daily", period="2025-03-12")
    mails = [Delivery(pk=1, **{"issue": issue, "due_at": AT_8} | each) for each in deliveries or []]
    events = [
        MailEvent(kind=kind, delivery_id=1, happened_at=AT_8 + AN_HOUR) for kind in reports or []
    ]
    rows = [Suppression(**{"created_at": AT_8} | suppression)] if suppression else []
    given = {"subscriptions": [Subscription()], "events": events, "suppressions": rows} | fields
    who = Subscriber(address=ADA, **CONFIRMED | (subscriber or {}))
    return MailFacts(ADA, who, deliveries=mails, **given)


SENT = {"state": State.SENT, "sent_at": AT_8}
NEXT = "the next one is due 14 March 2025, 08:00."
PAUSED = Issue(frequency="daily", period="2025-03-12", state="paused", paused_because="relay down")
HARD = {"reason": REASONS.HARD_BOUNCE, "scope": SCOPES.ALL}
CURATOR = {"reason": REASONS.CURATOR, "scope": SCOPES.BULK, "note": "asked by phone"}
CASES: list[tuple[MailFacts, str]] = [
    (
        facts(suppression=HARD, reports=["hard bounce"], last_sent_at=AT_8),
        "No digest since 12 March 2025: the address bounced hard on 12 March 2025 and is "
        "suppressed (digests and account mail).",
    ),
    (
        facts(suppression={"reason": REASONS.COMPLAINT, "scope": SCOPES.BULK}),
        "No digest yet: a mail was reported as spam on 12 March 2025, so the address is "
        "suppressed (digests).",
    ),
    (
        facts(suppression={"reason": REASONS.SOFT_BOUNCES, "scope": SCOPES.BULK}),
        "No digest yet: mail came back several times in a row until 12 March 2025, so the address "
        "is suppressed (digests).",
    ),
    (
        facts(suppression=CURATOR | {"is_domain": True}),
        "No digest yet: on 12 March 2025 a curator decided that every address at "
        "example.org is suppressed (digests): “asked by phone”.",
    ),
    (
        facts(subscriber={"unsubscribed_at": AT_8}, suppression=HARD, last_sent_at=AT_8),
        "No digest since 12 March 2025: they unsubscribed on 12 March 2025.",
    ),
    (
        facts(subscriber={"confirmed_at": None, "confirmation_sent_at": AT_8}),
        "No digest yet: the subscription is not confirmed; its link was mailed on "
        "12 March 2025, 08:00.",
    ),
    (
        facts(subscriber={"confirmed_at": None}),
        "No digest yet: the subscription is not confirmed, and its link has not been mailed yet.",
    ),
    (
        facts(subscriber={"paused_at": AT_8}),
        "No digest yet: mail is paused since 12 March 2025.",
    ),
    (facts(subscriptions=[]), "No digest yet: there is no subscription."),
    (facts(is_held=True), "No digest yet: all sending is held while SENDING_HELD is set."),
    (
        facts(subscriptions=[Subscription(problem="a search took too long")]),
        "No digest yet: the papers of the subscription cannot be found (a search took too long).",
    ),
    (facts(), f"No digest yet: {NEXT}"),
    (facts(subscriber={"next_due_at": None}), "No digest yet: no next one is planned."),
    (
        facts(deliveries=[SENT], last_sent_at=AT_8),
        "The last digest (daily 2025-03-12) was sent on 12 March 2025, 08:00, and nothing came "
        f"back; {NEXT}",
    ),
    (
        facts(deliveries=[SENT], reports=["soft bounce"], last_sent_at=AT_8),
        "The last digest (daily 2025-03-12) was sent on 12 March 2025, 08:00, and it came back "
        f"for now; {NEXT}",
    ),
    (
        facts(deliveries=[{"state": State.EMPTY}], last_sent_at=AT_8),
        "No digest since 12 March 2025: the last one (daily 2025-03-12) was not sent: no new "
        "papers for these subscriptions.",
    ),
    (
        facts(deliveries=[{"state": State.FAILED, "last_error": "554 no"}]),
        "No digest yet: the last one (daily 2025-03-12) was not sent: 554 no.",
    ),
    (
        facts(deliveries=[{"state": State.UNCERTAIN, "last_error": "reset"}]),
        "No digest yet: the last one (daily 2025-03-12) is uncertain: it may have arrived or not "
        "(reset), so it is not sent again by itself.",
    ),
    (
        facts(deliveries=[{"state": State.EXPIRED, "expires_at": FRIDAY_8AM}]),
        "No digest yet: the last one (daily 2025-03-12) was not sent: it could not be sent until "
        "14 March 2025, 08:00, then it was too old.",
    ),
    (
        facts(deliveries=[{"state": State.SUPPRESSED}]),
        "No digest yet: the last one (daily 2025-03-12) was not sent: when it was to leave, the "
        "address was suppressed, paused or unsubscribed.",
    ),
    (
        facts(deliveries=[{"issue": PAUSED}]),
        "No digest yet: the last one (daily 2025-03-12) still waits: the issue is paused "
        "(relay down).",
    ),
    (
        facts(deliveries=[{"state": State.DEFERRED, "last_error": "451 later"}]),
        "No digest yet: the last one (daily 2025-03-12) still waits: put off (451 later), to be "
        "tried again on 12 March 2025, 08:00.",
    ),
    (
        facts(deliveries=[{}]),
        "No digest yet: the last one (daily 2025-03-12) still waits: due on 12 March 2025, 08:00.",
    ),
    (
        MailFacts(ADA, suppressions=[Suppression(created_at=AT_8, **HARD)]),
        f"No such subscriber: {ADA}; the address bounced hard on 12 March 2025 and is "
        "suppressed (digests and account mail).",
    ),
    (
        MailFacts(ADA),
        f"No such subscriber: {ADA}. Nobody confirmed a subscription with it, or it was deleted; "
        "mail may be sent.",
    ),
    (MailFacts("@example.org"), "Mail to example.org is not suppressed."),
]


@pytest.mark.parametrize(("known", "sentence"), CASES)
def test_one_sentence_says_why(known: MailFacts, sentence: str) -> None:
    assert explain(known) == sentence


# --- The page ---

WHY = "/admin/subscriptions/subscriber/why/"


@pytest.fixture
def desk(client: Client, db: None) -> Client:
    client.force_login(a_user("carla@example.org", is_staff=True, is_superuser=True))
    return client


def test_the_page_of_a_subscriber_tells_it_in_order(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    ada = a_subscriber(ADA)
    delivery = a_delivery(ada, state=State.FAILED, last_error="550 no such user")
    for number in range(5):
        MailEvent.objects.create(
            provider="dsn", event_id=str(number), kind="hard bounce", delivery=delivery
        )
    Suppression.objects.add(ADA, REASONS.HARD_BOUNCE)
    page = f"/admin/subscriptions/subscriber/{ada.pk}/change/"
    desk.get(page)  # Django remembers the content types
    with django_assert_max_num_queries(13):
        text = desk.get(page).text
    parts = ["No digest yet: the address bounced hard", "Confirmed", "All papers, daily"]
    parts += ["550 no such user", "dsn", "hard bounce. Ends digests and account mail"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    theirs = f"/admin/subscriptions/delivery/?subscriber__id__exact={ada.pk}"
    assert theirs in text and desk.get(theirs).status_code == 200
    assert desk.post(WHY, {"address": " Ada@Example.org"})["Location"] == page
    desk.post(WHY, {"address": ADA, "lift": ADA})
    assert "is suppressed" not in desk.get(page).text


def test_an_address_or_a_domain_of_no_subscriber_is_suppressed_looked_up_and_undone(
    desk: Client,
) -> None:
    add = "/admin/subscriptions/suppression/add/"
    answers = {"target": "Gone.example", "scope": "all", "note": "a spam trap"}
    assert "This field is required" in desk.post(add, answers | {"note": ""}).text
    assert "neither an address nor a domain" in desk.post(add, answers | {"target": "gone"}).text
    assert not Suppression.objects.exists()
    text = desk.post(add, answers, follow=True).text
    assert "Subscribers with an address at gone.example: 0." in text
    found = desk.post(WHY, {"address": "eve@gone.example"}).text
    assert "No such subscriber: eve@gone.example; on " in found
    assert "every address at gone.example is suppressed" in found and "a spam trap" in found
    found = desk.post(WHY, {"address": "eve@gone.example", "lift": "@gone.example"}).text
    assert "mail may be sent" in found and not Suppression.objects.exists()


def test_never_write_again_asks_how_much_and_why(desk: Client) -> None:
    ada, ben = a_subscriber(ADA), a_subscriber("ben@example.org")
    url = "/admin/subscriptions/subscriber/"
    data = {"action": "suppress", "_selected_action": [ada.pk, ben.pk]}
    assert "What ends" in desk.post(url, data).text
    assert "This field is required" in desk.post(url, data | {"scope": "bulk", "note": ""}).text
    assert not Suppression.objects.exists()
    desk.post(url, data | {"scope": "bulk", "note": "they wrote to us"})
    rows = Suppression.objects.values_list("scope", "note", "reason")
    assert list(rows) == [("bulk", "they wrote to us", "curator")] * 2


# --- A suppressed domain ---


@pytest.mark.django_db
def test_a_suppressed_domain_gets_no_digest_and_no_confirmation() -> None:
    a_paper()
    for address in (ADA, "ben@sub.example.org", "eve@example.com"):
        a_delivery(a_subscriber(address))
    Suppression.objects.add("@example.org", REASONS.CURATOR, SCOPES.BULK)
    assert run.run(FRIDAY_8AM) == {"suppressed": 1, "sent": 2}
    assert {message.to[0] for message in mail.outbox} == {"ben@sub.example.org", "eve@example.com"}
    mail.outbox.clear()
    for address in ("new@example.org", "new@example.com"):
        pk = opt_in.request(address, an_order_request(), FRIDAY_8AM)
        opt_in.send_link(pk, FRIDAY_8AM + timedelta(seconds=1))
    assert [message.to for message in mail.outbox] == [["new@example.com"]]


@pytest.mark.django_db
def test_the_wider_scope_and_the_gravest_reason_are_kept() -> None:
    add = Suppression.objects.add
    add(ADA, REASONS.COMPLAINT)
    add(ADA, REASONS.CURATOR, SCOPES.BULK, "first words")
    row = add(ADA, REASONS.HARD_BOUNCE)
    assert (row.reason, row.scope, row.note) == ("hard bounce", "all", "first words")
    row = add(ADA, REASONS.CURATOR, SCOPES.BULK, "second words")
    assert (row.reason, row.scope, row.note) == ("hard bounce", "all", "second words")
