"""Data for the digests benchmark: subscribers who are due, their mails as bytes."""

from typing import Any

from django.db import connection
from django.utils import timezone

from papers.models import Paper, PaperTopic, Topic
from subscriptions.issues.candidates import Candidates
from subscriptions.issues.digests import select_papers
from subscriptions.models import Delivery, Issue, Subscriber, Subscription
from subscriptions.sending import emails

SUBSCRIBED_TOPICS = 10
PAPERS_PER_TOPIC = 30


def make_due_subscribers(count: int) -> None:
    """Replace all papers and subscribers: each new one is due now and subscribes to one topic."""
    for model in (Delivery, Issue, Subscriber, Paper):
        model.objects.all().delete()
    now = timezone.now()
    topics = list(Topic.objects.all()[:SUBSCRIBED_TOPICS])
    assert len(topics) == SUBSCRIBED_TOPICS
    _make_papers(topics)
    subscribers = Subscriber.objects.bulk_create(
        Subscriber(
            address=f"reader{number}@example{number % 7}.org",
            confirmed_at=now,
            next_due_at=now,
            hour=now.hour,
        )
        for number in range(count)
    )
    Subscription.objects.bulk_create(
        Subscription(subscriber=subscriber, what="topic", topic=topics[number % len(topics)])
        for number, subscriber in enumerate(subscribers)
    )


def _make_papers(topics: list[Topic]) -> None:
    papers = Paper.objects.bulk_create(
        Paper(
            key=f"2611.{number:05}",
            title=f"On the {number}th way of counting things that others have counted before",
            title_text=f"On the {number}th way of counting things that others have counted",
            abstract="We count, and compare our counts with those of others. " * 15,
            abstract_text="We count, and compare our counts with those of others. " * 15,
            authors=[f"Ada Quill {number}" for number in range(7)],
            listed_on=timezone.now().date(),
        )
        for number in range(PAPERS_PER_TOPIC * len(topics))
    )
    PaperTopic.objects.bulk_create(
        PaperTopic(paper=paper, topic=topics[number % len(topics)])
        for number, paper in enumerate(papers)
    )


def compose_mails() -> list[bytes]:
    """The bytes of the digest of each subscriber; leaves the database as it is."""
    day = timezone.localdate()
    issue = Issue(frequency="daily", period=str(day), first_day=day, last_day=day)
    candidates = Candidates(timezone.now())
    templates: dict[object, Any] = {}  # by topic
    mails = []
    subscriptions = Subscription.objects.select_related("subscriber", "topic")
    for number, subscription in enumerate(subscriptions, 1):
        topic = subscription.topic_id
        if topic not in templates:
            chosen = select_papers([subscription], candidates, day, set())
            sections = candidates.sections(chosen)
            templates[topic] = emails.digest_template(issue, sections, str(subscription))
        delivery = Delivery(pk=number, issue=issue, subscriber=subscription.subscriber)
        mails.append(emails.personal_digest(templates[topic], delivery).as_wire_bytes())
    return mails


def make_many_subscribers(count: int, due: int) -> None:
    """Replace all subscribers by `count`, without subscriptions, of whom `due` are due now."""
    Subscriber.objects.all().delete()
    values = {
        "address": "'reader' || n || '@example.org'",
        "mailbox": "'reader' || n || '@example.org'",
        "used_links": "'{}'",
        "time_zone": "'UTC'",
        "hour": "7",
        "confirmed_at": "now()",
        "next_due_at": f"now() + CASE WHEN n <= {due} THEN -1 ELSE n END * interval '1 hour'",
        "consent_text": "''",
        "consent_how": "''",
        "soft_bounces": "0",
        "token_version": "1",
        "created_at": "now()",
    }
    assert set(values) <= {field.column for field in Subscriber._meta.concrete_fields}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO subscriptions_subscriber ({', '.join(values)})"
            f" SELECT {', '.join(values.values())} FROM generate_series(1, {count}) AS n"
        )
        cursor.execute("VACUUM ANALYZE subscriptions_subscriber")
