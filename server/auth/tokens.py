"""Authentication by JSON Web Tokens."""

from collections.abc import Sequence
from datetime import UTC, datetime

import jwt
from jwt.exceptions import InvalidSubjectError

from common.lru_cache import LRUCache, bytes_of
from domain.errors import Unauthenticated
from server.auth.claims import CLOCK_SKEW_SECONDS, Claims, parse_claims
from server.auth.signing_keys import SigningKeys
from server.settings import Settings

MAX_TOKEN_LENGTH = 8_192

# Memory of claims with their timestamps, in addition to their strings.
_CLAIMS_BYTES = 300

_EXPIRED = "The token has expired. Sign in again."


class TokenVerifier:
    """Verifies tokens by a shared secret (HS256), or by the public keys of a JWKS URL (RS256, ES256).

    The settings determine the algorithms, never the token: one with `none`, or one signed with a public key as the
    secret, is rejected.

    Claims are cached by the Authorization header until they expire: verifying a signature takes longer than many
    queries.
    """

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._cost_plan_claim = settings.cost_plan_claim
        self._claims_cache: LRUCache[str, Claims] = LRUCache(settings.token_cache_bytes, _claims_bytes)
        self._keys: SigningKeys | None = None
        if settings.jwt_jwks_url is not None:
            self._keys = SigningKeys(settings.jwt_jwks_url)
            self._algorithms: Sequence[str] = ("RS256", "ES256")
        else:
            self._secret = settings.signing_secret()
            self._algorithms = ("HS256",)

    async def authenticate(self, authorization: str) -> Claims:
        """Return the claims of the token in an Authorization header.

        Raises Unauthenticated with the reason, and ServiceUnavailable if the keys cannot be fetched.
        """
        claims = self._claims_cache.get(authorization)
        if claims is None:
            claims = await self.verify(parse_bearer_token(authorization))
            self._claims_cache[authorization] = claims
        elif claims.expires_at <= datetime.now(UTC):
            del self._claims_cache[authorization]
            raise Unauthenticated(_EXPIRED)
        return claims

    def verified(self, authorization: str) -> Claims | None:
        """Return the claims of a header whose token was verified before and has not expired, without verifying it."""
        claims = self._claims_cache.get(authorization)
        return claims if claims is not None and claims.expires_at > datetime.now(UTC) else None

    async def verify(self, token: str) -> Claims:
        """Like `authenticate`, for a token, without the cache."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise Unauthenticated(f"Token exceeds the limit of {MAX_TOKEN_LENGTH} characters.")
        key = self._secret if self._keys is None else await self._keys.key(_get_key_id(token))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(self._algorithms),
                audience=self._audience,
                issuer=self._issuer,
                leeway=CLOCK_SKEW_SECONDS,
                # `jti` may be of any type, because it is not used.
                options={"require": ["exp", "iss", "aud", "sub"], "verify_jti": False},
            )
        except jwt.PyJWTError as error:
            raise Unauthenticated(_describe(error)) from error
        return parse_claims(claims, self._cost_plan_claim)


def _get_key_id(token: str) -> str:
    """Return the `kid` of the token's header. Raises Unauthenticated."""
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise Unauthenticated(_describe(error)) from error
    if not isinstance(key_id, str):
        raise Unauthenticated("Token header is missing `kid`.")
    return key_id


def parse_bearer_token(authorization: str) -> str:
    """Return the token of an Authorization header. Raises Unauthenticated for other schemes."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Authorization must be `Bearer` and a token.")
    return token.strip()


def _claims_bytes(authorization: str, claims: Claims) -> int:
    return _CLAIMS_BYTES + bytes_of(authorization, claims.subject, claims.email, claims.name, claims.cost_plan)


def _describe(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.ExpiredSignatureError):
        return _EXPIRED
    if isinstance(error, jwt.InvalidAudienceError):
        return "Invalid token audience."
    if isinstance(error, jwt.InvalidIssuerError):
        return "Invalid token issuer."
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"Token is missing the `{error.claim}` claim."
    if isinstance(error, jwt.ImmatureSignatureError):
        return "Token is not yet valid (`iat` or `nbf`)."
    if isinstance(error, jwt.InvalidIssuedAtError):
        return "Token claim `iat` must be a number of seconds."
    if isinstance(error, InvalidSubjectError):
        return "Token claim `sub` must be a string."
    if isinstance(error, jwt.InvalidAlgorithmError):
        return "Token algorithm is not allowed."
    if isinstance(error, jwt.InvalidSignatureError):
        return "Invalid token signature."
    return "Invalid JSON Web Token."
