"""Parts of pages that other apps draw: what has nothing to show leaves the page as it was."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory

from tests.factories import a_paper


@pytest.mark.parametrize("place", ["row", "folded"])
def test_parts_with_nothing_to_show_leave_not_even_spaces(db: None, rf: RequestFactory, place):
    request = rf.get("/")
    paper = a_paper()
    drawn = Template("{% load page_parts %}{% page_parts place %}").render(
        Context({"request": request, "user": AnonymousUser(), "paper": paper, "place": place})
    )

    assert drawn == ""
