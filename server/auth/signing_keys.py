"""The public keys that tokens are verified by, from a JWKS address."""

import asyncio
import time

import jwt
import structlog

from common.executors import KEYS, run_in
from common.text import truncate
from domain.errors import ServiceUnavailable, Unauthenticated

log = structlog.get_logger()

# Keys are fetched again after this time, so that one that was withdrawn is not accepted for long.
LIFESPAN_SECONDS = 600.0
# For as long as the address does not answer, the keys that it gave last are accepted.
MAX_STALE_SECONDS = 24 * 3_600.0
# A key that is not in the set may be new. Tokens that name keys at random fetch the set no more often than this.
COOLDOWN_SECONDS = 30.0
RETRY_SECONDS = 5.0
_TIMEOUT_SECONDS = 5.0


class SigningKeys:
    """The key set of one address. At most one request for it is in flight, whatever tokens name."""

    def __init__(self, url: str) -> None:
        # It fetches and parses; when to do so is decided here.
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, cache_keys=False, timeout=_TIMEOUT_SECONDS)
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._fetch_after = float("-inf")
        self._failed = False
        self._fetching: asyncio.Task[None] | None = None

    async def key(self, key_id: str) -> jwt.PyJWK:
        """The key of this id.

        Raises Unauthenticated where the set does not have it, ServiceUnavailable where the set cannot be fetched.
        """
        age = time.monotonic() - self._fetched_at
        if key_id not in self._keys or age > LIFESPAN_SECONDS:
            await self._refresh()
            age = time.monotonic() - self._fetched_at
        key = self._keys.get(key_id)
        if key is not None and age <= MAX_STALE_SECONDS:
            return key
        if self._failed:
            raise ServiceUnavailable("The keys that verify tokens cannot be fetched. Try again in a moment.")
        raise Unauthenticated(f"The token is signed by the key {truncate(key_id, 40)!r}, which is not known.")

    async def _refresh(self) -> None:
        """Joins the request that is in flight, or starts one if it is time for one."""
        if self._fetching is None:
            if time.monotonic() < self._fetch_after:
                return
            self._fetching = asyncio.create_task(self._fetch())
        # A client that leaves does not take the others' request along.
        await asyncio.shield(self._fetching)

    async def _fetch(self) -> None:
        try:
            # urllib blocks.
            keys = await run_in(KEYS, self._client.get_signing_keys)
        except (jwt.PyJWTError, OSError, ValueError) as error:
            # Also an answer that is no key set: a proxy's error page, say.
            log.warning("signing keys cannot be fetched", url=self._client.uri, reason=str(error))
            self._failed = True
            self._fetch_after = time.monotonic() + RETRY_SECONDS
        else:
            self._keys = {key.key_id: key for key in keys if key.key_id is not None}
            self._failed = False
            self._fetched_at = time.monotonic()
            self._fetch_after = self._fetched_at + COOLDOWN_SECONDS
        finally:
            self._fetching = None
