"""The way of a paper, from a real feed to a mailbox. Nothing here is patched, nothing eager."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from tests.conftest import FeedServer, MailServer
from tests.running_site import Site, running_site

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
     version="2.0">
  <channel>
    <title>cs.CL updates on arXiv.org</title>
    <link>http://rss.arxiv.org/rss/cs.CL</link>
    <description>cs.CL updates on the arXiv.org e-print archive.</description>
    <pubDate>{day}</pubDate>
    {items}
  </channel>
</rss>"""
ITEM = """<item>
      <title>{title}</title>
      <link>https://arxiv.org/abs/{id}</link>
      <description>arXiv:{id}v1 Announce Type: {type} \nAbstract: {abstract}</description>
      <guid isPermaLink="false">oai:arXiv.org:{id}v1</guid>
      <category>cs.CL</category>
      <pubDate>{day}</pubDate>
      <arxiv:announce_type>{type}</arxiv:announce_type>
      <dc:creator>Ada Quill, Ben Marsh</dc:creator>
    </item>"""


def a_feed(*items: dict[str, str]) -> bytes:
    day = f"{datetime.now(UTC):%a, %d %b %Y} 00:00:00 -0500"
    drawn = (ITEM.format(**{"type": "new", "day": day} | item) for item in items)
    return FEED.format(day=day, items="\n".join(drawn)).encode()


def soon(happened: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Workers need a moment; more than a few ticks of the schedule would be a fault."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.1)


def subscribe(site: Site, mail_server: MailServer, address: str) -> None:
    reader = site.reader()
    # Midnight in UTC, so that today's issue has been due, whatever the time of this test.
    ordered = reader.submit("/subscribe", address=address, everything="on", hour="0")
    assert ordered.status_code == 200
    soon(lambda: mail_server.to(address.lower()), "the mail that asks for consent")
    yes = link_in(mail_server.to(address.lower())[0], "/confirm")
    reader.get(yes)  # as a scanner of links would
    assert not confirmed(site, address)
    reader.submit(yes)
    assert confirmed(site, address)


def confirmed(site: Site, address: str) -> bool:
    query = "SELECT confirmed_at IS NOT NULL FROM subscriptions_subscriber WHERE address = %s"
    return site.rows(query, address.lower()) == [(True,)]


def let_their_hour_come(site: Site) -> None:
    site.rows("UPDATE subscriptions_subscriber SET next_due_at = now()")


def link_in(mail: EmailMessage, pattern: str) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(rf"https?://\S*{pattern}\S*", body.get_content())
    assert found, body.get_content()
    return found[0]


@pytest.mark.processes
@pytest.mark.timeout(240)
def test_from_a_feed_to_a_mailbox(tmp_path, feed_server: FeedServer, mail_server: MailServer):
    with running_site(
        tmp_path, "--no-sources", "--no-sample", EMAIL_URL=mail_server.url, FETCH_ALLOW_PRIVATE="1"
    ) as site:
        follow_a_paper(site, feed_server, mail_server)
    assert site.process.returncode == 0


def follow_a_paper(site: Site, feed_server: FeedServer, mail_server: MailServer) -> None:
    """The whole way on a site without papers that polls this source and sends by this server."""
    feed_server.body = a_feed(
        {"id": "2611.00001", "title": "Counting Sheep &amp; Stars", "abstract": "We count."},
        {"id": "2611.00002", "title": "On $\\alpha$", "abstract": "We bound $\\alpha$."},
        {"id": "2611.00003", "title": "An old one", "abstract": "Revised.", "type": "replace"},
    )

    # A source is polled by a worker, and the day's page shows its papers.
    make = "from papers.models import Source; Source.objects.create(name='arXiv cs.CL', url=%r)"
    site.manage("shell", "-c", make % feed_server.url)
    soon(lambda: "Counting Sheep" in site.reader().get("/").text, "the first poll")
    page = site.reader().get("/").text
    assert "<math" in page, page
    assert "An old one" not in page

    # Ada signs up, proves her address, comes back to where she was, and upvotes.
    ada = site.reader()
    ada.submit("/accounts/signup/", email="ada@example.org", password1="three blind mice")
    soon(lambda: mail_server.to("ada@example.org"), "the mail to prove an address")
    ada.submit(link_in(mail_server.to("ada@example.org")[0], "confirm-email"))
    ada.submit("/accounts/login/", login="ada@example.org", password="three blind mice")
    # As an account of yesterday, whose votes rank papers at once.
    site.rows("UPDATE accounts_user SET date_joined = now() - interval '2 days'")
    voted = ada.press("/papers/2611.00001", "/papers/2611.00001/upvote")
    assert 'aria-pressed="true"' in voted.text
    assert site.rows("SELECT upvotes FROM papers_paper WHERE key = '2611.00001'") == [(1,)]

    # Ben and Cleo have no account: they ask for mail, and say yes by the mailed button. The
    # worker sends each today's digest at once, and no second one at their hour.
    mail_server.forget()
    subscribe(site, mail_server, "Ben@Example.org")
    subscribe(site, mail_server, "cleo@example.org")
    soon(lambda: len(mail_server.accepted) >= 4, "two confirmations and two digests")
    _, digest = mail_server.to("ben@example.org")
    text = digest.get_body(("plain",)).get_content()
    assert "Counting Sheep & Stars" in digest["Subject"]
    assert text.index("Counting Sheep & Stars") < text.index("On α")
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    let_their_hour_come(site)
    time.sleep(3)
    assert len(mail_server.accepted) == 4

    # One click of Ben's mail program, without cookies, ends it: the next issue is Cleo's alone.
    one_click = re.search(r"<(http[^>]+)>", digest["List-Unsubscribe"])
    stop = site.reader().session.post(
        one_click[1], {"List-Unsubscribe": "One-Click"}, allow_redirects=False, timeout=20
    )
    assert stop.status_code == 200
    mail_server.forget()
    feed_server.body = a_feed({"id": "2611.00004", "title": "News", "abstract": "Fresh."})
    site.rows("UPDATE papers_source SET next_poll_at = now()")
    soon(lambda: "News" in site.reader().get("/").text, "the second poll")
    site.rows("UPDATE subscriptions_issue SET period = '2000-01-' || lpad(id::text, 2, '0')")
    let_their_hour_come(site)
    soon(lambda: mail_server.accepted, "the next digest")
    time.sleep(3)
    ((receivers, second),) = mail_server.accepted
    text = second.get_body(("plain",)).get_content()
    assert receivers == ["cleo@example.org"]
    assert "News" in text
    assert "Counting Sheep" not in text  # no paper twice
