"""Whatever readers call their interests, and the words in them, stays text."""

import pytest
from django.test import Client

from accounts.models import User
from interests.models import Interest
from tests.factories import a_voter
from tests.hostile import HOSTILE
from tests.papers.test_hostile_words import FORBIDDEN, Page

pytestmark = [pytest.mark.django_db, pytest.mark.sweep]


def test_no_interest_becomes_markup(client: Client, ada: User) -> None:
    client.force_login(a_voter(ada))
    names = dict.fromkeys((words.replace("\0", "") or "moss")[:80] for words in HOSTILE)
    made = [
        Interest.objects.create(reader=ada, name=name, added_words=[name[:60]]) for name in names
    ]

    # The first two pages have all of them, the others one each.
    own = [interest.get_absolute_url() for interest in made[::20]]
    for address in ["/me/interests", "/papers/for-you", *own]:
        page = Page.of(client.get(address).text)
        assert page.handlers == [], address
        assert page.tags & FORBIDDEN == set(), address
        assert set(page.scripts) <= {"site", "saves", "interests"}, address
