"""Loaders send one statement per batch, return results in key order, and isolate cancellations."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from common.task_set import TaskSet
from db.core.database import Database
from db.core.read_session import ReadSession
from db.queries.kanji import kanji_by_id
from db.queries.vocabulary import KanjiRow, WordKanjiRow, kanji_by_vocabulary_id
from domain.ids import KanjiId, VocabularyId, new_id
from domain.request_stats import RequestStatistics
from loaders.base import Loader, ManyByKey, OneByKey


@pytest.fixture
def reads(database: Database) -> ReadSession:
    return ReadSession(database, None, RequestStatistics())


async def ids(owner: Any, statement: str) -> list[Any]:
    return [row[0] for row in await owner.fetch(statement)]


async def test_loader_returns_results_in_key_order_with_one_statement(reads: ReadSession, owner: Any) -> None:
    kanji = await ids(owner, "select id from kanji order by random() limit 50")
    unknown = new_id()
    loader: OneByKey[KanjiId, KanjiRow] = OneByKey(reads, TaskSet(), kanji_by_id)
    rows = await asyncio.gather(*(loader.load(id) for id in [*kanji, unknown, kanji[0]]))
    assert [row.id if row else None for row in rows] == [*kanji, None, kanji[0]]
    assert reads.statistics.sql_statements == reads.statistics.loader_batches == 1


async def test_loader_returns_many_rows_per_key(reads: ReadSession, owner: Any) -> None:
    words = await ids(owner, "select id from vocabulary where word in ('日曜日', 'たくさん', '食べる') order by word")
    loader: ManyByKey[VocabularyId, WordKanjiRow] = ManyByKey(reads, TaskSet(), kanji_by_vocabulary_id, "vocabulary_id")
    found = await asyncio.gather(*(loader.load(id) for id in words))
    assert ["".join(row.character for row in rows) for rows in found] == ["", "日曜", "食"]
    assert reads.statistics.sql_statements == 1


class Slow(Loader[int, int]):
    """A loader that waits until it is released."""

    def __init__(self, reads: ReadSession, running: TaskSet) -> None:
        super().__init__(reads, running)
        self.began, self.may = asyncio.Event(), asyncio.Event()
        self.batches: list[Sequence[int]] = []

    async def load_keys(self, keys: Sequence[int]) -> list[int]:
        self.batches.append(keys)
        self.began.set()
        await self.may.wait()
        return [key * 2 for key in keys]


async def test_cancelled_key_does_not_affect_others(reads: ReadSession) -> None:
    loader = Slow(reads, TaskSet())
    cancelled, other = (asyncio.ensure_future(loader.load(1)) for _ in range(2))
    await loader.began.wait()
    cancelled.cancel()
    loader.may.set()
    assert await other == 2
    assert await loader.load(1) == 2
    assert loader.batches == [[1]]


async def test_running_loads_can_be_cancelled(reads: ReadSession) -> None:
    running = TaskSet()
    loader = Slow(reads, running)
    loading = asyncio.ensure_future(loader.load(1))
    await loader.began.wait()
    assert len(running) == 1
    await running.close()
    assert len(running) == 0
    assert not loading.done()
