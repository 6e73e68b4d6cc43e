"""How all ids in our feeds begin: fixed once, so that they outlive a change of SITE_URL.

Feed readers know an entry by its id alone: with another id it is unread again.
"""

from datetime import UTC, date
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.encoding import punycode


class FeedIdPrefixManager(models.Manager["FeedIdPrefix"]):
    def current(self) -> str:
        """This site's; made when the first feed is read, of SITE_URL and the date."""
        prefix = tag_prefix(settings.SITE_URL, timezone.now().astimezone(UTC).date())
        row, _ = self.get_or_create(pk=1, defaults={"prefix": prefix})
        return row.prefix


class FeedIdPrefix(models.Model):
    """The only row of its table. A path of the site (`/papers/KEY`) follows it in an id.

    On a site that had papers before this table it is SITE_URL as it was then: their ids were
    addresses, and stay so.
    """

    prefix = models.TextField()

    objects = FeedIdPrefixManager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="only_one_feed_id_prefix")]

    def __str__(self) -> str:
        return self.prefix


def tag_prefix(site_url: str, day: date) -> str:
    """The beginning of a tag URI (RFC 4151): a host, and a day on which it was the site's."""
    host = punycode(urlsplit(site_url).hostname or "localhost")
    host = host.replace(":", "-").strip("-")  # an IPv6 address; a tag allows no colon there
    return f"tag:{host},{day}:"
