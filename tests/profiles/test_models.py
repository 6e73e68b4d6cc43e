"""A claim to be an author: proven, decided once, after an appeal once more; and personal data."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from profiles.models import Claim
from subscriptions import personal_data
from tests.factories import a_user

pytestmark = pytest.mark.django_db
State = Claim.State


def a_claim(reader: User, author: str = "Łukasz Młynarz", **fields: str) -> Claim:
    claim = Claim(reader=reader, author=author, evidence=Claim.Evidence.EMAIL, **fields)
    claim.save()
    return claim


def test_a_claim_is_decided_when_it_is_proven(ada: User, ben: User) -> None:
    claim = a_claim(ada, address="ada@moss.example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        claim.decide(State.ACCEPTED, "", ben)
    claim.prove()
    assert [row.domain for row in Claim.objects.to_decide()] == ["moss.example.org"]
    Claim.objects.get().decide(State.ACCEPTED, "The lab knows her.", ben)
    assert Claim.objects.of_author("lukasz mlynarz").accepted().get().reader == ada
    assert not Claim.objects.of_author("Lukas Mlynarz").exists()


def test_a_refused_claim_is_appealed_once(ada: User, ben: User) -> None:
    claim = a_claim(ada)
    claim.prove()
    assert not claim.lodge_appeal("Too early")
    claim.refresh_from_db()
    claim.decide(State.REFUSED, "Another person", ben)
    assert claim.may_be_appealed and claim.lodge_appeal("It is me")
    claim.refresh_from_db()
    assert (claim.state, claim.appeal) == (State.WAITING, "It is me")
    claim.decide(State.REFUSED, "Still another person", ben)
    assert not claim.may_be_appealed and not claim.lodge_appeal("Again")


def test_a_reader_claims_a_name_once(ada: User) -> None:
    a_claim(ada)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_claim(ada, "lukasz mlynarz")


def test_pages_are_drawn_anew_after_a_claim_and_a_change_of_what_is_shown(ada: User) -> None:
    def version() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT last_value FROM papers_changes")
            return int(cursor.fetchone()[0])

    before = version()
    a_claim(ada)
    assert version() > before
    before = version()
    User.objects.filter(pk=ada.pk).update(shows_upvotes=True)
    assert version() > before
    before = version()
    User.objects.filter(pk=ada.pk).update(visited_at=None)
    assert version() == before


def test_claims_and_switches_are_exported_and_end_with_the_account() -> None:
    reader = a_user(shows_orcid=True)
    a_claim(reader, address="ada@moss.example.org")
    exported = personal_data.export_account(reader)
    assert exported["account"]["shows_orcid"] and not exported["account"]["shows_upvotes"]
    (claim,) = exported["claims"]
    assert (claim["author"], claim["address"]) == ("Łukasz Młynarz", "ada@moss.example.org")
    personal_data.erase_account(reader)
    assert not Claim.objects.exists()
