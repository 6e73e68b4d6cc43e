"""Whatever readers write into lists and notes stays text."""

import pytest
from django.test import Client

from accounts.models import User
from library.models import Note, ReadingList
from tests.factories import a_paper, a_voter
from tests.hostile import HOSTILE
from tests.papers.test_hostile_words import FORBIDDEN, Page

pytestmark = [pytest.mark.django_db, pytest.mark.sweep]


def test_no_list_and_no_note_becomes_markup(client: Client, ada: User) -> None:
    client.force_login(a_voter(ada))
    paper = a_paper()
    lists = [
        ReadingList.objects.create(owner=ada, title=words[:120], description=words, is_public=True)
        for words in (words.replace("\0", "") or "moss" for words in HOSTILE)
    ]

    # The first two pages have all of them, the others one each.
    some = lists[::20]
    addresses = [paper.get_absolute_url(), "/me/lists", *(own.get_absolute_url() for own in some)]
    for number, address in enumerate(addresses):
        Note.objects.write(ada, paper, some[number % len(some)].description)
        page = Page.of(client.get(address).content.decode())
        assert page.handlers == [], address
        assert page.tags & FORBIDDEN == set(), address
        assert page.scripts[:2] == ["site", "saves"] and len(page.scripts) <= 4, address
