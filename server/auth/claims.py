"""What a verified token says, whatever JSON its claims are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from common.text import truncate
from domain.errors import Unauthenticated
from domain.text import is_single_line, is_visible_text

MAX_SUBJECT_LENGTH = 255
MAX_EMAIL_LENGTH = 254
MAX_NAME_LENGTH = 255
CLOCK_SKEW_SECONDS = 30

# The year 9999, with room for the clock skew: what `datetime` and the database can hold.
_MAX_SECONDS = 253_402_300_000
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True, slots=True)
class Claims:
    """`issued_at`: None where the token does not say. `expires_at`: until when it is accepted here, clocks differing.

    `email` and `name` are None where the token has none that can be used.
    """

    subject: str
    email: str | None
    name: str | None
    issued_at: datetime | None
    expires_at: datetime


def parse_claims(claims: Mapping[str, Any]) -> Claims:
    """From a token's payload, whose signature, issuer and audience were verified.

    Raises Unauthenticated for a claim that the sign-in depends on and that makes no sense. Other claims that make no
    sense are ignored.
    """
    expires_at = _timestamp(claims, "exp", CLOCK_SKEW_SECONDS)
    if expires_at is None:
        raise Unauthenticated("The token has no exp.")
    # That it has begun is checked with the signature.
    _timestamp(claims, "nbf")
    metadata = claims.get("user_metadata")
    return Claims(
        subject=_subject(claims.get("sub")),
        email=_email(claims.get("email")),
        # Supabase puts what a person chose into user_metadata.
        name=_name(claims.get("name")) or (_name(metadata.get("name")) if isinstance(metadata, dict) else None),
        issued_at=_timestamp(claims, "iat"),
        expires_at=expires_at,
    )


def _subject(value: object) -> str:
    if isinstance(value, str) and 1 <= len(value) <= MAX_SUBJECT_LENGTH and value.isprintable():
        return value
    raise Unauthenticated(f"The token's subject is not a text of 1 to {MAX_SUBJECT_LENGTH} printable characters.")


def _timestamp(claims: Mapping[str, Any], name: str, shift: float = 0) -> datetime | None:
    """RFC 7519's NumericDate; None where the claim is missing. Raises Unauthenticated."""
    if name not in claims:
        return None
    value = claims[name]
    # To Python a boolean is a number.
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MAX_SECONDS:
        return datetime.fromtimestamp(value + shift, UTC)
    raise Unauthenticated(
        f"The token's {name} is {truncate(repr(value), 40)}, not a number of seconds from 1970 to the year 9999."
    )


def _email(value: object) -> str | None:
    if isinstance(value, str) and len(value) <= MAX_EMAIL_LENGTH and value.isprintable() and _EMAIL.fullmatch(value):
        return value
    return None


def _name(value: object) -> str | None:
    """Cut to its longest length."""
    if not isinstance(value, str):
        return None
    name = value[: MAX_NAME_LENGTH * 2].strip()[:MAX_NAME_LENGTH].rstrip()
    return name if is_visible_text(name) and is_single_line(name) else None
