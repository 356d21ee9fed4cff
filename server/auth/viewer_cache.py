"""Who a verified token belongs to, cached until their account changes."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from cache.redis.rate_limiter import RateLimits
from common.lru_cache import LRUCache, bytes_of
from db.core.database import Database
from db.notify.cache_tags import Change
from db.services.sign_in import Profile, find_account, sign_in
from domain.rate_limits import SIGN_UPS
from domain.viewer import Viewer
from server.auth.claims import Claims
from server.http.client_address import address_key

# A notification invalidates a viewer; this is for changes that no trigger notices, such as those of a replica that is
# restored.
MAX_AGE_SECONDS = 30.0
# While notifications may be missed: so long a changed role or a deleted account may have no effect.
MAX_AGE_UNHEARD_SECONDS = 1.0

# A _SignedIn with its viewer, its profile and their times, beside the texts.
_SIGNED_IN_BYTES = 600


@dataclass(frozen=True, slots=True)
class _SignedIn:
    """`profile`: what the newest token said that was seen here. `read_at`: by the monotonic clock."""

    viewer: Viewer
    profile: Profile
    read_at: float

    def is_changed_by(self, claims: Claims) -> bool:
        """Whether a newer token says something else of the learner."""
        if claims.issued_at is None or (claims.email, claims.name) == (self.profile.email, self.profile.name):
            return False
        return self.profile.issued_at is None or claims.issued_at > self.profile.issued_at


class ViewerCache:
    """Subjects and their viewers. Without it every request would begin with a statement that finds the learner.

    It follows the changes of the database. `hears_changes`: whether it would have been told of one by now.
    """

    def __init__(
        self, database: Database, rate_limits: RateLimits, hears_changes: Callable[[], bool], *, max_bytes: int
    ) -> None:
        self._database = database
        self._rate_limits = rate_limits
        self._hears_changes = hears_changes
        self._signed_in: LRUCache[str, _SignedIn] = LRUCache(max_bytes, _signed_in_bytes)
        # Counts invalidations: what was read before one and arrives after it is not cached.
        self._generation = 0

    async def get(self, claims: Claims, address: str | None = None) -> Viewer:
        """The viewer of a verified token's subject; made at first sight.

        `address`: where the request is from. Raises Unauthenticated for a deleted account, RateLimited where too many
        new accounts came from there, ServiceUnavailable without a database.
        """
        found = self._signed_in.get(claims.subject)
        now = time.monotonic()
        if found is not None and now - found.read_at < self._max_age() and not found.is_changed_by(claims):
            return found.viewer
        profile = Profile(claims.email, claims.name, claims.issued_at)
        generation = self._generation
        viewer = await find_account(self._database, claims.subject, profile)
        if viewer is None:
            # Whoever signs tokens may err, or lose the key: accounts are limited all the same.
            token = hashlib.sha256(claims.subject.encode()).hexdigest()
            await self._rate_limits.take(SIGN_UPS, address_key(address), token=token)
            viewer = await sign_in(self._database, claims.subject, profile)
        if generation == self._generation:
            self._signed_in.put(claims.subject, _SignedIn(viewer, profile, now))
        return viewer

    def _max_age(self) -> float:
        return MAX_AGE_SECONDS if self._hears_changes() else MAX_AGE_UNHEARD_SECONDS

    # Methods of `db.notify.listener.ChangeListener`

    def on_change(self, change: Change) -> None:
        """Forgets whose account it is."""
        if change.table != "users":
            return
        if change.keys is None:
            self._invalidate_all()
            return
        self._generation += 1
        ids = set(change.keys["id"])
        for subject in [subject for subject, found in self._signed_in.items() if str(found.viewer.id) in ids]:
            self._signed_in.remove(subject)

    def on_disconnect(self) -> None:
        """From now on `hears_changes` says so."""

    def on_connect(self) -> None:
        """Forgets everybody: who was read before may have changed meanwhile."""
        self._invalidate_all()

    async def drain(self) -> None:
        """Invalidation is immediate."""

    def _invalidate_all(self) -> None:
        self._generation += 1
        self._signed_in.clear()


def _signed_in_bytes(subject: str, signed_in: _SignedIn) -> int:
    return _SIGNED_IN_BYTES + bytes_of(subject, signed_in.profile.email, signed_in.profile.name)
