"""How much one client may ask of the API, counted in the shared cache."""

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
    seconds: int  # a window that begins at full multiples of this


EVERYTHING = Policy("api", 500, 300)
SEARCH = Policy("search", 100, 300)  # the database works harder for these


@dataclass(frozen=True)
class Usage:
    """Where a client stands: how many more requests, and when the window ends."""

    policy: Policy
    left: int
    seconds: int

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
    """This request, counted; None while the cache is down: then there is no limit."""
    window, gone = divmod(int(time.time()), policy.seconds)
    key = f"limit:{policy.name}:{_client(request)}:{window}"
    if cache.add(key, 0, policy.seconds) is None:
        return None
    try:
        used = cache.incr(key)
    except ValueError:  # the cache lost it this very moment
        return None
    return None if used is None else Usage(policy, policy.requests - used, policy.seconds - gone)


def _client(request: HttpRequest) -> str:
    """Its address, as allauth finds it behind the proxies that are trusted."""
    try:
        address = ip_address(get_adapter().get_client_ip(request))
    except (ImproperlyConfigured, PermissionDenied):  # it came by another way than through them
        return "unknown"
    # Whoever has one address of version 6 has all of its /64.
    return str(ip_network(f"{address}/64", strict=False) if address.version == 6 else address)
