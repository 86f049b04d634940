"""Where a request comes from, when proxies stand in between.

Every proxy adds the address it was called from at the end of `X-Forwarded-For`; what stands before that is only what
the client claims. So the list is read from its end, and only as far as the proxies in it are ours.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

_HOST: Final = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Origin(NamedTuple):
    """Who called, and whether a proxy of ours says so: only then its other headers count."""

    address: str
    is_proxied: bool

    @property
    def bucket(self) -> str:
        """What requests are counted by: who has one address of an IPv6 network has all of them."""
        parsed = _parsed(self.address)
        return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed and parsed.version == 6 else self.address


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return networks from their texts; raise ValueError for what is none."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def contains(known: Sequence[Network], address: str) -> bool:
    """Tell whether an address is in one of the networks."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in known)


def origin(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> Origin:
    """Return where a request comes from, by the address at the other end and the header that proxies write."""
    if not contains(trusted, peer):
        return Origin(peer, is_proxied=False)
    address = peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        parsed = _parsed(hop)
        if parsed is None:
            break
        address = str(parsed)
        if not contains(trusted, address):
            break
    return Origin(address, is_proxied=True)


def base_url(environ: Mapping[str, str], configured: str | None, origin_: Origin) -> str:
    """Return where the client found us, without a slash at the end: as configured, or as it and a proxy of ours say."""
    if configured is not None:
        return configured.rstrip("/")
    scheme = environ.get("wsgi.url_scheme", "http")
    host = environ.get("HTTP_HOST") or f"{environ.get('SERVER_NAME')}:{environ.get('SERVER_PORT')}"
    if origin_.is_proxied:
        scheme = _last(environ.get("HTTP_X_FORWARDED_PROTO", "")) or scheme
        told = _last(environ.get("HTTP_X_FORWARDED_HOST", ""))
        host = told if host_name(told) else host
    return f"{scheme if scheme in ('http', 'https') else 'http'}://{host}"


def host_name(host: str) -> str | None:
    """Return the name or address in a Host header, in small letters and without its port; None for what is none."""
    match = _HOST.fullmatch(host)
    return match[1].lower() if match else None


def _last(header: str) -> str:
    return header.rpartition(",")[2].strip()


def _parsed(text: str) -> Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]  # IPv4 with a port, as some proxies write it
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
