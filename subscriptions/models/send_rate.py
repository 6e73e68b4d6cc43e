"""Sending rates, shared by all workers: of all mail together and of each domain."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models

ALL_DOMAINS = ""  # the name of the row that limits all mail together
UNLIMITED = 1_000_000


class PaceQuerySet(models.QuerySet["Pace"]):
    def domains_at_limit(self) -> list[str]:
        """Domains that may get no mail now; with `ALL_DOMAINS` among them, none may."""
        if not is_limited():
            return []
        now = _database_now()
        return [pace.domain for pace in self.all() if not pace.room(now)]

    def take(self, wanted: Iterable[str]) -> Counter[str]:
        """How many mails may go to each domain now; `wanted` has a domain once for each mail.

        What is granted counts as sent. Call it in a transaction: the rows stay locked to its end.
        """
        requested = Counter(wanted)
        if not requested or not is_limited():
            return requested
        names = {name for name in [ALL_DOMAINS, *requested] if rate_of(name)}
        self.bulk_create(
            [
                Pace(domain=name, next_at=datetime(1970, 1, 1).astimezone())
                for name in sorted(names)
            ],
            ignore_conflicts=True,
        )
        rows = self.filter(domain__in=names).select_for_update().order_by("domain")
        paces, now = {pace.domain: pace for pace in rows}, _database_now()
        left = paces[ALL_DOMAINS].room(now) if ALL_DOMAINS in paces else requested.total()
        granted: Counter[str] = Counter()
        for name, number in requested.items():
            room = paces[name].room(now) if name in paces else number
            granted[name] = min(number, room, left)
            left -= granted[name]
        for name, pace in paces.items():
            pace.use(granted.total() if name == ALL_DOMAINS else granted[name], now)
        self.bulk_update(paces.values(), ["next_at"])
        return granted


class Pace(models.Model):
    """A leaky bucket: `next_at` is when the next mail would leave if all left evenly.

    It may leave up to `_burst` earlier.
    """

    domain = models.CharField(max_length=255, unique=True)
    next_at = models.DateTimeField()

    objects = PaceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.domain or 'all mail'}: {rate_of(self.domain)} a second"

    @property
    def _burst(self) -> timedelta:
        """The mails of one second, or one mail where the rate is less than one a second."""
        return timedelta(seconds=max(1.0, 1 / rate_of(self.domain)))

    def room(self, now: datetime) -> int:
        """How many mails may leave now."""
        rate = rate_of(self.domain)
        if not rate:  # no limit any more
            return UNLIMITED
        ahead = max(self._next_at(now), now) - now
        return max(0, int((self._burst - ahead).total_seconds() * rate + 1e-6))

    def use(self, number: int, now: datetime) -> None:
        if rate := rate_of(self.domain):
            self.next_at = max(self._next_at(now), now) + timedelta(seconds=number / rate)

    def _next_at(self, now: datetime) -> datetime:
        """Where it is further ahead than a burst, the clock had jumped or the rate was lower."""
        return self.next_at if self.next_at <= now + 2 * self._burst else now


def rate_of(domain: str) -> float:
    """Mails per second; 0 is no limit."""
    if domain == ALL_DOMAINS:
        return float(settings.MAIL_RATE)
    rates: Mapping[str, float] = settings.MAIL_DOMAIN_RATES
    return rates.get(domain, rates.get("*", 0.0))


def is_limited() -> bool:
    return bool(settings.MAIL_RATE or settings.MAIL_DOMAIN_RATES)


def _database_now() -> datetime:
    """One clock for all workers: the actual time, whatever `send_digests --at` says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
