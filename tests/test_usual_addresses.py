"""What browsers, phones and feed readers try by themselves is there."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status", "leads_to"),
    [
        ("/favicon.ico", 302, "/static/img/icon-192."),
        ("/apple-touch-icon.png", 302, "/static/img/icon-180."),
        ("/feed", 301, "/feeds/daily.atom"),
        ("/feed/", 301, "/feed"),
        ("/rss", 301, "/feeds/daily.rss"),
        ("/atom.xml", 301, "/feeds/daily.atom"),
    ],
)
def test_usual_address_leads_to_where_it_is_here(
    client: Client, path: str, status: int, leads_to: str
) -> None:
    response = client.get(path)

    assert response.status_code == status
    assert response["Location"].startswith(leads_to)
