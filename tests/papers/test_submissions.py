"""The life of a submission: accepted once, listed or refused as its paper is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from papers.curation import actions
from papers.curation.changes import versions_of
from papers.ingest.listing_day import ListingRule
from papers.ingest.upsert import upsert
from papers.models import CuratorAction, Paper, Submission, Tombstone, Topic
from papers.models.merging import merge
from papers.sources import Entry
from papers.submissions.accept import MAX_PER_DAY, AlreadyHere, Refused, accept
from papers.submissions.known_papers import NotRecognised, find, is_blocked, read
from tests.factories import MARCH_14, a_paper, a_user, an_entry

pytestmark = pytest.mark.django_db
State = Submission.State
TODAY = timezone.localdate


def submit(reader: User, entry: Entry | None = None, **options: object) -> Submission:
    return accept(entry or an_entry(), reader, timezone.now(), **options)  # type: ignore[arg-type]


def a_curator() -> User:
    curator = a_user()
    curator.user_permissions.add(Permission.objects.get(codename="change_paper"))
    return curator


def by_hand(**fields: object) -> Entry:
    return Entry(title="On lichen", **fields)  # type: ignore[arg-type]


# --- What is accepted, and where it goes ---


def test_a_readers_paper_waits_in_the_queue_with_their_name_and_upvote(ada: User) -> None:
    ada.name = "Ada"
    submission = submit(ada, an_entry(title="On moss"), why="It is good.", mail_wanted=True)

    paper = Paper.objects.queued().get()
    assert (submission.state, submission.title, submission.why) == (
        (State.WAITING, "On moss", "It is good.")
    )
    assert (paper.submitter, paper.submitter_name, paper.votes) == (ada, "Ada", 1)
    assert Paper.objects.visible().get() == paper  # an archive has it: anybody may read it


def test_the_upvote_of_the_submitter_is_a_setting(ada: User, settings: Settings) -> None:
    settings.SUBMITTER_UPVOTES = False

    assert submit(ada).paper.votes == 0  # type: ignore[union-attr]


def test_a_trusted_readers_paper_is_on_todays_page_with_its_topics(ada: User) -> None:
    Topic.objects.create(slug="language", name="Language", categories=["cs.CL"])
    ada.is_trusted = True

    submission = submit(ada)

    assert submission.state == State.LISTED
    paper = Paper.objects.listed(TODAY(), TODAY()).get()
    assert [topic.slug for topic in paper.topics.all()] == ["language"]


def test_a_curator_chooses_the_day_and_the_log_says_so() -> None:
    curator = a_curator()
    later = TODAY() + timedelta(days=3)

    on_a_page = submit(curator, day=MARCH_14)
    scheduled = submit(curator, by_hand(), by_hand=True, day=later)

    assert on_a_page.state == State.LISTED
    assert Paper.objects.listed(MARCH_14, MARCH_14).count() == 1
    assert (scheduled.state, scheduled.scheduled_on) == (
        (State.WAITING, f"{later:%A} {later.day} {later:%B}")
    )
    assert set(CuratorAction.objects.values_list("verb", flat=True)) == {"list", "schedule"}


def test_others_cannot_choose_a_day(ada: User) -> None:
    assert submit(ada, day=MARCH_14).state == State.WAITING
    assert not Paper.objects.listed().exists()


def test_what_a_reader_described_is_read_by_nobody_until_it_is_listed(ada: User) -> None:
    ada.is_trusted = True  # with papers of archives alone

    submission = submit(ada, by_hand(abstract_url="https://moss.example.org/1"), by_hand=True)

    paper = Paper.objects.queued().get()
    assert (submission.state, Paper.objects.visible().exists()) == (State.WAITING, False)
    paper.list_on(TODAY())
    assert Paper.objects.visible().get() == Paper.objects.listed().get() == paper


def test_the_record_of_an_archive_replaces_what_a_reader_described(ada: User, ben: User) -> None:
    submit(ada, by_hand(arxiv_id="2503.00001", abstract="Short."), by_hand=True)
    assert not Paper.objects.visible().exists()

    submit(ben, an_entry(arxiv_id="2503.00001", title="On moss, in full", abstract="Longer text."))

    paper = Paper.objects.visible().get()
    assert (paper.title, paper.key, paper.submitter) == ("On moss, in full", "2503.00001", ada)
    assert [s.submitter for s in paper.submissions.order_by("pk")] == [ada, ben]
    assert paper.votes == 2


# --- What is not ---


def test_a_paper_on_a_page_is_already_here(ada: User) -> None:
    entry = an_entry()
    upsert([entry], now=timezone.now())

    with pytest.raises(AlreadyHere) as error:
        submit(ada, entry)
    assert error.value.paper.key == entry.arxiv_id
    assert not Submission.objects.exists()


def test_a_paper_of_an_archive_that_is_on_no_page_can_be_submitted(ada: User) -> None:
    entry = an_entry()
    upsert([entry], now=timezone.now(), listing=ListingRule.UNLISTED)

    assert submit(ada, entry).paper == Paper.objects.queued().get()


def test_a_description_by_hand_changes_no_paper_that_is_here(ada: User) -> None:
    upsert([an_entry(arxiv_id="2503.00001")], now=timezone.now(), listing=ListingRule.UNLISTED)

    submit(ada, by_hand(arxiv_id="2503.00001", code_url="https://bad.example.org"), by_hand=True)

    paper = Paper.objects.visible().get()
    assert (paper.title.startswith("On the number"), paper.code_url) == (True, "")


def test_hidden_and_deleted_papers_are_refused_without_a_curators_words(ada: User) -> None:
    hidden, deleted = an_entry(), an_entry()
    upsert([hidden, deleted], now=timezone.now())
    Paper.objects.get(key=hidden.arxiv_id).hide("spam, says Ben")
    Paper.objects.filter(key=deleted.arxiv_id).delete_forever("removed by ben@example.org")

    for entry in (hidden, deleted):
        with pytest.raises(Refused) as refusal:
            submit(ada, entry)
        assert "editors" in str(refusal.value)
        assert "Ben" not in str(refusal.value)
        assert "ben@" not in str(refusal.value)
    assert is_blocked(read(deleted.arxiv_id))
    assert not Submission.objects.exists()


@pytest.mark.slow
def test_the_limit_of_a_day_counts_for_readers_and_not_for_curators(ada: User) -> None:
    for _ in range(MAX_PER_DAY):
        submit(ada)
    with pytest.raises(Refused, match="10 papers today"):
        submit(ada)
    assert Paper.objects.count() == MAX_PER_DAY

    Submission.objects.update(submitted_at=timezone.now() - timedelta(days=1))
    submit(ada)
    curator = a_curator()
    for _ in range(MAX_PER_DAY + 1):
        submit(curator)


# --- At once ---


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_reader", [True, False])
def test_two_at_once_make_one_paper_and_one_submission_each(same_reader: bool) -> None:
    ada, entry = a_user(), an_entry()
    readers = [ada, ada if same_reader else a_user()]
    start = Barrier(2)

    def click(reader: User) -> int:
        try:
            start.wait(5)
            return submit(reader, entry).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(click, readers))

    assert Paper.objects.get().votes == len(set(readers))
    assert len(set(made)) == Submission.objects.count() == len(set(readers))


# --- What becomes of it ---


def test_the_state_follows_the_paper_whoever_changes_it(ada: User) -> None:
    submission = submit(ada, an_entry(title="On moss"))
    paper = submission.paper
    assert paper

    def state() -> str:
        Submission.objects.all().settle(timezone.now())
        submission.refresh_from_db()
        return f"{submission.state} {submission.reason}".strip()

    assert state() == "waiting"
    paper.list_on(TODAY() + timedelta(days=1))
    assert state() == "waiting"  # scheduled
    curator = a_curator()
    actions.list_on(versions_of([paper]), TODAY(), curator)
    assert state() == "listed"
    decided_at = submission.decided_at
    assert (state(), submission.decided_at) == ("listed", decided_at)
    paper = Paper.objects.get()
    actions.hide(versions_of([paper]), "Off topic: cooking", curator)
    assert state() == "refused Off topic: cooking"
    paper.refresh_from_db()
    paper.show()
    paper.queue()
    assert (state(), submission.decided_at) == ("waiting", None)
    kept = a_paper(listed_on=MARCH_14)
    merge(kept, paper)
    assert (state(), submission.paper) == ("listed", kept)
    Paper.objects.all().delete_forever("gone")
    assert state() == "refused The editors removed it from the site."
    assert submission.title == "On moss"
    assert Tombstone.objects.exists()


# --- What a reader pasted ---


@pytest.mark.parametrize(
    ("pasted", "name"),
    [
        ("2503.00001v2", ("arxiv", "2503.00001")),
        ("https://arxiv.org/pdf/2503.00001.pdf", ("arxiv", "2503.00001")),
        ("arXiv:hep-th/9901001", ("arxiv", "hep-th/9901001")),
        (" https://doi.org/10.5555/Moss.1. ", ("doi", "10.5555/moss.1")),
        ("https://openreview.net/pdf?id=aBcDeFgH12", ("openreview", "aBcDeFgH12")),
        ("https://Moss.example.org/1.pdf", ("link", "https://moss.example.org/1.pdf")),
        ("http://testserver/papers/p12345678", ("key", "p12345678")),
    ],
)
def test_ids_addresses_and_pdf_links_are_read_and_read_again(
    pasted: str, name: tuple[str, str], settings: Settings
) -> None:
    settings.SITE_URL = "http://testserver"
    wanted = read(pasted)

    assert wanted.name == name
    assert read(wanted.spelling).name == name
    assert find(wanted) is None
    assert wanted.page.startswith("http")


@pytest.mark.parametrize("page", ["papers/moss.html", "papers/moss", "papers/moss/"])
def test_a_pdf_link_finds_the_paper_that_is_known_by_its_page(page: str) -> None:
    upsert(
        [Entry(title="On moss", abstract_url=f"https://lab.example.org/{page}")], now=timezone.now()
    )
    assert find(read("https://lab.example.org/papers/moss.pdf")) == Paper.objects.get()
    assert find(read("https://lab.example.org/papers/fern.pdf")) is None


@pytest.mark.parametrize(
    "rubbish",
    ["", "moss", "x" * 10_000, "\x00", "javascript:alert(1)", "//", "http://", "ftp://x.org/a.pdf"]
    + ["<script>alert(1)</script>", "10.5555/a 2503.00001", "file:///etc/passwd", "http://[::1"],
)
def test_rubbish_is_refused_with_a_reason(rubbish: str) -> None:
    with pytest.raises(NotRecognised):
        read(rubbish)
