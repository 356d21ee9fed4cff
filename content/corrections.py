"""Applies the corrections of editors again to words and kanji that were loaded from a release."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from domain.enums import Role
from domain.ids import UserId
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer

_EXIST = "select true from corrections where state = 'ACTIVE' and {} = any($1) limit 1"
# The functions that write corrected objects require the role.
_SET_ROLE = "select set_config('app.role', $1, true)"


async def reapply_to_words(connection: asyncpg.Connection, ids: Sequence[UUID]) -> None:
    """Apply the corrections of these words and their sentences, in the transaction of the load."""
    await _reapply(connection, "vocabulary_id", ids)


async def reapply_to_kanji(connection: asyncpg.Connection, ids: Sequence[UUID]) -> None:
    """The same for kanji."""
    await _reapply(connection, "kanji_id", ids)


async def _reapply(connection: asyncpg.Connection, column: str, ids: Sequence[UUID]) -> None:
    if not await connection.fetchval(_EXIST.format(column), ids):
        return
    # Most loads find no corrections, and these modules import SQLAlchemy.
    from db.core.transaction import Transaction
    from db.services import corrections

    viewer = Viewer(UserId(UUID(int=0)), Role.EDITOR)
    transaction = Transaction(connection, viewer, datetime.now(UTC), "content", RequestStatistics())
    reapply = corrections.reapply_to_words if column == "vocabulary_id" else corrections.reapply_to_kanji
    await connection.execute(_SET_ROLE, viewer.role.value)
    await reapply(transaction, ids)
    await connection.execute(_SET_ROLE, "")
