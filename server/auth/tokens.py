"""Who sent a request: a JSON Web Token, checked."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

import jwt
from jwt.exceptions import InvalidSubjectError

from common.lru_cache import LRUCache, bytes_of
from domain.errors import Unauthenticated
from server.auth.claims import CLOCK_SKEW_SECONDS, Claims, parse_claims
from server.auth.signing_keys import SigningKeys
from server.settings import Settings

MAX_TOKEN_LENGTH = 8_192

# A Claims with its times, beside its texts.
_CLAIMS_BYTES = 300

_EXPIRED = "The token has expired. Sign in again."


class TokenVerifier:
    """Verifies tokens by a shared secret (HS256), or by the public keys of a JWKS address (RS256, ES256).

    The configuration fixes the algorithms, never the token: one that says `none`, or that uses a public key as a
    secret, does not pass.

    A verified token is remembered until it expires, by its hash: checking a signature takes longer than many a query.
    """

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._remembered: LRUCache[bytes, Claims] = LRUCache(settings.token_cache_bytes, _claims_bytes)
        self._keys: SigningKeys | None = None
        if settings.jwt_jwks_url is not None:
            self._keys = SigningKeys(settings.jwt_jwks_url)
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
            claims = await self._verified(token)
            self._remembered.put(digest, claims)
        elif claims.expires_at <= datetime.now(UTC):
            self._remembered.remove(digest)
            raise Unauthenticated(_EXPIRED)
        return claims

    async def _verified(self, token: str) -> Claims:
        key = self._secret if self._keys is None else await self._keys.key(_key_id(token))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(self._algorithms),
                audience=self._audience,
                issuer=self._issuer,
                leeway=CLOCK_SKEW_SECONDS,
                # What `jti` is, is of no concern here.
                options={"require": ["exp", "iss", "aud", "sub"], "verify_jti": False},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(_reason(error)) from error
        return parse_claims(claims)


def _key_id(token: str) -> str:
    """Which key of a set has signed the token, as it says itself. Raises Unauthenticated."""
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise Unauthenticated(_reason(error)) from error
    if not isinstance(key_id, str):
        raise Unauthenticated("The token does not say which key has signed it: its header has no kid.")
    return key_id


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


def _claims_bytes(digest: bytes, claims: Claims) -> int:
    return _CLAIMS_BYTES + bytes_of(digest, claims.subject, claims.email, claims.name)


def _reason(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.ExpiredSignatureError):
        return _EXPIRED
    if isinstance(error, jwt.InvalidAudienceError):
        return "The token is for another audience."
    if isinstance(error, jwt.InvalidIssuerError):
        return "The token is from another issuer."
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"The token has no {error.claim}."
    if isinstance(error, jwt.ImmatureSignatureError):
        return "The token is not valid yet: its iat or nbf lies ahead."
    if isinstance(error, jwt.InvalidIssuedAtError):
        return "The token's iat is not a number of seconds."
    if isinstance(error, InvalidSubjectError):
        return "The token's subject is not a text."
    if isinstance(error, jwt.InvalidAlgorithmError):
        return "The token is signed with an algorithm that is not accepted."
    if isinstance(error, jwt.InvalidSignatureError):
        return "The token's signature is wrong."
    return "The token is not a valid JSON Web Token."
