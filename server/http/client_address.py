"""The client's IP address, taken from X-Forwarded-For or Forwarded only if the peer is a trusted proxy."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    # Commands that need no web framework load the settings, too.
    from starlette.types import Scope

# Name of a proxy that connects by a Unix socket, which has no address.
UNIX = "unix"
_FORWARDED_FOR = re.compile(r'(?:^|[;,])\s*for\s*=\s*("[^"]*"|[^;,\s]*)', re.IGNORECASE)
_PORT = re.compile(r"(?:\[([^\]]*)\](?::\d+)?)|(?:(\d+\.\d+\.\d+\.\d+)(?::\d+)?)")


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Addresses and networks of the proxies whose forwarding headers are trusted."""

    networks: Collection[IPv4Network | IPv6Network] = ()
    unix: bool = False

    @classmethod
    def parse(cls, values: Collection[str]) -> Self:
        """Parse addresses, networks such as `10.0.0.0/8`, and `unix`. Raises ValueError."""
        networks = []
        for value in values:
            if value != UNIX:
                try:
                    networks.append(ip_network(value))
                except ValueError as error:
                    raise ValueError(f"{value!r} is not an IP address or network ({error})") from None
        return cls(tuple(networks), UNIX in values)

    def get_client_address(self, scope: "Scope") -> str | None:
        """Return the client's address; None for a peer on a Unix socket."""
        client = scope.get("client")
        peer: str | None = client[0] if client else None
        if not (self.networks or self.unix) or not self.trusts(peer):
            return peer
        chains = [chain for chain in (_parse_x_forwarded_for(scope), _parse_forwarded(scope)) if chain]
        clients = {self._find_client(chain, peer) for chain in chains}
        # A proxy sets one of the headers, and may forward the other one as the client sent it.
        return clients.pop() if len(clients) == 1 else peer

    def trusts(self, address: str | None) -> bool:
        """Whether the peer is a trusted proxy."""
        if address is None:
            return self.unix
        parsed = _parse_address(address)
        return parsed is not None and any(parsed in network for network in self.networks)

    def _find_client(self, chain: list[str], peer: str | None) -> str | None:
        """Return the last address that is not a trusted proxy; the client may have forged those before it."""
        client = peer
        for name in reversed(chain):
            address = _parse_address(name)
            if address is None:
                return client
            client = str(address)
            if not self.trusts(client):
                return client
        return client


@lru_cache(maxsize=4_096)
def address_key(address: str | None) -> str:
    """Return the rate limiter's key of an anonymous client."""
    return f"address:{network_of(address)}"


def network_of(address: str | None) -> str:
    """Return an IPv4 address, or the /64 network of an IPv6 address, all of which belongs to one client."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


def _parse_x_forwarded_for(scope: "Scope") -> list[str]:
    values = _join_values(scope, b"x-forwarded-for")
    return [name.strip() for name in values.split(",")] if values else []


def _parse_forwarded(scope: "Scope") -> list[str]:
    """Return the `for` parameters of Forwarded (RFC 7239, section 4)."""
    return [name.strip('"') for name in _FORWARDED_FOR.findall(_join_values(scope, b"forwarded"))]


def _join_values(scope: "Scope", name: bytes) -> str:
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def _parse_address(name: str) -> IPv4Address | IPv6Address | None:
    """Parse an address with or without a port; an IPv4-mapped IPv6 address becomes its IPv4 address."""
    with_port = _PORT.fullmatch(name)
    try:
        address = ip_address(with_port[1] or with_port[2] if with_port else name)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
