"""The address of a client, also behind proxies: their word counts where the operator says that they are proxies."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    # The settings are read by commands that need no web framework.
    from starlette.types import Scope

# A proxy on the same machine that connects by a Unix socket, which has no address.
UNIX = "unix"
_FORWARDED_FOR = re.compile(r'(?:^|[;,])\s*for\s*=\s*("[^"]*"|[^;,\s]*)', re.IGNORECASE)
_PORT = re.compile(r"(?:\[([^\]]*)\](?::\d+)?)|(?:(\d+\.\d+\.\d+\.\d+)(?::\d+)?)")


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Addresses and networks of proxies, which say in a header for whom they ask."""

    networks: Collection[IPv4Network | IPv6Network] = ()
    unix: bool = False

    @classmethod
    def parse(cls, values: Collection[str]) -> Self:
        """Addresses, networks as `10.0.0.0/8`, and `unix`. Raises ValueError."""
        networks = []
        for value in values:
            if value != UNIX:
                try:
                    networks.append(ip_network(value))
                except ValueError as error:
                    raise ValueError(f"{value!r} is no address and no network ({error})") from None
        return cls(tuple(networks), UNIX in values)

    def client_of(self, scope: "Scope") -> str | None:
        """The address of the client; None where it has none."""
        client = scope.get("client")
        peer: str | None = client[0] if client else None
        if not (self.networks or self.unix) or not self.trusts(peer):
            return peer
        chains = [chain for chain in (_forwarded_for(scope), _forwarded(scope)) if chain]
        found = {self._client_in(chain, peer) for chain in chains}
        # A proxy writes one of the headers, and may pass the other one on as a client wrote it.
        return found.pop() if len(found) == 1 else peer

    def trusts(self, address: str | None) -> bool:
        """Whether a peer is one of them."""
        if address is None:
            return self.unix
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self.networks)

    def _client_in(self, chain: list[str], peer: str | None) -> str | None:
        """The last one that no trusted proxy is: what is before it, a client may have written."""
        found = peer
        for name in reversed(chain):
            address = _parsed(name)
            if address is None:
                return found
            found = str(address)
            if not self.trusts(found):
                return found
        return found


def address_key(address: str | None) -> str:
    """By which a client that is not signed in is counted."""
    return f"address:{network_of(address)}"


def network_of(address: str | None) -> str:
    """An IPv6 address by its network: whoever has one address there has all of them."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


def _forwarded_for(scope: "Scope") -> list[str]:
    values = _values(scope, b"x-forwarded-for")
    return [name.strip() for name in values.split(",")] if values else []


def _forwarded(scope: "Scope") -> list[str]:
    """RFC 7239, section 4."""
    return [name.strip('"') for name in _FORWARDED_FOR.findall(_values(scope, b"forwarded"))]


def _values(scope: "Scope", name: bytes) -> str:
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def _parsed(name: str) -> IPv4Address | IPv6Address | None:
    """Without a port; an IPv4 address that is written as an IPv6 one is itself."""
    with_port = _PORT.fullmatch(name)
    try:
        address = ip_address(with_port[1] or with_port[2] if with_port else name)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
