"""A ring of accounts is found and nothing else; a curator decides, and can decide again."""

from datetime import timedelta

import numpy as np
import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.networks import network_hash
from benchmarks import rings as planted_rings
from papers import ring_search
from papers.curation import votes as curation
from papers.curation.undo import undo
from papers.models import CuratorAction, Paper, ScheduledRun, Upvote, VoteRing
from papers.vote_rings import Vote, find_rings
from tests.factories import a_paper, a_user
from tests.papers.counters import drift

RINGS = "/admin/papers/votering/"
NOW = timezone.now()


# --- The statistics ---


@pytest.mark.slow
def test_planted_ring_of_twelve_is_found_whole_among_ten_thousand_votes_and_nothing_else() -> None:
    popularity = np.random.default_rng(0).lognormal(size=8_000)
    votes, ring = planted_rings.plant(np.random.default_rng(1), popularity)

    (found,) = find_rings(votes)

    assert set(found.accounts) == ring
    assert found.common > 8 and found.expected < 1
    assert not find_rings([vote for vote in votes if vote.account not in ring])


def test_what_everybody_likes_and_weeks_of_many_readers_make_no_ring() -> None:
    everybody = [Vote(account, paper, 0) for account in range(40) for paper in range(8)]
    rng = np.random.default_rng(2)
    others = {
        Vote(account, int(paper), int(paper) // 50)
        for account in range(100, 300)
        for paper in rng.choice(400, 10, replace=False)
    }

    assert find_rings([*everybody]) == []
    assert find_rings([*others]) == []
    assert find_rings([]) == []
    assert find_rings([Vote(account, 1, 0) for account in range(501)]) == []


def test_three_papers_in_common_are_enough_for_new_accounts_of_one_network() -> None:
    rng = np.random.default_rng(3)
    honest = {
        Vote(account, int(paper), 0)
        for account in range(100, 400)
        for paper in rng.choice(400, 8, replace=False)
    }
    fresh = {Vote(account, paper, 0) for account in range(4) for paper in (7, 70, 170)}
    votes = sorted(honest | fresh)

    assert find_rings(votes) == []
    (ring,) = find_rings(votes, dict.fromkeys(range(4), "one"))
    assert (ring.accounts, ring.in_network) == ((0, 1, 2, 3), True)
    assert {7, 70, 170} == set(ring.papers)


# --- From the nightly search to the decision ---


@pytest.fixture
def carla(db: None) -> User:
    """She curates."""
    return a_user("carla@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def ring(carla: User) -> list[User]:
    """Five accounts with seven papers in common, beside readers with little in common."""
    papers = [a_paper() for _ in range(60)]
    rng = np.random.default_rng(4)
    readers = [(a_user(), rng.choice(60, 6, replace=False)) for _ in range(40)]
    accounts = [a_user() for _ in range(5)]
    cast = readers + [(account, range(7)) for account in accounts]
    Upvote.objects.bulk_create(
        Upvote(user=user, paper=papers[number]) for user, numbers in cast for number in numbers
    )
    return accounts


@pytest.mark.slow
def test_ring_is_proposed_voided_undone_and_dismissed(carla: User, ring: list[User]) -> None:
    client = Client()
    client.force_login(carla)
    votes_before = dict(Paper.objects.values_list("pk", "votes"))

    ring_search.run(NOW)
    assert not ring_search.has_work(NOW + timedelta(minutes=1))
    proposal = VoteRing.objects.get()
    assert set(proposal.accounts.all()) == set(ring)
    assert dict(Paper.objects.values_list("pk", "votes")) == votes_before
    shown = client.get(RINGS).text
    assert "The vote counters of all papers agree with their votes." in shown
    page = client.get(f"{RINGS}{proposal.pk}/change/").text
    assert ring[0].email in page and f"/papers/{proposal.papers[0]}" in page

    def act(name: str) -> None:
        chosen = {"action": name, "_selected_action": [proposal.pk]}
        assert client.post(RINGS, chosen, follow=True).status_code == 200
        proposal.refresh_from_db()

    act("accept")
    assert proposal.state == VoteRing.State.ACCEPTED and proposal.decided_by == carla
    voided = Upvote.objects.exclude(voided_at=None)
    assert {vote.user for vote in voided} == set(ring)
    assert set(voided.values_list("voided_why", flat=True)) == {curation.WHY_OF_RING}
    entries = CuratorAction.objects.public()
    assert {entry.about for entry in entries} == {"vote"}
    assert {entry.about_key for entry in entries} <= set(proposal.papers)
    logged = "".join(f"{entry}{entry.details}{entry.why}" for entry in entries)
    assert "5 votes" in logged and "@" not in logged
    ring_search.propose(NOW)  # what is void counts no more
    assert VoteRing.objects.count() == 1 and not drift()

    act("decide_again")
    assert proposal.state == VoteRing.State.OPEN
    assert dict(Paper.objects.values_list("pk", "votes")) == votes_before
    assert not CuratorAction.objects.standing().exists()
    ring_search.propose(NOW)
    assert VoteRing.objects.count() == 1  # the open row has the new evidence

    act("dismiss")
    act("accept")  # it is decided: nothing happens
    ring_search.propose(NOW)
    assert VoteRing.objects.get().state == VoteRing.State.DISMISSED
    assert dict(Paper.objects.values_list("pk", "votes")) == votes_before and not drift()
    decisions = LogEntry.objects.filter(content_type__model="votering").order_by("pk")
    assert [entry.get_change_message() for entry in decisions] == [
        *("Votes voided", "Decision undone", "Dismissed")
    ]


def test_acceptance_is_undone_from_the_log_also_after_a_merge(
    carla: User, ring: list[User]
) -> None:
    ring_search.run(NOW)
    proposal = VoteRing.objects.get()
    curation.accept(proposal, carla)
    proposal.refresh_from_db()
    assert proposal.batch
    Paper.objects.filter(key=proposal.papers[0]).update(key="2503.99999")

    undo(proposal.batch, carla)

    proposal.refresh_from_db()
    assert proposal.state == VoteRing.State.OPEN
    assert not Upvote.objects.exclude(voided_at=None).exists() and not drift()


def test_wrong_counters_are_logged_and_shown(carla: User, caplog: pytest.LogCaptureFixture) -> None:
    paper = a_paper()
    Paper.objects.filter(pk=paper.pk).update(votes=3)
    ScheduledRun.objects.plan(ring_search.NAME, NOW)
    client = Client()
    client.force_login(carla)

    ring_search.run(NOW)

    assert f"Vote counters differ from the votes of papers: {paper.key}" in caplog.text
    assert "are not what their votes say" in client.get(RINGS).text


# --- Networks ---


@pytest.mark.django_db
def test_network_of_a_sign_up_is_kept_as_a_hash_for_thirty_days(client: Client) -> None:
    form = {"email": "new@example.org", "password1": "moss-on-the-roof"}
    client.post("/accounts/signup/", form, REMOTE_ADDR="192.0.2.77")

    user = User.objects.get()
    assert User.objects.networks() == {user.pk: network_hash("192.0.2.1")}
    assert User.objects.forget_networks(NOW + timedelta(days=29)) == 0
    assert User.objects.forget_networks(NOW + timedelta(days=31)) == 1
    assert User.objects.networks() == {}


def test_addresses_of_one_prefix_have_one_hash() -> None:
    assert network_hash("192.0.2.1") == network_hash("192.0.2.200") != network_hash("192.0.3.1")
    assert network_hash("2001:db8:1:2::1") == network_hash("2001:db8:1:3::9")
    assert network_hash("2001:db8:1::1") != network_hash("2001:db8:2::1")
