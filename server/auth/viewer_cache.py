"""Caches the viewer of each verified subject until the account changes."""

import asyncio
import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cache.redis.rate_limiter import RateLimits
from common.lru_cache import LRUCache, bytes_of
from db.core.changes import Change
from db.core.database import Database
from db.services.account_look_ups import Account, LookUp, Profile
from db.services.sign_in import sign_in
from domain.errors import AccountDeleted
from domain.list_sizes import MAX_CLIENTS_OF_USER
from domain.rate_limits import SIGN_UPS
from domain.usage import UNKNOWN
from domain.viewer import Viewer
from server.auth.account_look_ups import AccountLookUps, Reading
from server.auth.claims import Claims
from server.http.client_address import address_key

# Notifications invalidate entries; this bounds staleness after changes without triggers, such as a restored backup.
TTL_SECONDS = 30.0
# While notifications may be missed. Bounds how long a former role, or an account that was deleted or blocked, works.
DISCONNECTED_TTL_SECONDS = 1.0

# Memory of an entry with its viewer, profile, timestamps and set of clients, in addition to their strings.
_ENTRY_BYTES = 850


@dataclass(frozen=True, slots=True)
class _Entry:
    """`profile`: the claims of the newest token seen by this process. `read_at`: monotonic time.

    `clients`: the names of those that used the account since then, whose use is noted.
    """

    account: Account
    profile: Profile
    read_at: float
    clients: frozenset[str]

    def is_changed_by(self, claims: Claims) -> bool:
        """Whether a newer token has another e-mail address or name, or has verified the address."""
        known = self.profile
        if claims.issued_at is None or (claims.email, claims.name, claims.email_verified) == (
            known.email,
            known.name,
            known.email_verified,
        ):
            return False
        return self.profile.issued_at is None or claims.issued_at > self.profile.issued_at

    def knows(self, client: str) -> bool:
        return client in self.clients or len(self.clients) >= MAX_CLIENTS_OF_USER


class ViewerCache:
    """LRU cache of viewers by subject, which saves each request a statement. Misses are looked up in batches.

    Implements `db.notify.listener.ChangeListener`. `is_listening`: whether notifications are being received.
    """

    def __init__(
        self, database: Database, rate_limits: RateLimits, is_listening: Callable[[], bool], *, max_bytes: int
    ) -> None:
        self._database = database
        self._rate_limits = rate_limits
        self._is_listening = is_listening
        self._entries: LRUCache[str, _Entry] = LRUCache(max_bytes, _entry_bytes)
        # Incremented by invalidations, so that a viewer read before one is not cached after it.
        self._generation = 0
        self._watchers: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._look_ups = AccountLookUps(database, self._start_reading, self._is_fresh)

    async def get(self, claims: Claims, address: str | None = None, client: str = UNKNOWN.name) -> Viewer:
        """Return the viewer of a verified token, whose account is created on first sign-in.

        Raises AccountDeleted, AccountBlocked, RateLimited after too many sign-ups from the address, and
        ServiceUnavailable.
        """
        account = await self.get_account(claims, address, client)
        if account.deletion is not None:
            raise AccountDeleted(account.deletion.requested_at, account.deletion.erased_at)
        return account.viewer

    async def get_account(self, claims: Claims, address: str | None = None, client: str = UNKNOWN.name) -> Account:
        """Like `get`, but also return a deleted account. These are not cached."""
        account = self.find_cached(claims, client)
        if account is not None:
            return account
        entry = self._entries.get(claims.subject)
        known: frozenset[str] = frozenset()
        if entry is not None and time.monotonic() - entry.read_at < self._ttl():
            known = entry.clients
        profile = Profile(claims.email, claims.name, claims.issued_at, claims.email_verified)
        look_up = LookUp(claims.subject, profile, client)
        account, reading = await self._look_ups.find(look_up)
        if account is None:
            # Bounds the damage if the token issuer misbehaves or its key leaks.
            token = hashlib.sha256(claims.subject.encode()).hexdigest()
            await self._rate_limits.acquire(SIGN_UPS, address_key(address), token=token)
            account = await sign_in(self._database, look_up)
        if reading.generation == self._generation and account.deletion is None:
            self._entries[claims.subject] = _Entry(account, profile, reading.at, known | {client})
        return account

    async def close(self) -> None:
        """Cancel look-ups in flight."""
        await self._look_ups.close()

    def find_cached(self, claims: Claims, client: str) -> Account | None:
        """Return the account of a verified token if it is cached and nothing has to be noted of its use."""
        entry = self._entries.get(claims.subject)
        if entry is None or time.monotonic() - entry.read_at >= self._ttl():
            return None
        return entry.account if entry.knows(client) and not entry.is_changed_by(claims) else None

    @contextmanager
    def watch(self, viewer: Viewer | None) -> Iterator[asyncio.Event]:
        """Yield an event that is set when the viewer's role, block or deletion may have changed; None has none.

        `get` then returns the present state.
        """
        changed = asyncio.Event()
        if viewer is None:
            yield changed
            return
        id = str(viewer.id)
        self._watchers[id].add(changed)
        try:
            yield changed
        finally:
            self._watchers[id].discard(changed)
            if not self._watchers[id]:
                del self._watchers[id]

    def _start_reading(self) -> Reading:
        return Reading(self._generation, time.monotonic())

    def _is_fresh(self, reading: Reading) -> bool:
        """Whether an account of this reading, which may still be in flight, is one that the cache could have."""
        return reading.generation == self._generation and time.monotonic() - reading.at < self._ttl()

    def _ttl(self) -> float:
        return TTL_SECONDS if self._is_listening() else DISCONNECTED_TTL_SECONDS

    # Methods of `db.notify.listener.ChangeListener`

    def on_change(self, change: Change) -> None:
        """Invalidate the entries of changed accounts."""
        if change.table != "users":
            return
        if change.keys is None:
            self._invalidate_all()
            return
        self._generation += 1
        ids = set(change.keys["id"])
        for subject in [
            subject for subject in self._entries if str(self._entries.peek(subject).account.viewer.id) in ids
        ]:
            del self._entries[subject]
        self._wake(ids)

    def on_disconnect(self) -> None:
        """Entries get the shorter time to live."""

    def on_connect(self) -> None:
        """Invalidate all entries, because notifications may have been missed."""
        self._invalidate_all()

    async def drain(self) -> None:
        """Invalidation is immediate."""

    def _invalidate_all(self) -> None:
        self._generation += 1
        self._entries.clear()
        self._wake(self._watchers)

    def _wake(self, ids: Iterable[str]) -> None:
        for id in ids:
            for changed in self._watchers.get(id, ()):
                changed.set()


def _entry_bytes(subject: str, entry: _Entry) -> int:
    return _ENTRY_BYTES + bytes_of(subject, entry.profile.email, entry.profile.name, *entry.clients)
