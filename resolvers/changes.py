"""Resolver of the viewer's changes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry

from db.core.read_session import ReadSession
from db.core.statement import Query, Row
from db.queries.cards import cards_by_id
from db.queries.changes import (
    ChangeRow,
    change_parameters,
    copied_keys,
    copied_keys_before,
    logged_keys,
    logged_keys_before,
    present_horizon,
)
from db.queries.exercises import attempts_by_id
from db.queries.reading import progress_by_id
from db.queries.reviews import reviews_by_id_and_time
from db.queries.textbook_progress import progress_by_chapter_id
from db.queries.users import settings_by_user_id
from domain.changes import DEFAULT_CHANGES, MAX_CHANGES, ChangesToken
from domain.enums import ChangesReset, ChangeType
from domain.errors import BadUserInput
from domain.ids import global_id
from domain.ranges import check_range
from domain.viewer import Viewer
from resolvers.context import Info

_TYPE_NAMES = {
    ChangeType.CARD: "Card",
    ChangeType.REVIEW: "Review",
    ChangeType.READING_PROGRESS: "BookProgress",
    ChangeType.SETTINGS: "StudySettings",
    ChangeType.CHAPTER_PROGRESS: "ChapterProgress",
    ChangeType.EXERCISE_ATTEMPT: "ExerciseAttempt",
}
_QUERIES: dict[ChangeType, Query[Any]] = {
    ChangeType.CARD: cards_by_id,
    ChangeType.REVIEW: reviews_by_id_and_time,
    ChangeType.READING_PROGRESS: progress_by_id,
    ChangeType.SETTINGS: settings_by_user_id,
    ChangeType.CHAPTER_PROGRESS: progress_by_chapter_id,
    ChangeType.EXERCISE_ATTEMPT: attempts_by_id,
}


@dataclass(frozen=True, slots=True)
class Change:
    """An object that was changed, or deleted if it has no node."""

    type: ChangeType
    object_id: str
    node: Row | None

    @property
    def deleted(self) -> bool:
        return self.node is None


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes, and the token of the next."""

    changes: list[Change]
    next_token: str
    has_more: bool
    reset: ChangesReset | None


async def changes(
    parent: strawberry.Parent[Viewer],
    info: Info,
    since: str | None = None,
    types: list[ChangeType] | None = None,
    first: int | None = None,
) -> Changes:
    """A statement for the keys of the page, and one for each type of object in it; one more for a reset."""
    size = DEFAULT_CHANGES if first is None else first
    check_range("first", size, 1, MAX_CHANGES)
    if types is not None and not types:
        raise BadUserInput("types is empty; omit it for all types.")
    start = ChangesToken.start(parent.id, ChangeType if types is None else types)
    token, reset = (start, None) if since is None else _parse(since, start)
    reads = info.context.reads
    rows = await _keys(reads, token, size)
    if token is not start:
        reset = token.is_void(rows[0].database, rows[0].now)
        if reset is not None:
            token, rows = start, await _keys(reads, start, size)
    return await _page(reads, token, rows, size, reset)


def _parse(since: str, start: ChangesToken) -> tuple[ChangesToken, ChangesReset | None]:
    """The token; or the one that starts, and why."""
    try:
        token = ChangesToken.parse(since)
    except BadUserInput:
        return start, ChangesReset.MALFORMED
    reset = token.mismatch(start)
    return (token, None) if reset is None else (start, reset)


async def _keys(reads: ReadSession, token: ChangesToken, size: int) -> list[ChangeRow]:
    """The keys of the page and one more; a row without a key if there is none."""
    values = {"viewer_id": token.user_id, **change_parameters(token, size + 1)}
    if not reads.is_distributed:
        return await reads.rows(copied_keys if token.is_copy else logged_keys, **values)
    # Read first, so that a change that is committed meanwhile belongs to the next page.
    [present] = await reads.rows(present_horizon)
    query = copied_keys_before if token.is_copy else logged_keys_before
    return await reads.rows(query, horizon=present.horizon, **values)


async def _page(
    reads: ReadSession, token: ChangesToken, rows: list[ChangeRow], size: int, reset: ChangesReset | None
) -> Changes:
    database = rows[0]
    token = token.continues(database.database, database.horizon, database.now)
    keys = [row for row in rows[:size] if row.rank is not None]
    if len(rows) > size:
        last = keys[-1]
        following = token.after(last.rank or 0, last.changed_in, last.time, last.key)
    else:
        following = token.at_end(database.horizon, database.now)
    # Changes made during a copy are in the log.
    has_more = len(rows) > size or token.is_copy
    return Changes(await _load(reads, keys), following.encode(), has_more, reset)


async def _load(reads: ReadSession, keys: Sequence[ChangeRow]) -> list[Change]:
    """Read the objects. One that was deleted since its key was read is omitted: the deletion follows in the log."""
    changed = [row for row in keys if row.rank]
    types = [type for type in ChangeType if any(row.type == type for row in changed)]
    loaded = await asyncio.gather(*(_nodes(reads, [row for row in changed if row.type == type]) for type in types))
    nodes = {node["id"] if "id" in node else node["user_id"]: node for of_type in loaded for node in of_type}
    changes = [(row, nodes.get(row.object_id) if row.rank else None) for row in keys]
    return [
        Change(ChangeType(row.type), global_id(_TYPE_NAMES[ChangeType(row.type)], row.object_id), node)
        for row, node in changes
        if node is not None or not row.rank
    ]


async def _nodes(reads: ReadSession, keys: Sequence[ChangeRow]) -> Sequence[Row]:
    assert reads.viewer is not None
    ids: list[UUID] = [row.object_id for row in keys]
    query = _QUERIES[ChangeType(keys[0].type)]
    return await reads.rows(query, viewer_id=reads.viewer.id, ids=ids, times=[row.time for row in keys])
