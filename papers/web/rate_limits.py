"""Rate limits by client address, counted in the shared cache: for the API and other apps' forms."""

import time
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest


@dataclass(frozen=True)
class Policy:
    name: str
    requests: int
    seconds: int  # length of the window; windows start at multiples of it (Unix time)


EVERYTHING = Policy("api", 500, 300)
SEARCH = Policy("search", 100, 300)  # the database works harder for these
PRIVATE = Policy("private", 300, 300)  # what a reader's programs read and write with a token


@dataclass(frozen=True)
class Usage:
    """How much of a policy a client has used, with the RateLimit headers of the IETF draft."""

    policy: Policy
    left: int  # requests; negative when exceeded
    seconds: int  # until the window ends

    @property
    def exceeded(self) -> bool:
        return self.left < 0

    @property
    def headers(self) -> dict[str, str]:
        policy, left = self.policy, max(0, self.left)
        return {
            "RateLimit": f'"{policy.name}";r={left};t={self.seconds}',
            "RateLimit-Policy": f'"{policy.name}";q={policy.requests};w={policy.seconds}',
        }


def count_request(request: HttpRequest, policy: Policy) -> Usage | None:
    """Count this request; None where its count expired in this moment.

    While the cache is down each web process counts for itself: see site_web.fallback_cache.
    """
    window, elapsed = divmod(int(time.time()), policy.seconds)
    key = f"limit:{policy.name}:{_client(request)}:{window}"
    cache.add(key, 0, policy.seconds)
    try:
        used = cache.incr(key)
    except ValueError:
        return None
    return Usage(policy, policy.requests - used, policy.seconds - elapsed)


def _client(request: HttpRequest) -> str:
    """The client's IP address, as allauth finds it behind the trusted proxies."""
    try:
        address = ip_address(get_adapter().get_client_ip(request))
    except (ImproperlyConfigured, PermissionDenied):  # the request did not come through them
        return "unknown"
    # A client with one IPv6 address usually has the whole /64.
    return str(ip_network(f"{address}/64", strict=False) if address.version == 6 else address)
