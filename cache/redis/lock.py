"""A lock in Redis that ends by itself."""

from uuid import uuid4

from cache.redis.client import Command

# Making a value may take this long; then another process tries, too.
SECONDS = 5.0

_GIVE_BACK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


class Lock:
    """Of a value: who holds it makes the value, for all processes."""

    __slots__ = ("_key", "_token", "is_held")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._token = uuid4().hex
        self.is_held = False

    @property
    def taking(self) -> Command:
        """Answered by nothing where somebody else holds it."""
        return "SET", self._key, self._token, "NX", "PX", int(SECONDS * 1000)

    @property
    def giving_back(self) -> Command:
        """Does nothing where it has ended, and somebody else holds it."""
        return "EVAL", _GIVE_BACK, 1, self._key, self._token
