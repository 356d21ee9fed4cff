"""Tokens of the list of a user's changes: the position up to which a client has read.

A client first copies all objects, by type and key, and then reads the log of changes from the transaction that was the
horizon when the copy began. Objects that change during the copy are in the log as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from common.text import truncate
from domain.enums import ChangesReset, ChangeType
from domain.errors import BadUserInput
from domain.pages import CursorKey, KeyType, decode_cursor, encode_cursor

DEFAULT_CHANGES, MAX_CHANGES = 100, 500
# A token is valid for a day less than tombstones are stored: a transaction may end later than its deletions' time.
TOMBSTONE_RETENTION = timedelta(days=90)
_TOKEN_LIFETIME = TOMBSTONE_RETENTION - timedelta(days=1)

# The ranks of the objects of a transaction, and of a copy: first deletions, so that a restored object is kept.
TOMBSTONE_RANK = 0
RANKS = {type: rank for rank, type in enumerate(ChangeType, TOMBSTONE_RANK + 1)}
_MAX_RANK = max(RANKS.values())

# Before and after all keys.
FIRST_KEY, LAST_KEY = UUID(int=0), UUID(int=(1 << 128) - 1)
_FIRST_TIME = datetime(1, 1, 1, tzinfo=UTC)

_NAME = "changes.1"
_KEYS = (
    *(KeyType(UUID), KeyType(int, bits=64), KeyType(int, bits=16), KeyType(datetime)),
    *(KeyType(bool, bits=8), KeyType(int, bits=64), KeyType(int, bits=16), KeyType(datetime), KeyType(UUID)),
)


@dataclass(frozen=True, slots=True)
class ChangesToken:
    """`database`: its identity. `as_of`: a time up to which all changes have been read; of a copy, when it began.

    `transaction`: of the last change, or of a copy the horizon. `rank`, `time` and `key` are of the last object.
    """

    user_id: UUID
    database: int
    types: int
    as_of: datetime
    is_copy: bool
    transaction: int
    rank: int = TOMBSTONE_RANK
    time: datetime = _FIRST_TIME
    key: UUID = FIRST_KEY

    @classmethod
    def start(cls, user_id: UUID, types: Iterable[ChangeType]) -> Self:
        """The token of a client without any objects."""
        return cls(user_id, 0, _mask(types), _FIRST_TIME, is_copy=True, transaction=0)

    @classmethod
    def parse(cls, value: str) -> Self:
        """Raises BadUserInput for a malformed token."""
        token = cls(*decode_cursor(value, _NAME, _KEYS))  # type: ignore[arg-type]  # checked by _KEYS
        if not (0 < token.types < 1 << len(ChangeType) and token.transaction >= 0 and 0 <= token.rank <= _MAX_RANK):
            raise BadUserInput(f"{truncate(value)!r} is not a token of changes.")
        return token

    def encode(self) -> str:
        """Opaque to clients."""
        keys: list[CursorKey] = [self.user_id, self.database, self.types, self.as_of, self.is_copy]
        return encode_cursor(_NAME, [*keys, self.transaction, self.rank, self.time, self.key])

    def continues(self, database: int, horizon: int, now: datetime) -> Self:
        """The token at the same position, with what a first page has to know: in which database and since when."""
        if self.database:
            return self
        return replace(self, database=database, transaction=horizon, as_of=now)

    def after(self, rank: int, transaction: int | None, time: datetime | None, key: UUID) -> Self:
        """The token after an object."""
        log_position = self.transaction if transaction is None else transaction
        return replace(self, transaction=log_position, rank=rank, time=time or _FIRST_TIME, key=key)

    def at_end(self, horizon: int, now: datetime) -> Self:
        """The token after the last object: of a copy the begin of the log, of the log the horizon."""
        if self.is_copy:
            horizon, now = self.transaction, self.as_of
        return replace(
            self, is_copy=False, transaction=horizon, as_of=now, rank=TOMBSTONE_RANK, time=_FIRST_TIME, key=FIRST_KEY
        )

    def mismatch(self, other: Self) -> ChangesReset | None:
        """Why this token does not continue the list that another one starts."""
        if self.user_id != other.user_id:
            return ChangesReset.OTHER_USER
        return None if self.types == other.types else ChangesReset.OTHER_TYPES

    def is_void(self, database: int, now: datetime) -> ChangesReset | None:
        """Why the database cannot continue the list."""
        if self.database != database:
            return ChangesReset.OTHER_DATABASE
        return ChangesReset.EXPIRED if self.as_of < now - _TOKEN_LIFETIME else None

    def includes(self, type: ChangeType) -> bool:
        return bool(self.types & _mask([type]))


def _mask(types: Iterable[ChangeType]) -> int:
    return sum({1 << RANKS[type] - 1 for type in types})
