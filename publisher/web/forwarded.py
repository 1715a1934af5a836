"""Trusted proxies: the client, scheme, host and prefix of a request, as the proxies before the server report them."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from werkzeug.http import parse_list_header, parse_options_header

from publisher.settings import Network, Settings
from publisher.web.requests import Request, is_host

IPV6_SHARE: Final = 64
"""Bits of an IPv6 address that one subscriber shares (RFC 6177): the addresses below belong to one client."""
_SCHEMES: Final = ("http", "https")
_PREFIX: Final = re.compile(r"(/[\w.~%!$&'()*+,;=:@-]+)+", re.ASCII)
_PORT: Final = re.compile(r"(?P<bracketed>\[[^\]]*\])(:\w+)?|(?P<plain>[^:]*)(:\w+)")
"""An address with a port, as some proxies write it."""


class Hop(NamedTuple):
    """What one proxy reports. client: the address of its peer. scheme, host: of the request to it. Empty if unknown."""

    client: str = ""
    scheme: str = ""
    host: str = ""


class TrustedProxies:
    """Reads forwarded header fields, and only those of trusted peers.

    The client is the right-most address that is not of a trusted proxy: those further left are what the client itself
    sent. Scheme, host and prefix are those that the outermost trusted proxy reports.

    Args:
        networks: The addresses of the proxies.
        fields: The header fields that count. A field that the proxies do not set is what a client wrote.
    """

    def __init__(self, networks: Sequence[Network], fields: str) -> None:
        self._networks = networks
        self._fields = frozenset(fields.lower().split())

    @classmethod
    def of(cls, settings: Settings) -> "TrustedProxies":
        """The proxies that the settings name. Raises CannotRunError where they name something else."""
        return cls(settings.proxies(), settings.forwarded_fields)

    def resolve(self, request: Request) -> Request:
        """The request as its client sent it; unchanged where its peer is not a trusted proxy."""
        if not self._networks or not self._trusts(request.client):
            return request
        fields = {name: request.headers.get(name, "") for name in self._fields}
        hops = _read_standard(fields["forwarded"]) if "forwarded" in fields else _read_customary(fields)
        client, outermost = request.client, Hop()
        for hop in reversed(hops):
            outermost = hop
            address = _address(hop.client)
            if not address:
                break
            client = address
            if not self._trusts(client):
                break
        prefix = fields.get("x-forwarded-prefix", "").rstrip("/")
        return request._replace(
            client=client,
            scheme=outermost.scheme.lower() if outermost.scheme.lower() in _SCHEMES else request.scheme,
            host=outermost.host if is_host(outermost.host) else request.host,
            root=prefix if _PREFIX.fullmatch(prefix) else request.root,
        )

    def part_of(self, client: str) -> str:
        """Whose part of the totals a client uses, as `fair_share`; empty for a trusted proxy, which has no client."""
        return "" if self._networks and self._trusts(client) else fair_share(client)

    def _trusts(self, client: str) -> bool:
        try:
            address = ipaddress.ip_address(client)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._networks)


@lru_cache(maxsize=1024)
def fair_share(client: str) -> str:
    """The key under which a client's queries are counted: its address, for IPv6 the network of one subscriber."""
    address = _address(client)
    if ":" not in address:
        return address or client
    return str(ipaddress.ip_network((address, IPV6_SHARE), strict=False))


def _read_standard(field: str) -> list[Hop]:
    """The hops of the header field `Forwarded` (RFC 7239, section 4)."""
    found = []
    for element in parse_list_header(field):
        _, pairs = parse_options_header(f"hop; {element}")
        found.append(Hop(pairs.get("for", "unknown"), pairs.get("proto", ""), pairs.get("host", "")))
    return found


def _read_customary(fields: Mapping[str, str]) -> list[Hop]:
    """The hops of the header fields `X-Forwarded-*`.

    Every proxy appends to `-For`. The others have as many values, or fewer where proxies pass on what they received.
    """
    clients, schemes, hosts = (
        [value.strip() for value in fields.get(f"x-forwarded-{name}", "").split(",") if value.strip()]
        for name in ("for", "proto", "host")
    )
    count = max(len(clients), 1 if schemes or hosts else 0)
    return [
        Hop(
            _pick_from_end(clients, place) if clients else "unknown",
            _pick_from_end(schemes, place),
            _pick_from_end(hosts, place),
        )
        for place in range(count, 0, -1)
    ]


def _pick_from_end(values: Sequence[str], place: int) -> str:
    """A value by its place from the end, from 1; the first one where there are fewer."""
    return values[-min(place, len(values))] if values else ""


def _address(text: str) -> str:
    """An address without brackets, port and zone, in its shortest spelling; empty where it is none."""
    found = _PORT.fullmatch(text.strip())
    plain = (found["bracketed"] or found["plain"] if found else text.strip()).strip("[]").partition("%")[0]
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
