"""What is kept, what is asked for, and what is found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, Self, TypeVar

from cache.metrics import Outcome

# Every value has this tag, so that everything can be made void at once.
EVERYTHING = "*"


class OnRead(Protocol):
    """Is told of what is read, while a value is made."""

    async def __call__(self, tags: set[str]) -> None:
        """Before: what is about to be read. No tags: nobody can say when it changes."""

    def expires(self, at: datetime) -> None:
        """What was read is another one at this moment, although nobody writes anything."""


class Value(Protocol):
    """What is kept."""

    @property
    def size(self) -> int:
        """In bytes."""

    def encode(self) -> bytes: ...

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Raises ValueError."""


ValueT = TypeVar("ValueT", bound=Value)


@dataclass(frozen=True, slots=True)
class Wanted(Generic[ValueT]):
    """A value by its key, in ASCII. `make` gives None where it must not be kept.

    `seconds`: how long it is fresh. `is_shared`: it is the same for everybody.
    """

    key: bytes
    seconds: float
    is_shared: bool
    make: Callable[[OnRead], Awaitable[ValueT | None]]


@dataclass(frozen=True, slots=True)
class Found(Generic[ValueT]):
    """A value, and how it was found. `began`: no change of its tags up to this moment is missing in it.

    `made_at` and `fresh_until` in seconds since 1970, and `stale_until`, after which it is shown to nobody who asks.
    """

    value: ValueT
    outcome: Outcome
    tags: frozenset[str]
    began: int
    made_at: float
    fresh_until: float
    stale_until: float
