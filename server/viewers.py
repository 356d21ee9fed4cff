"""Who a verified token belongs to, remembered for a short while."""

import time
from dataclasses import dataclass

from db.database import Database
from db.sign_in import Profile, sign_in
from domain.lru_cache import LRUCache, bytes_of
from domain.viewer import Viewer
from server.claims import Claims

# A changed role or a deleted account takes effect after this time at the latest.
REMEMBERED_SECONDS = 30.0

# A _SignedIn with its viewer, its profile and their times, beside the texts.
_SIGNED_IN_BYTES = 600


@dataclass(frozen=True, slots=True)
class _SignedIn:
    """`profile`: what the newest token said that was seen here. `until`: by the monotonic clock."""

    viewer: Viewer
    profile: Profile
    until: float

    def is_changed_by(self, claims: Claims) -> bool:
        """Whether a newer token says something else of the learner."""
        if claims.issued_at is None or (claims.email, claims.name) == (self.profile.email, self.profile.name):
            return False
        return self.profile.issued_at is None or claims.issued_at > self.profile.issued_at


class Viewers:
    """Subjects and their viewers. Without it every request would begin with a statement that finds the learner."""

    def __init__(self, database: Database, *, max_bytes: int) -> None:
        self._database = database
        self._remembered: LRUCache[str, _SignedIn] = LRUCache(max_bytes, _signed_in_bytes)

    async def viewer(self, claims: Claims) -> Viewer:
        """The viewer of a verified token's subject; made at first sight.

        Raises Unauthenticated for a deleted account, ServiceUnavailable without a database.
        """
        remembered = self._remembered.get(claims.subject)
        if remembered is not None and remembered.until > time.monotonic() and not remembered.is_changed_by(claims):
            return remembered.viewer
        profile = Profile(claims.email, claims.name, claims.issued_at)
        viewer = await sign_in(self._database, claims.subject, profile)
        signed_in = _SignedIn(viewer, profile, time.monotonic() + REMEMBERED_SECONDS)
        self._remembered.put(claims.subject, signed_in)
        return viewer


def _signed_in_bytes(subject: str, signed_in: _SignedIn) -> int:
    return _SIGNED_IN_BYTES + bytes_of(subject, signed_in.profile.email, signed_in.profile.name)
