"""Which addresses are public: the deny list of the default fetcher.

IPv4 by the IANA special-purpose registry (RFC 6890), as Mastodon's ``private_address_check``; IPv6 only
2000::/3, less what the registry reserves there. An IPv4-mapped address is judged by its IPv4 address.
"""

from __future__ import annotations

import ipaddress

_DENIED_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_DENIED_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/32",  # Teredo carries an IPv4 address
        "2001:10::/28",
        "2001:20::/28",
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "3fff::/20",
    )
)


def is_public(text: str) -> bool:
    """True when a server of the open network may have this address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            if address.scope_id is not None or address not in _GLOBAL_V6:
                return False
            return not any(address in network for network in _DENIED_V6)
        address = address.ipv4_mapped
    return not any(address in network for network in _DENIED_V4)


def is_loopback(text: str) -> bool:
    """True for an address of this machine."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
