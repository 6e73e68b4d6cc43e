"""What curators do to papers: each action is logged, can be undone, and overwrites nobody's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from papers.curation import actions, merges, order, topics, undo
from papers.curation.changes import Conflict, versions_of
from papers.ingest import upsert
from papers.models import Alias, CuratorAction, Paper, PaperEmbedding, PaperTopic, Upvote
from tests.factories import MARCH_14, a_paper, a_topic, a_user, an_entry
from tests.papers.counters import drift

Verb = CuratorAction.Verb
TODAY = timezone.localdate()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def carla(db: None) -> User:
    """She curates."""
    return a_user("carla@example.org", is_staff=True)


@pytest.fixture
def dan(db: None) -> User:
    """He curates, too."""
    return a_user("dan@example.org", is_staff=True)


def queued(title: str = "", **fields: object) -> Paper:
    return a_paper(title, listed_on=None, listing_wanted=True, **fields)


def seen(*papers: Paper) -> dict[int, int]:
    return versions_of(papers)


def row_of(paper: Paper) -> dict[str, object]:
    """All that is stored of a paper, but its version."""
    row = Paper.objects.filter(pk=paper.pk).values().get()
    assert row.pop("curation_version") >= 0
    return row | {
        "topics": sorted(paper.papertopic_set.values_list("topic", "by", "against")),
        "aliases": sorted(paper.aliases.values_list("scheme", "value")),
        "votes cast": sorted(paper.upvote_set.values_list("user", "voided_why")),
        "words": list(paper.__class__.objects.filter(pk=paper.pk).values("found_by__search")),
    }


# --- Each action, logged and undone ---

ACTIONS = [
    (Verb.LIST, lambda papers, who: actions.list_on(papers, TODAY, who)),
    (Verb.SCHEDULE, lambda papers, who: actions.list_on(papers, TOMORROW, who)),
    (Verb.LIST, actions.list_when_announced),
    (Verb.PICK, actions.pick),
    (Verb.HIDE, lambda papers, who: actions.hide(papers, "Spam", who)),
]


@pytest.mark.parametrize(
    ("verb", "act"), ACTIONS, ids=["today", "later", "announced", "pick", "hide"]
)
def test_action_on_papers_of_the_queue_is_logged_and_undone(carla, dan, verb, act):
    papers = [queued(announced_on=MARCH_14) for _ in range(3)]
    before = [row_of(paper) for paper in papers]

    done = act(seen(*papers), carla)

    assert [row_of(paper) for paper in papers] != before
    rows = CuratorAction.objects.order_by("pk")
    assert list(rows.values_list("verb", "curator", "about_key", "is_public")) == [
        (verb, carla.pk, paper.key, True) for paper in papers
    ]
    assert len({row.batch for row in done}) == 1
    assert CuratorAction.objects.last_batch(carla) == done[0].batch

    undo.undo(done[0].batch, dan)

    assert [row_of(paper) for paper in papers] == before
    assert set(rows.values_list("undone_by", flat=True)) == {dan.pk}
    assert CuratorAction.objects.last_batch(carla) is None
    with pytest.raises(undo.NothingToUndo):
        undo.undo(done[0].batch, carla)


def test_listed_papers_go_back_are_no_longer_picks_and_are_shown_again(carla):
    paper = a_paper(listed_on=TODAY, featured=True, position=2)
    before = row_of(paper)

    for act in (actions.queue, actions.unpick, actions.show):
        Paper.objects.filter(pk=paper.pk).update(hidden_at=None, hidden_why="")
        if act is actions.show:
            paper.hide("Spam")
        act(seen(Paper.objects.get()), carla)
    assert (Paper.objects.get().listed_on, Paper.objects.get().featured) == (None, False)
    assert Paper.objects.get().position is None
    verbs = list(CuratorAction.objects.newest_first().values_list("verb", "batch"))
    assert [verb for verb, _ in verbs] == [Verb.SHOW, Verb.UNPICK, Verb.QUEUE]

    for _, batch in verbs[1:]:
        undo.undo(batch, carla)
    assert row_of(paper) == before


def test_a_paper_is_hidden_only_with_a_reason(carla):
    paper = queued()

    with pytest.raises(ValueError, match="why"):
        actions.hide(seen(paper), " ", carla)
    with pytest.raises(ValueError, match="why"):
        actions.HideReason.OTHER.with_words(" ")
    actions.hide(seen(paper), actions.HideReason.OFF_TOPIC.with_words(" a cooking  blog "), carla)

    assert Paper.objects.get().hidden_why == "Off topic: a cooking blog"
    assert CuratorAction.objects.get().why == "Off topic: a cooking blog"
    assert actions.HideReason.OTHER.with_words("A test") == "A test"


def test_a_change_of_nothing_is_not_logged(carla):
    paper = a_paper(listed_on=TODAY, listed_at=timezone.now())

    assert actions.list_on(seen(paper), TODAY, carla) == []
    assert not CuratorAction.objects.exists()


# --- Topics ---


def test_topics_set_by_hand_outlive_the_rules_and_are_undone(carla):
    language, vision, theory = (a_topic(slug) for slug in ("language", "vision", "theory"))
    papers = [queued(), queued()]
    PaperTopic.objects.create(paper=papers[0], topic=language, by="source")
    before = [row_of(paper) for paper in papers]

    done = topics.set_topics(seen(*papers), carla, add=[vision], remove=[language, theory])

    assert list(
        papers[0].papertopic_set.order_by("topic").values_list("topic", "by", "against")
    ) == [
        (language.pk, "curator", True),
        (vision.pk, "curator", False),
    ]
    assert list(papers[1].papertopic_set.values_list("topic", "by")) == [(vision.pk, "curator")]
    assert done[0].details == "+ Vision, − Language, − Theory"
    undo.undo(done[0].batch, carla)
    assert [row_of(paper) for paper in papers] == before


# --- Order ---


def order_of_today() -> str:
    papers = Paper.objects.listed(TODAY, TODAY).sorted("hot", curated=True)
    return "".join(paper.title for paper in papers)


def test_a_paper_moves_to_its_place_and_those_with_positions_make_room(carla):
    papers = {
        letter: a_paper(letter, upvotes=9 - n, listed_on=TODAY) for n, letter in enumerate("abcdef")
    }
    a_paper("elsewhere", position=3)
    steps = []

    def put(letter: str, position: int | None) -> str:
        paper = Paper.objects.get(pk=papers[letter].pk)
        steps.append((order_of_today(), order.place(seen(paper), position, carla)[0].batch))
        return order_of_today()

    assert put("f", 3) == "abfcde"
    assert put("e", 3) == "abefcd"  # f moves down
    assert put("e", 4) == "abfecd"  # f moves up
    assert put("d", 1) == "dafebc"
    assert put("f", None) == "dabecf"
    assert Paper.objects.get(title="elsewhere").position == 3
    assert CuratorAction.objects.filter(is_public=True).count() == 5

    for before, batch in reversed(steps):
        undo.undo(batch, carla)
        assert order_of_today() == before
    assert order_of_today() == "abcdef"


def test_several_papers_take_the_places_from_one_on(carla):
    papers = [a_paper(letter, upvotes=9 - n, listed_on=TODAY) for n, letter in enumerate("abcdef")]

    order.place(seen(papers[4], papers[5]), 2, carla)

    assert order_of_today() == "aefbcd"


def test_only_a_listed_paper_has_a_place_and_another_day_is_without_it(carla):
    with pytest.raises(ValueError, match="on a day"):
        order.place(seen(queued()), 1, carla)
    paper = a_paper(listed_on=TODAY)
    for position in (0, 1000):
        with pytest.raises(ValueError, match="number"):
            order.place(seen(paper), position, carla)
    order.place(seen(paper), 1, carla)

    actions.list_on(seen(Paper.objects.get(pk=paper.pk)), TOMORROW, carla)

    assert Paper.objects.get(pk=paper.pk).position is None


# --- Merging ---


def test_merge_is_undone_with_votes_names_topics_and_words(carla, ada, ben):
    kept, duplicate = upsert.upsert(
        [
            an_entry(title="Moss", announced_on=TODAY),
            an_entry(title="Moss again", arxiv_id="", doi="10.1234/moss"),
        ],
        now=timezone.now(),
    ).new
    topic = a_topic()
    PaperTopic.objects.create(paper=kept, topic=topic)
    PaperTopic.objects.create(paper=duplicate, topic=topic, by="curator", against=True)
    for reader in (ada, ben):
        duplicate.upvote(reader)
    kept.upvote(ada)
    actions.pick(seen(duplicate), carla)
    kept, duplicate = Paper.objects.order_by("pk")
    before = [row_of(kept), row_of(duplicate)]

    done = merges.merge_papers(seen(kept, duplicate), kept, carla)

    assert Paper.objects.get() == kept
    assert (Paper.objects.get().votes, Paper.objects.get().listed_on) == (2, MARCH_14)
    assert (done.about_key, done.details) == (duplicate.key, f"into {kept.key}")
    with pytest.raises(Conflict):  # of the pick: its paper is another now
        undo.undo(CuratorAction.objects.get(verb=Verb.PICK).batch, carla)

    undo.undo(done.batch, carla)

    assert [row_of(kept), row_of(duplicate)] == before
    assert not drift()
    assert not Alias.objects.filter(scheme="key").exists()
    assert CuratorAction.objects.get(verb=Verb.PICK).paper == duplicate
    assert Upvote.objects.count() == 3
    assert not PaperEmbedding.objects.exists()


# --- Two curators at once ---


def test_a_paper_that_another_changed_meanwhile_is_not_overwritten(carla, dan):
    papers = [queued(), queued()]
    old = seen(*papers)
    actions.hide(seen(papers[1]), "Spam", dan)

    with pytest.raises(Conflict) as conflict:
        actions.list_on(old, TODAY, carla)

    assert conflict.value.changed == [papers[1]]
    assert conflict.value.changed[0].hidden_why == "Spam"
    assert not Paper.objects.listed().exists()  # not the other one, either
    papers[0].delete()
    with pytest.raises(Conflict) as conflict:
        actions.pick(old, carla)
    assert conflict.value.gone == 1


def test_votes_and_sources_change_no_version(carla, ada):
    entry = an_entry()
    (paper,) = upsert.upsert([entry], now=timezone.now()).new
    versions = seen(paper)
    paper.upvote(ada)
    upsert.upsert(
        [an_entry(arxiv_id=entry.arxiv_id, title="Another title", version=2)], now=timezone.now()
    )

    actions.pick(versions, carla)

    assert Paper.objects.get().featured


def test_undo_leaves_what_others_did_and_refuses_what_they_changed_again(carla, dan):
    paper = queued()
    listed = actions.list_on(seen(paper), TODAY, carla)[0].batch
    actions.pick(seen(Paper.objects.get()), dan)
    undo.undo(listed, carla)
    assert (Paper.objects.get().listed_on, Paper.objects.get().featured) == (None, True)

    listed = actions.list_on(seen(Paper.objects.get()), TODAY, carla)[0].batch
    actions.list_on(seen(Paper.objects.get()), TOMORROW, dan)
    with pytest.raises(Conflict):
        undo.undo(listed, carla)
    assert Paper.objects.get().listed_on == TOMORROW

    Paper.objects.all().delete()
    with pytest.raises(Conflict):
        undo.undo(CuratorAction.objects.last_batch(dan), dan)
