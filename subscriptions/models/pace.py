"""How fast mail leaves, over all workers together: in all, and to each domain."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, models

ALL = ""  # the pace of everything, whatever the domain


class PaceQuerySet(models.QuerySet["Pace"]):
    def too_fast(self) -> list[str]:
        """Domains that may get none at this moment; `ALL` among them means nobody may."""
        if not is_limited():
            return []
        now = _now()
        return [pace.domain for pace in self.all() if not pace.room(now)]

    def take(self, wanted: Iterable[str]) -> Counter[str]:
        """Of these domains, named once for each mail, how many mails may go to each now.

        What is granted is used up. Inside a transaction: the rows stay locked until its end.
        """
        asked = Counter(wanted)
        if not asked or not is_limited():
            return asked
        names = {name for name in [ALL, *asked] if rate_of(name)}
        self.bulk_create(
            [
                Pace(domain=name, next_at=datetime(1970, 1, 1).astimezone())
                for name in sorted(names)
            ],
            ignore_conflicts=True,
        )
        rows = self.filter(domain__in=names).select_for_update().order_by("domain")
        paces, now = {pace.domain: pace for pace in rows}, _now()
        left = paces[ALL].room(now) if ALL in paces else asked.total()
        granted: Counter[str] = Counter()
        for name, number in asked.items():
            room = paces[name].room(now) if name in paces else number
            granted[name] = min(number, room, left)
            left -= granted[name]
        for name, pace in paces.items():
            pace.use(granted.total() if name == ALL else granted[name], now)
        self.bulk_update(paces.values(), ["next_at"])
        return granted


class Pace(models.Model):
    """At `next_at` the next mail would leave if all went evenly; it may leave a little earlier."""

    domain = models.CharField(max_length=255, unique=True)
    next_at = models.DateTimeField()

    objects = PaceQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.domain or 'all mail'}: {rate_of(self.domain)} a second"

    @property
    def _burst(self) -> timedelta:
        """A second's worth, or the one mail of a longer time."""
        return timedelta(seconds=max(1.0, 1 / rate_of(self.domain)))

    def room(self, now: datetime) -> int:
        rate = rate_of(self.domain)
        if not rate:  # no limit any more
            return 1_000_000
        ahead = max(self.next_at, now) - now
        return max(0, int((self._burst - ahead).total_seconds() * rate + 1e-6))

    def use(self, number: int, now: datetime) -> None:
        if rate := rate_of(self.domain):
            self.next_at = max(self.next_at, now) + timedelta(seconds=number / rate)


def rate_of(domain: str) -> float:
    """Mails per second; 0 is no limit."""
    if domain == ALL:
        return float(settings.MAIL_RATE)
    rates: Mapping[str, float] = settings.MAIL_DOMAIN_RATES
    return rates.get(domain, rates.get("*", 0.0))


def is_limited() -> bool:
    return bool(settings.MAIL_RATE or settings.MAIL_DOMAIN_RATES)


def _now() -> datetime:
    """One clock for all workers, and what time it is, whatever `send_digests --at` says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
