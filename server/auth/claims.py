"""Parses and validates the claims of verified tokens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from common.text import truncate
from domain.accounts import MAX_NAME_LENGTH
from domain.cost_plans import MAX_NAME_LENGTH as MAX_PLAN_NAME_LENGTH
from domain.errors import Unauthenticated
from domain.text import is_single_line, is_visible_text

MAX_SUBJECT_LENGTH = 255
MAX_EMAIL_LENGTH = 254
CLOCK_SKEW_SECONDS = 30

# The end of the year 9999, minus the clock skew: the range of `datetime` and of the database.
_MAX_SECONDS = 253_402_300_000
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True, slots=True)
class Claims:
    """Validated claims. `expires_at` includes the clock skew. `email` and `name` are None if missing or invalid.

    `cost_plan`: the value of the claim COST_PLAN_CLAIM; None without it.
    """

    subject: str
    email: str | None
    name: str | None
    issued_at: datetime | None
    expires_at: datetime
    email_verified: bool = False
    cost_plan: str | None = None


def parse_claims(claims: Mapping[str, Any], cost_plan_claim: str | None = None) -> Claims:
    """Parse the payload of a token whose signature, issuer and audience were verified.

    `cost_plan_claim`: the name of the claim with the name of a cost plan.
    Raises Unauthenticated for an invalid registered claim. Other invalid claims are ignored.
    """
    expires_at = _parse_timestamp(claims, "exp", CLOCK_SKEW_SECONDS)
    if expires_at is None:
        raise Unauthenticated("Token is missing the `exp` claim.")
    # Only its type: PyJWT has compared it with the clock.
    _parse_timestamp(claims, "nbf")
    metadata = claims.get("user_metadata")
    metadata_name = metadata.get("name") if isinstance(metadata, dict) else None
    cost_plan = None if cost_plan_claim is None else claims.get(cost_plan_claim)
    return Claims(
        subject=_parse_subject(claims.get("sub")),
        email=_parse_email(claims.get("email")),
        # Supabase stores the name that a person chose in `user_metadata`.
        name=_parse_name(claims.get("name")) or _parse_name(metadata_name),
        issued_at=_parse_timestamp(claims, "iat"),
        expires_at=expires_at,
        # As a claim of OpenID Connect. Users can change `user_metadata`, where Supabase has it as well.
        email_verified=claims.get("email_verified") is True,
        cost_plan=cost_plan if isinstance(cost_plan, str) and len(cost_plan) <= MAX_PLAN_NAME_LENGTH else None,
    )


def _parse_subject(value: object) -> str:
    if isinstance(value, str) and 1 <= len(value) <= MAX_SUBJECT_LENGTH and value.isprintable():
        return value
    raise Unauthenticated(f"Token claim `sub` must be a string of 1 to {MAX_SUBJECT_LENGTH} printable characters.")


def _parse_timestamp(claims: Mapping[str, Any], name: str, shift: float = 0) -> datetime | None:
    """Parse a NumericDate (RFC 7519); None if the claim is missing. Raises Unauthenticated."""
    if name not in claims:
        return None
    value = claims[name]
    # `bool` is a subclass of `int`.
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MAX_SECONDS:
        return datetime.fromtimestamp(value + shift, UTC)
    raise Unauthenticated(
        f"Token claim `{name}` must be a number of seconds from 1970 to the year 9999, not {truncate(repr(value), 40)}."
    )


def _parse_email(value: object) -> str | None:
    if isinstance(value, str) and len(value) <= MAX_EMAIL_LENGTH and value.isprintable() and _EMAIL.fullmatch(value):
        return value
    return None


def _parse_name(value: object) -> str | None:
    """Truncate to the maximum length."""
    if not isinstance(value, str):
        return None
    name = value[: MAX_NAME_LENGTH * 2].strip()[:MAX_NAME_LENGTH].rstrip()
    return name if is_visible_text(name) and is_single_line(name) else None
