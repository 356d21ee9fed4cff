"""Ids: UUIDv7 inside, Relay global ids outside."""

import base64
import binascii
import secrets
import time
from uuid import UUID

from domain.errors import BadUserInput

_MAX_GLOBAL_ID_LENGTH = 128


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits, so that ids sort by age."""
    return id_at(time.time_ns() // 1_000_000, secrets.randbits(74))


def id_at(unix_ms: int, random_bits: int) -> UUID:
    """The UUIDv7 of a moment. `random_bits`: 74 bits that tell apart what was made in the same millisecond."""
    random_high, random_low = random_bits >> 62 & 0xFFF, random_bits & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=unix_ms << 80 | 0x7 << 76 | random_high << 64 | 0b10 << 62 | random_low)


def global_id(type_name: str, id: UUID) -> str:
    """Base64 of `Type:uuid`. Clients treat it as opaque."""
    # A formatted string takes half as long again.
    return binascii.b2a_base64((type_name + ":" + str(id)).encode(), newline=False).decode()


def parse_global_id(value: str) -> tuple[str, UUID]:
    """The type name and the id.

    Raises BadUserInput when the value was not made by `global_id`.
    """
    if len(value) <= _MAX_GLOBAL_ID_LENGTH:
        try:
            type_name, _, id = base64.b64decode(value, validate=True).decode().partition(":")
            return type_name, UUID(id)
        except (binascii.Error, UnicodeError, ValueError):
            pass
    raise BadUserInput(f"{shorten(value)!r} is not an id that this server gave out.")


def parse_id_of(type_name: str, value: str) -> UUID:
    """The id inside a global id of this type.

    Raises BadUserInput when it is malformed or the id of something else.
    """
    found, id = parse_global_id(value)
    if found != type_name:
        raise BadUserInput(f"{shorten(value)!r} is the id of a {shorten(found)}, not of a {type_name}.")
    return id


def shorten(value: str, length: int = 60) -> str:
    """A client's value, short enough to stand in an error message."""
    return value if len(value) <= length else value[: length - 1] + "…"
