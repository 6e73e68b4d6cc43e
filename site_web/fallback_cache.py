"""The cache: Valkey, and while it cannot be reached, a little memory of each process.

So rate limits go on counting, in each process for itself, and nobody is refused: allauth takes a
cache that keeps nothing for one that says "too many requests".
"""

import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from redis.exceptions import RedisError

RETRY_SECONDS = 5  # a cache that hangs costs one of its timeouts this often, not at each read
MAX_ENTRIES = 5_000
MAX_VALUE_BYTES = 2_000  # counts fit, pages and pictures do not
# By server, as time.monotonic(). Shared, as each thread has a cache object of its own.
_retry_at: dict[str, float] = {}


class SmallMemory(LocMemCache):
    def _set(self, key: str, value: bytes, timeout: Any = None) -> None:
        if len(value) <= MAX_VALUE_BYTES:
            super()._set(key, value, timeout)  # type: ignore[misc]


class FallbackCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._ignore_exceptions = False
        self._memory = SmallMemory("fallback", {"OPTIONS": {"MAX_ENTRIES": MAX_ENTRIES}})


def _or_in_memory(name: str) -> Callable[..., Any]:
    """This method of the cache; where the server does not answer, that of the memory."""
    in_valkey, in_memory = getattr(RedisCache, name), getattr(SmallMemory, name)

    def method(self: FallbackCache, *args: Any, **options: Any) -> Any:
        if time.monotonic() >= _retry_at.get(self._server, 0):
            try:
                return in_valkey(self, *args, **options)
            except (RedisError, OSError):
                _retry_at[self._server] = time.monotonic() + RETRY_SECONDS
        return in_memory(self._memory, *args, **options)

    return method


for _name in (
    *("get", "get_many", "set", "set_many", "add", "incr", "decr", "touch", "has_key"),
    *("delete", "delete_many", "clear"),
):
    setattr(FallbackCache, _name, _or_in_memory(_name))
