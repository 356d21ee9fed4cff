"""Bounds names that clients choose, so that strangers cannot create series."""

from common.metrics.admitted_names import NameGroup
from common.metrics.instruments import OTHER, current_store

# A name is shown after this number of recent uses. The second half of the names needs more, so that strangers, who send
# many names, leave it free.
_MIN_USES, _MIN_USES_OF_SECOND_HALF = 10, 100
MAX_LENGTH = 100
# Unknown names that are counted, in multiples of those that are shown.
_CANDIDATES = 5
# Counts are halved after this number of uses.
_WINDOW = 100_000


class FrequentNames:
    """The first names that are frequent, counted approximately (Misra-Gries). They remain while the server runs."""

    def __init__(self, group: NameGroup) -> None:
        self._group = group
        self._shown: set[str] = set()
        self._candidates: dict[str, int] = {}
        self._uses = 0

    def label(self, name: str) -> str:
        """Count a use of the name, and return it, or `other`."""
        self._uses += 1
        if self._uses >= _WINDOW:
            self._halve()
        if name in self._shown:
            return name
        return name if len(name) <= MAX_LENGTH and self._promote(name) else OTHER

    def _promote(self, name: str) -> bool:
        count = self._candidates[name] = self._candidates.get(name, 0) + 1
        if count >= _MIN_USES and self._is_admitted(name, count):
            del self._candidates[name]
            self._shown.add(name)
            return True
        if len(self._candidates) > self._group.limit * _CANDIDATES:
            self._candidates = {name: count - 1 for name, count in self._candidates.items() if count > 1}
        return False

    def _is_admitted(self, name: str, count: int) -> bool:
        names, limit = current_store().names, self._group.limit
        is_frequent = count >= _MIN_USES_OF_SECOND_HALF or names.count(self._group) < limit / 2
        return (is_frequent or names.has(self._group, name)) and names.admit(self._group, name)

    def _halve(self) -> None:
        self._uses //= 2
        self._candidates = {name: count // 2 for name, count in self._candidates.items() if count > 1}
