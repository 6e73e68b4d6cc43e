"""Names the network of an address by a keyed hash, from which the address cannot be found."""

from ipaddress import ip_address, ip_network

from django.utils.crypto import salted_hmac

PREFIX_BITS = {4: 24, 6: 48}  # what a provider usually gives to one site, by version of IP


def network_hash(address: str) -> str:
    """32 hexadecimal digits, the same for all addresses of one prefix; keyed by SECRET_KEY."""
    bits = PREFIX_BITS[ip_address(address).version]
    network = ip_network(f"{address.partition('%')[0]}/{bits}", strict=False)
    return salted_hmac("accounts.networks", str(network), algorithm="sha256").hexdigest()[:32]
