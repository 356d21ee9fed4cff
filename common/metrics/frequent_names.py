"""Bounds names that clients choose, so that strangers cannot create series."""

from collections.abc import Callable

from common.metrics.instruments import OTHER

# A name is shown after this number of uses.
_MIN_USES = 10
_MAX_LENGTH = 100
# Unknown names that are counted, in multiples of those that are shown.
_CANDIDATES = 5
# Counts are halved after this number of uses, so that former favourites make room.
_WINDOW = 100_000


class FrequentNames:
    """The most frequent of recent names, counted approximately (Misra-Gries). `on_drop`: called for a displaced one."""

    def __init__(self, limit: int, on_drop: Callable[[str], None]) -> None:
        self._limit = limit
        self._on_drop = on_drop
        self._shown: dict[str, int] = {}
        self._candidates: dict[str, int] = {}
        self._uses = 0

    def label(self, name: str) -> str:
        """Count a use of the name, and return it, or `other`."""
        self._uses += 1
        if self._uses >= _WINDOW:
            self._halve()
        count = self._shown.get(name)
        if count is not None:
            self._shown[name] = count + 1
            return name
        return name if len(name) <= _MAX_LENGTH and self._promote(name) else OTHER

    def _promote(self, name: str) -> bool:
        count = self._candidates[name] = self._candidates.get(name, 0) + 1
        if count >= _MIN_USES:
            if len(self._shown) >= self._limit:
                least = min(self._shown, key=self._shown.__getitem__)
                if self._shown[least] >= count:
                    return False
                del self._shown[least]
                self._on_drop(least)
            del self._candidates[name]
            self._shown[name] = count
            return True
        if len(self._candidates) > self._limit * _CANDIDATES:
            self._candidates = {name: count - 1 for name, count in self._candidates.items() if count > 1}
        return False

    def _halve(self) -> None:
        self._uses = 0
        self._shown = {name: count // 2 for name, count in self._shown.items()}
        self._candidates = {name: count // 2 for name, count in self._candidates.items() if count > 1}
