"""Values that the loaders of all requests know, with what responses have in common of them."""

from typing import Generic, TypeVar

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")

# Of the completed values of one mapping, with their fields. A field takes 100 bytes: strings are those of the row.
MAX_VALUES = 50_000


class SharedValues(dict[KeyT, ValueT], Generic[KeyT, ValueT]):
    """Values by key, none of which changes. `completed`: completed ones with the number of values in them, by the
    position in a plan, then by key. Responses only read them.
    """

    __slots__ = ("_size", "completed")

    def __init__(self) -> None:
        super().__init__()
        self.completed: dict[int, dict[KeyT, tuple[object, int]]] = {}
        self._size = 0

    def completed_at(self, position: int) -> dict[KeyT, tuple[object, int]]:
        """Return the completed values of a position."""
        found = self.completed.get(position)
        if found is None:
            self._make_room(1)
            found = self.completed[position] = {}
        return found

    def add_completed(self, position: int, key: KeyT, value: object, number: int) -> None:
        """Keep a completed value. `number`: of the values in it."""
        self._make_room(number + 1)
        self.completed_at(position)[key] = value, number

    def _make_room(self, size: int) -> None:
        """Drop all completed values if there are too many, those of plans that no longer exist among them."""
        if self._size + size > MAX_VALUES:
            self.completed.clear()
            self._size = 0
        self._size += size
