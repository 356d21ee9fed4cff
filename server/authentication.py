"""Who sent a request: a JSON Web Token, checked."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import jwt

from domain.errors import ServiceUnavailable, Unauthenticated
from server.settings import Settings

MAX_SUBJECT_LENGTH = 255
MAX_TOKEN_LENGTH = 8_192
MAX_REMEMBERED = 10_000

_EXPIRED = "The token has expired. Sign in again."
CLOCK_SKEW_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. `expires_at`: until when it is accepted here, clocks not being equal."""

    subject: str
    email: str | None
    name: str | None
    expires_at: datetime


class TokenVerifier:
    """Checks tokens by a shared secret (HS256), or by the public keys of a JWKS address (RS256, ES256).

    The configuration fixes the algorithms, never the token: one that says `none`, or that uses a public key as a
    secret, does not pass.

    A verified token is remembered until it expires, by its hash: checking a signature takes longer than many a query.
    """

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._remembered: OrderedDict[bytes, Claims] = OrderedDict()
        self._keys: jwt.PyJWKClient | None = None
        if settings.jwt_jwks_url is not None:
            self._keys = jwt.PyJWKClient(settings.jwt_jwks_url, cache_keys=True, lifespan=600, timeout=5)
            self._algorithms: Sequence[str] = ("RS256", "ES256")
        else:
            self._secret = settings.signing_secret()
            self._algorithms = ("HS256",)

    async def verify(self, token: str) -> Claims:
        """What the token says.

        Raises Unauthenticated, which says what is wrong with it, and ServiceUnavailable when the keys cannot be had.
        """
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated(f"The token is longer than {MAX_TOKEN_LENGTH} characters.")
        digest = sha256(token.encode()).digest()
        claims = self._remembered.get(digest)
        if claims is None:
            claims = self._remembered[digest] = await self._verified(token)
            if len(self._remembered) > MAX_REMEMBERED:
                self._remembered.popitem(last=False)
        elif claims.expires_at <= datetime.now(UTC):
            del self._remembered[digest]
            raise Unauthenticated(_EXPIRED)
        return claims

    async def _verified(self, token: str) -> Claims:
        try:
            claims = jwt.decode(
                token,
                await self._key(token),
                algorithms=list(self._algorithms),
                audience=self._audience,
                issuer=self._issuer,
                leeway=CLOCK_SKEW_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(_reason(error)) from error
        return _claims(claims)

    async def _key(self, token: str) -> Any:
        if self._keys is None:
            return self._secret
        try:
            # A key that is not known yet is fetched over the network, which must not hold the event loop.
            return (await asyncio.to_thread(self._keys.get_signing_key_from_jwt, token)).key
        except jwt.PyJWKClientConnectionError as error:
            raise ServiceUnavailable("The keys that check tokens cannot be reached. Try again in a moment.") from error


def bearer_token(authorization: str | None) -> str | None:
    """The token of an Authorization header; None where there is no header.

    Raises Unauthenticated for any other scheme.
    """
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Authorization: send `Bearer` and a token.")
    return token.strip()


def issue_token(
    settings: Settings,
    subject: str,
    *,
    email: str | None = None,
    name: str | None = None,
    lifetime: timedelta = timedelta(days=30),
) -> str:
    """A token for development, signed with this server's secret."""
    now = datetime.now(UTC)
    claims: dict[str, Any] = {
        "sub": subject,
        "iss": settings.jwt_issuer,
        "aud": settings.jwt_audience,
        "iat": now,
        "exp": now + lifetime,
    }
    claims |= {key: value for key, value in (("email", email), ("name", name)) if value is not None}
    return jwt.encode(claims, settings.signing_secret(), algorithm="HS256")


def _claims(claims: dict[str, Any]) -> Claims:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= MAX_SUBJECT_LENGTH or not subject.isprintable():
        raise Unauthenticated(f"The token's subject is not a text of 1 to {MAX_SUBJECT_LENGTH} printable characters.")
    return Claims(
        subject=subject,
        email=_text(claims.get("email")),
        # Supabase puts what a person chose into user_metadata.
        name=_text(claims.get("name")) or _text((claims.get("user_metadata") or {}).get("name")),
        expires_at=datetime.fromtimestamp(claims["exp"] + CLOCK_SKEW_SECONDS, UTC),
    )


def _text(value: object) -> str | None:
    return value[:MAX_SUBJECT_LENGTH] if isinstance(value, str) and value and "\x00" not in value else None


def _reason(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.ExpiredSignatureError):
        return _EXPIRED
    if isinstance(error, jwt.InvalidAudienceError):
        return "The token is for another audience."
    if isinstance(error, jwt.InvalidIssuerError):
        return "The token is from another issuer."
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"The token has no {error.claim}."
    if isinstance(error, jwt.InvalidAlgorithmError):
        return "The token is signed with an algorithm that is not accepted."
    if isinstance(error, jwt.InvalidSignatureError):
        return "The token's signature is wrong."
    return "The token is not a valid JSON Web Token."
