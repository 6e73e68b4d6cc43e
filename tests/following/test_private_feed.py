"""The private feed of a reader: at a secret address, kept by nobody, ended by its reader."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from following.models import Follow, Mute, PrivateFeed
from papers.models import PaperSearch
from tests.factories import a_paper, a_voter

pytestmark = pytest.mark.django_db


def test_a_private_feed_has_the_followed_papers_until_its_address_is_renewed(
    client: Client, ada: User
) -> None:
    for title in ("On moss", "A survey of moss"):
        paper = a_paper(title, authors=["Cy Reed"], listed_on=timezone.localdate())
        PaperSearch.objects.create(paper=paper, title=title, author_names=["cy reed"])
    Follow.objects.add(ada, what="author", words="Cy Reed")
    Mute.objects.add(ada, what="word", words="survey")
    client.force_login(a_voter(ada))
    assert "Make an address" in client.get("/me/follows").content.decode()
    client.post("/me/follows/feeds/followed/renew")
    token = PrivateFeed.objects.get().token
    assert f"/feeds/private/{token}.atom" in client.get("/me/follows").content.decode()

    stranger = Client()
    for form in ("atom", "rss", "json"):
        feed = stranger.get(f"/feeds/private/{token}.{form}")
        assert "On moss" in feed.content.decode()
        assert "A survey" not in feed.content.decode()
        assert "1 muted" in feed.content.decode()
        assert feed["X-Robots-Tag"] == "noindex"
        assert feed["Cache-Control"] == "private, max-age=0, must-revalidate"
        assert not hasattr(feed, "is_public")  # the cache of public pages passes it over
    assert len(json.loads(feed.content)["items"]) == 1
    again = stranger.get(f"/feeds/private/{token}.json", headers={"If-None-Match": feed["ETag"]})
    assert again.status_code == 304

    client.post("/me/follows/feeds/followed/renew")
    new = PrivateFeed.objects.get().token
    assert stranger.get(f"/feeds/private/{token}.atom").status_code == 404
    assert stranger.get(f"/feeds/private/{new}.atom").status_code == 200
    for _ in range(2):
        client.post("/me/follows/feeds/followed/revoke")
    gone = stranger.get(f"/feeds/private/{new}.atom")
    assert gone.status_code == 404
    assert gone["X-Robots-Tag"] == "noindex"
    assert client.post("/me/follows/feeds/nothing/renew").status_code == 404
