"""Which URLs and IP addresses a fetch may go to."""

import ipaddress
import re
from urllib.parse import quote, urlsplit, urlunsplit

MAX_URL_CHARS = 8_000  # arXiv's API: a query for a hundred arXiv ids needs 2,500

# Global by Python's tables, yet they lead into a private network or to the host's own services.
NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "168.63.129.16/32",  # Azure's host
        "192.0.0.0/24",  # protocol assignments, among them Oracle's metadata
        "192.88.99.0/24",  # 6to4 relays
        "64:ff9b::/96",  # NAT64: any IPv4 address in disguise
        "64:ff9b:1::/48",
        "2002::/16",  # 6to4: the same
        "3fff::/20",  # documentation
        "fec0::/10",  # site-local, given up but still routed in places
    )
)
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all that IPv6 has handed out


def is_public(ip: str) -> bool:
    """Whether an address is one of the open internet."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_UNICAST:
        return False  # with this, all that is IPv4-mapped or IPv4-compatible
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in NOT_PUBLIC)
    )


def request_url(url: str) -> str:
    """The URL as it is sent: ASCII, without fragment; ValueError for one that we do not fetch."""
    url = url.strip()
    if len(url) > MAX_URL_CHARS:
        raise ValueError(f"a URL of {len(url)} characters")
    if re.search(r"[\x00-\x1f\x7f\\]", url):
        raise ValueError("a URL with control characters or a backslash")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"not a URL: {error}") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"only http and https are fetched, not {parts.scheme or 'no scheme'!r}")
    if "@" in parts.netloc:
        raise ValueError("a URL with a user name or password in it")
    if not host or len(host) > 253:
        raise ValueError("a URL without a usable host name")
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            raise ValueError(f"{host!r} is no host name") from None
    host = f"[{host}]" if ":" in host else host
    netloc = host if port is None else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, _ascii(parts.path), _ascii(parts.query), ""))


def _ascii(text: str) -> str:
    return quote(text, safe="%/:?[]@!$&'()*+,;=~", errors="replace")
