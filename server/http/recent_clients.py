"""Whether clients other than a given one were served lately."""

from dataclasses import dataclass


@dataclass(slots=True)
class RecentClients:
    """Remembers the newest client and the time of the newest one before it, which is all that the question needs."""

    _newest: str | None = None
    _newest_at: float = float("-inf")
    # Of all clients but the newest.
    _others_at: float = float("-inf")

    def record(self, key: str, now: float) -> None:
        if key != self._newest:
            self._others_at = self._newest_at
            self._newest = key
        self._newest_at = now

    def has_other(self, key: str, since: float) -> bool:
        """Whether a client with another key was recorded after `since`."""
        return (self._others_at if key == self._newest else self._newest_at) > since
