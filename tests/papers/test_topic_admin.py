"""A topic's page in the admin: what its rule may be, what it would catch, and who gets it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from papers.ingest import retag, upsert
from papers.models import Paper, PaperTopic, Retagging, SearchWord, Source, Topic, TopicJob
from tests.factories import MARCH_14, a_topic, a_user, an_entry


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


def test_preview_tells_what_the_typed_rule_would_catch_and_lose(desk: Client) -> None:
    topic = a_topic("lamps", categories=["cs.CL"])
    kept, lost = ingested(title="A kept lamp"), ingested(title="A lost lamp")
    new = ingested(title="A new lamp", categories=("hep-th",))
    against = ingested(title="No lamp", categories=("hep-th",))
    PaperTopic.objects.create(paper=against, topic=topic, by="curator", against=True)
    PaperTopic.objects.filter(paper=kept).update(by="curator")
    ingested(title="An old lamp", categories=("hep-th",), announced_on=MARCH_14)
    address = f"/admin/papers/topic/preview/?topic={topic.pk}"
    before = set(PaperTopic.objects.values_list("pk", "paper", "topic"))

    page = desk.post(address, form(topic, categories="hep-th", words="stone OR new"))
    refused = desk.post(address, form(topic, categories="hep-ht"))
    added = desk.post("/admin/papers/topic/preview/", form(Topic(), categories="cs.CL"))

    preview = page.context["preview"]
    assert (preview.caught, preview.new, preview.lost) == (1, 1, 1)
    assert (preview.caught_papers, preview.lost_papers) == ([new], [lost])
    assert "A lost lamp" in page.content.decode()
    assert "Did you mean hep-th?" in refused.content.decode()
    assert added.context["preview"].new == 2
    assert "preview/?topic=" in desk.get(f"/admin/papers/topic/{topic.pk}/change/").content.decode()
    topic.refresh_from_db()
    assert topic.categories == ["cs.CL"], "nothing is saved"
    assert set(PaperTopic.objects.values_list("pk", "paper", "topic")) == before


def test_preview_without_javascript_is_on_the_page_of_the_form_as_typed(desk: Client) -> None:
    topic = a_topic("lamps", categories=["cs.CL"])
    lost, new = ingested(title="A lost lamp"), ingested(title="A new lamp", categories=("hep-th",))
    page = f"/admin/papers/topic/{topic.pk}/change/"
    before = list(PaperTopic.objects.order_by("pk").values("paper", "topic"))
    typed = form(topic, name="Bright lamps", categories="hep-th") | {"_preview": ""}

    answer = desk.post(page, typed)
    refused = desk.post(page, typed | {"categories": "hep-ht", "name": ""})
    added = desk.post("/admin/papers/topic/add/", typed | {"slug": "bright"})

    assert 'type="submit"  name="_preview"' in desk.get(page).text
    assert answer.context["preview"].caught_papers == [new]
    assert answer.context["preview"].lost_papers == [lost]
    assert 'value="Bright lamps"' in answer.text
    assert 'value="hep-th"' in answer.text
    assert "Please correct" not in answer.text
    assert "Did you mean hep-th?</li>" in refused.text
    assert added.context["preview"].new == 1
    topic.refresh_from_db()
    assert (topic.name, topic.categories, Topic.objects.count()) == ("Lamps", ["cs.CL"], 1)
    assert list(PaperTopic.objects.order_by("pk").values("paper", "topic")) == before


@pytest.mark.slow
def test_changed_rule_tags_the_past_in_batches_that_a_killed_worker_does_not_lose(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retag, "BATCH_PAPERS", 2)
    topic, given = a_topic("lamps", categories=["cs.CL"]), a_topic("given", words="stone")
    source = Source.objects.create(name="Lab", url="http://127.0.0.1/lab")
    source.topics.add(topic)
    lost = ingested(announced_on=MARCH_14)
    by_source = upsert.upsert([an_entry()], now=timezone.now(), source=source).new[0]
    chosen, against, caught = (
        ingested(categories=(code,)) for code in ("cs.CL", "hep-th", "hep-th")
    )
    PaperTopic.objects.filter(paper=chosen).update(by="curator")
    PaperTopic.objects.create(paper=against, topic=topic, by="curator", against=True)
    PaperTopic.objects.create(paper=caught, topic=given, by="rule")  # another topic's: stays
    no_category = ingested(categories=(), title="A lamp of glass")
    PaperTopic.objects.create(paper=no_category, topic=topic, by="meaning")
    TopicJob.objects.all().delete()
    page = f"/admin/papers/topic/{topic.pk}/change/"
    rows = PaperTopic.objects.filter(topic=topic).order_by("paper")

    desk.post(page, form(topic, categories="hep-th", words="glass"))
    assert "Rule waits to be applied" in desk.get(page).content.decode()

    assert retag.run(timedelta(seconds=0)) == 0
    mark_done = Retagging.mark_done

    def die_after_four(row: Retagging, papers: list[int], now: datetime) -> None:
        mark_done(row, papers, now)
        if row.done > 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(Retagging, "mark_done", die_after_four)
    with pytest.raises(KeyboardInterrupt):
        retag.run()
    monkeypatch.undo()
    row = Retagging.objects.get()
    assert (row.done, row.total, retag.has_work()) == (4, 6, True)
    assert "Rule applied to 4 of 6 papers" in desk.get(page).content.decode()
    assert "4 of 6" in desk.get("/admin/papers/topic/").content.decode()
    assert rows.filter(paper=lost).exists(), "not yet"

    assert (retag.run(), retag.has_work()) == (2, False)
    assert list(rows.values_list("paper", "by", "against")) == [
        (by_source.pk, "source", False),
        (chosen.pk, "curator", False),
        (against.pk, "curator", True),
        (caught.pk, "rule", False),
        (no_category.pk, "rule", False),
    ]
    assert PaperTopic.objects.filter(paper=caught, topic=given).exists()
    assert list(TopicJob.objects.values_list("paper", flat=True)) == [no_category.pk]
    assert "Rule applied to 6 papers on" in desk.get(page).content.decode()

    desk.post("/admin/papers/topic/", {"action": "apply", "_selected_action": [topic.pk]})
    assert retag.run() == 6, "from the first paper on"
