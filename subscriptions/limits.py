"""Every lease and interval of mail: each a setting, so that a test can shorten it."""

from datetime import timedelta

from django.conf import settings

DEFAULTS = {
    "MAIL_CLAIM_SECONDS": 120.0,  # a worker that died while composing; nothing was on the wire
    "MAIL_SENDING_SECONDS": 300.0,  # longer than the slowest exchange with a relay can take
    "MAIL_DOT_SECONDS": 120.0,  # for the reply after the final dot: impatience would double mail
    "MAIL_RETRY_SECONDS": 300.0,  # the first wait after a 4xx; each later one is twice as long
    "MAIL_STALE_SECONDS": 86_400.0,  # a digest later than this is not sent at all
    "MAIL_RUN_SECONDS": 55.0,  # how long one task sends; the next sweep rings for the rest
    "CONFIRMATION_PAUSE_SECONDS": 180.0,  # at most one confirmation mail to an address in this time
    "CONFIRMATION_LIFE_SECONDS": 7 * 86_400.0,  # then the link is dead and the address forgotten
}


def limit(name: str) -> timedelta:
    return timedelta(seconds=getattr(settings, name, DEFAULTS[name]))
