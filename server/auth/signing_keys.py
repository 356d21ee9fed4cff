"""Fetches the public keys that verify tokens from a JWKS URL."""

import asyncio
import time

import jwt
import structlog

from common.executors import KEYS, run_in
from common.text import truncate
from domain.errors import ServiceUnavailable, Unauthenticated

log = structlog.get_logger()

# Keys are fetched again after this time, so that a revoked key is not accepted for long.
LIFESPAN_SECONDS = 600.0
# During an outage of the URL the last fetched keys are accepted for this time.
MAX_STALE_SECONDS = 24 * 3_600.0
# An unknown key may be new. Tokens with random key ids cause no more than one request in this time.
COOLDOWN_SECONDS = 30.0
RETRY_SECONDS = 5.0
_TIMEOUT_SECONDS = 5.0


class SigningKeys:
    """The key set of a URL. Concurrent requests for it share one fetch."""

    def __init__(self, url: str) -> None:
        # Used without its caches: this class decides when to fetch.
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, cache_keys=False, timeout=_TIMEOUT_SECONDS)
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._fetch_after = float("-inf")
        self._failed = False
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, key_id: str) -> jwt.PyJWK:
        """Return the key of an id. Raises Unauthenticated for an unknown id, ServiceUnavailable if fetching fails."""
        age = time.monotonic() - self._fetched_at
        if key_id not in self._keys or age > LIFESPAN_SECONDS:
            await self._refresh()
            age = time.monotonic() - self._fetched_at
        key = self._keys.get(key_id)
        if key is not None and age <= MAX_STALE_SECONDS:
            return key
        if self._failed:
            raise ServiceUnavailable("Signing keys unavailable; please retry.")
        raise Unauthenticated(f"Unknown signing key {truncate(key_id, 40)!r}.")

    async def _refresh(self) -> None:
        """Join the request in flight, or start one unless the cooldown lasts."""
        if self._fetching is None:
            if time.monotonic() < self._fetch_after:
                return
            self._fetching = asyncio.create_task(self._fetch())
        # A disconnecting client must not cancel the request for the others.
        await asyncio.shield(self._fetching)

    async def _fetch(self) -> None:
        try:
            # urllib is blocking.
            keys = await run_in(KEYS, self._client.get_signing_keys)
        except (jwt.PyJWTError, OSError, ValueError) as error:
            # Includes responses that are not key sets, such as a proxy's error page.
            log.warning("signing keys not fetched", url=self._client.uri, reason=str(error))
            self._failed = True
            self._fetch_after = time.monotonic() + RETRY_SECONDS
        else:
            self._keys = {key.key_id: key for key in keys if key.key_id is not None}
            self._failed = False
            self._fetched_at = time.monotonic()
            self._fetch_after = self._fetched_at + COOLDOWN_SECONDS
        finally:
            self._fetching = None
