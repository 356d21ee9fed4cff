"""Webhooks of operators: events, signatures as in Standard Webhooks, retries, and addresses that may be called."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from domain.enums import EventKind
from domain.ids import global_id


class DeliveryState(StrEnum):
    """PENDING is followed by one of the others."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


# The name of each event in messages, and the type of the object that it is about.
EVENTS: Mapping[EventKind, tuple[str, str]] = {
    EventKind.BOOK_FIRST_PUBLISHED: ("book.published", "Book"),
    EventKind.LEARNER_FIRST_SIGNED_IN: ("learner.signed_up", "User"),
    EventKind.ASSIGNMENT_CREATED: ("assignment.created", "Assignment"),
    EventKind.REPORT_RESOLVED: ("report.resolved", "Report"),
}
MAX_WEBHOOKS, MAX_URL = 20, 2_000
# The delay after each failed attempt; there is one attempt more. Those of Standard Webhooks.
RETRY_DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
# A webhook whose deliveries have all failed for this long is disabled.
DISABLED_AFTER = timedelta(days=5)
DELIVERY_RETENTION = timedelta(days=30)
_PREFIX = "whsec_"
# The addresses of IPv6 that are assigned, and those by which networks without IPv4 reach it (RFC 6052).
_GLOBAL_UNICAST, _NAT64 = IPv6Network("2000::/3"), IPv6Network("64:ff9b::/96")


def new_secret() -> str:
    """A secret of 192 random bits."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def payload(kind: EventKind, entity_id: UUID, at: str) -> str:
    """The message: a type, a timestamp, and the global id of the object. Receivers read what they need by the API."""
    name, type_ = EVENTS[kind]
    return orjson.dumps({"type": name, "timestamp": at, "data": {"id": global_id(type_, entity_id)}}).decode()


def signed_headers(secret: str, id: UUID, body: bytes, timestamp: int) -> dict[str, str]:
    """The headers of Standard Webhooks. The id is that of the delivery, also of a repeated one."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b"%b.%d.%b" % (str(id).encode(), timestamp, body)
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": str(id), "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{signature}"}


def is_usable_url(url: str, allow_private: bool) -> bool:
    """Whether it is an https URL without credentials whose host is not written as a private address.

    The addresses of a host name are checked when it is called. `allow_private`: any http or https URL.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc:
        return False
    if allow_private:
        return parts.scheme in ("http", "https")
    if parts.scheme != "https" or host == "localhost":
        return False
    try:
        return is_public_address(host)
    except ValueError:
        # A name.
        return "." in host


def is_public_address(address: str) -> bool:
    """Whether an IP address is on the Internet. Raises ValueError for another string.

    An address of IPv6 that contains one of IPv4, to which gateways forward, is public if that one is.
    """
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        contained = _contained(found)
        if contained is None:
            return found in _GLOBAL_UNICAST and found.is_global
        found = contained
    return found.is_global and not found.is_multicast


def _contained(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
