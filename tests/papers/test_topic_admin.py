"""A topic's page in the admin: what its rule may be, what it would catch, and who gets it."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from papers.ingest import upsert
from papers.models import Paper, SearchWord, Topic
from tests.factories import a_topic, a_user, an_entry


@pytest.fixture
def desk(db: None) -> Client:
    client = Client()
    client.force_login(a_user("carla@example.org", is_staff=True, is_superuser=True))
    return client


def ingested(**fields: Any) -> Paper:
    today = timezone.localdate()
    return upsert.upsert([an_entry(**({"announced_on": today} | fields))], now=timezone.now()).new[
        0
    ]


def form(topic: Topic, **rule: str) -> dict[str, Any]:
    stored = {"categories": ",".join(topic.categories), "words": topic.words}
    return {"slug": topic.slug, "name": topic.name, "position": "1"} | stored | rule


def errors_of(desk: Client, topic: Topic, **rule: str) -> list[str]:
    response = desk.post(f"/admin/papers/topic/{topic.pk}/change/", form(topic, **rule))
    if response.status_code == 302:
        return []
    return [text for texts in response.context["adminform"].form.errors.values() for text in texts]


def test_rule_that_no_paper_can_meet_is_refused_with_a_proposal(desk: Client) -> None:
    topic = a_topic("lamps", categories=["typed.long-ago"])
    assert errors_of(desk, topic, words="lanturns") == [], "no paper is there to know by"
    ingested(title="Paper lanterns", categories=("cs.CL", "lab.optics"))
    SearchWord.objects.create(word="lanterns", papers=30)

    assert errors_of(desk, topic, categories="typed.long-ago,cs.CL,cs.*,lab.optics,lab.*") == []
    assert errors_of(desk, topic, categories="cs.cl,blue") == [
        "“cs.cl” is not a category of arXiv, and no paper here has it. Did you mean cs.CL?",
        "“blue” is not a category of arXiv, and no paper here has it.",
    ]
    assert errors_of(desk, topic, words='"paper lantarns"') == [
        'No paper here has these words. Did you mean "paper lanterns"?'
    ]
    assert errors_of(desk, topic, words="the of") == [
        "No paper here has these words. Check the spelling, or use fewer words."
    ]
    assert errors_of(desk, topic, words="lanterns -stone") == []
