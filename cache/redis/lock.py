"""A lock in Redis that expires by itself."""

from uuid import uuid4

from cache.keys import LOCK_TTL_SECONDS
from cache.redis.client import Command

_RELEASE_SCRIPT = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class Lock:
    """Held by the process that computes a value. Commands are sent by the owner, together with others."""

    __slots__ = ("_key", "_token", "is_acquired")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._token = uuid4().hex
        self.is_acquired = False

    @property
    def acquire_command(self) -> Command:
        """Its reply is nil if another process holds the lock."""
        return "SET", self._key, self._token, "NX", "PX", int(LOCK_TTL_SECONDS * 1000)

    @property
    def release_command(self) -> Command:
        """Does nothing if the lock has expired and another process holds it."""
        return "EVAL", _RELEASE_SCRIPT, 1, self._key, self._token
