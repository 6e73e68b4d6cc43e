"""Links from a page of papers to what other apps offer; each app registers its own.

papers must not import or name the apps above it (see the import contracts in pyproject.toml).
"""

from collections.abc import Callable, Sequence

FilterValue = str | int | Sequence[str]
_subscribe_url: Callable[[dict[str, FilterValue]], str] | None = None


def register_subscribe_link(build_url: Callable[[dict[str, FilterValue]], str]) -> None:
    """To be called by `AppConfig.ready` of the app that sends papers by mail.

    `build_url` takes filters, such as `{"topic": ["vision"], "min_votes": 3}` or
    `{"search": "graphs"}`, and returns the address of a form that proposes them.
    """
    global _subscribe_url
    _subscribe_url = build_url


def subscribe_url(**filters: FilterValue) -> str:
    """Where to subscribe to the papers that these filters select; empty where nobody offers it.

    Filters without a value are left out.
    """
    given = {name: value for name, value in filters.items() if value}
    return _subscribe_url(given) if _subscribe_url else ""
