"""Which concurrent requests share the statements that look up accounts, and which wait for others."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from db.core.changes import Change
from db.core.database import Database, open_database
from db.services.account_look_ups import LookUp, find_accounts
from domain.errors import AccountBlocked, AccountDeleted
from domain.viewer import Viewer
from server.auth import account_look_ups
from server.auth.viewer_cache import TTL_SECONDS, ViewerCache
from tests.clients import client_of
from tests.databases import column, execute
from tests.server.viewer_cache import LATER, STATES, SUBJECTS, Sent, add_users, cache, cache_of, get, sent

__all__ = ["cache", "sent"]


class Gate:
    """Holds look-ups after they were read, until it is opened. `read`: the subjects of each batch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[set[str]] = []
        self._has_read = asyncio.Event()
        self._opened = asyncio.Event()
        monkeypatch.setattr(account_look_ups, "find_accounts", self._find)

    async def _find(self, database: Database, look_ups: Sequence[LookUp]) -> Any:
        outcomes = await find_accounts(database, look_ups)
        self.read.append({look_up.subject for look_up in look_ups})
        self._has_read.set()
        await self._opened.wait()
        return outcomes

    async def wait_for_read(self) -> None:
        await self._has_read.wait()

    def open(self) -> None:
        self._opened.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    monkeypatch.setattr(account_look_ups, "SLOW_SECONDS", 1_000.0)
    return Gate(monkeypatch)


def start(cache: ViewerCache, *subjects: str) -> "list[asyncio.Task[Viewer]]":
    return [asyncio.create_task(get(cache, subject)) for subject in subjects]


async def let_run() -> None:
    """Runs tasks that were just created until they wait."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_concurrent_subjects_take_one_statement(cache: ViewerCache, sent: Sent) -> None:
    sent.statements.clear()
    viewers = await asyncio.gather(*(get(cache, subject) for subject in SUBJECTS))
    assert len({viewer.id for viewer in viewers}) == len(SUBJECTS)
    assert len(sent.statements) == sent.count("find_accounts") == 1
    # They are cached.
    assert await asyncio.gather(*(get(cache, subject) for subject in SUBJECTS)) == viewers
    assert len(sent.statements) == 1


async def test_concurrent_updates_take_one_statement(
    cache: ViewerCache, sent: Sent, writable_database_url: str
) -> None:
    sent.statements.clear()
    await asyncio.gather(*(get(cache, subject, "other", name="Natsu", issued_at=LATER) for subject in SUBJECTS))
    parts = ("find_accounts", "update_profiles", "note_use")
    assert [sent.count(part) for part in parts] == [1, 1, 1]
    assert len(sent.statements) == 3
    changed = "select count(*) from users where display_name = 'Natsu' and clients ? 'other'"
    assert await column(writable_database_url, changed) == [len(SUBJECTS)]


async def test_requests_of_a_subject_share_a_look_up(cache: ViewerCache, sent: Sent) -> None:
    sent.statements.clear()
    viewers = await asyncio.gather(*(get(cache, SUBJECTS[0]) for _ in range(50)))
    assert len(set(viewers)) == len(sent.statements) == 1


async def test_next_batch_has_what_arrived_meanwhile(cache: ViewerCache, gate: Gate) -> None:
    first = start(cache, *SUBJECTS[:2])
    await gate.wait_for_read()
    # The second one is in flight.
    others = start(cache, *SUBJECTS[1:100])
    await let_run()
    assert gate.read == [set(SUBJECTS[:2])]
    gate.open()
    await asyncio.gather(*first, *others)
    assert gate.read == [set(SUBJECTS[:2]), set(SUBJECTS[2:100])]


async def test_batches_are_bounded(cache: ViewerCache, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_look_ups, "MAX_SUBJECTS", 80)
    gate.open()
    await asyncio.gather(*start(cache, *SUBJECTS))
    assert [len(subjects) for subjects in gate.read] == [80, 80, 40]


async def test_cancelled_request_cancels_no_other(cache: ViewerCache, gate: Gate) -> None:
    """Neither in the batch that runs, nor for the same subject. A queued subject without requests is not read."""
    leaving, *staying = start(cache, SUBJECTS[0], SUBJECTS[0], SUBJECTS[1])
    await gate.wait_for_read()
    queued_leaving, queued_staying, alone = start(cache, SUBJECTS[2], SUBJECTS[2], SUBJECTS[3])
    await let_run()
    for task in (leaving, queued_leaving, alone):
        task.cancel()
    await asyncio.wait([leaving, queued_leaving, alone])
    assert [task.cancelled() for task in (leaving, queued_leaving, alone)] == [True] * 3
    gate.open()
    viewers = await asyncio.gather(*staying, queued_staying)
    assert len(set(viewers)) == 3
    assert gate.read == [set(SUBJECTS[:2]), {SUBJECTS[2]}]


async def test_batch_without_requests_ends(cache: ViewerCache, gate: Gate, writable_database_url: str) -> None:
    """Also if it fails, without an unhandled error."""
    await execute(writable_database_url, f"update users set {STATES['blocked']} where subject = 'subject 0'")
    unhandled: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
    tasks = start(cache, SUBJECTS[0])
    await gate.wait_for_read()
    tasks[0].cancel()
    await asyncio.wait(tasks)
    gate.open()
    assert (await get(cache, SUBJECTS[1])).id
    assert unhandled == []


@pytest.mark.parametrize("change", ["blocked", "deleted"])
@pytest.mark.parametrize("notification", ["of the account", "of many accounts", "that some may have been missed"])
async def test_request_after_an_invalidation_does_not_get_what_was_read_before(
    cache: ViewerCache, gate: Gate, writable_database_url: str, change: str, notification: str
) -> None:
    before = start(cache, SUBJECTS[0])
    await gate.wait_for_read()
    await execute(writable_database_url, f"update users set {STATES[change]} where subject = 'subject 0'")
    ids = await column(writable_database_url, "select id::text from users where subject = 'subject 0'")
    if notification == "that some may have been missed":
        cache.on_connect()
    else:
        cache.on_change(Change("users", {"id": ids} if notification == "of the account" else None))
    after = start(cache, SUBJECTS[0])
    await let_run()
    gate.open()
    assert (await before[0]).id
    refusal = {"blocked": AccountBlocked, "deleted": AccountDeleted}[change]
    for task in (*after, *start(cache, SUBJECTS[0])):
        with pytest.raises(refusal):
            await task


async def test_look_up_in_flight_is_shared_as_long_as_a_cached_viewer(
    writable_database_url: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While notifications may be missed, a blocked account works for a second, however long its look-up takes."""
    await add_users(writable_database_url, SUBJECTS)
    now, is_listening = 1_000.0, False
    monkeypatch.setattr("server.auth.viewer_cache.time.monotonic", lambda: now)
    async with open_database(writable_database_url, min_size=1, max_size=1) as database:
        cache = cache_of(database, lambda: is_listening)
        tasks = start(cache, SUBJECTS[0])
        await gate.wait_for_read()
        for age, listening in ((0.999, False), (TTL_SECONDS - 0.001, True), (1.0, False), (TTL_SECONDS, True)):
            now, is_listening = 1_000.0 + age, listening
            tasks += start(cache, SUBJECTS[0])
            await let_run()
        gate.open()
        await asyncio.gather(*tasks)
    assert gate.read == [{SUBJECTS[0]}, {SUBJECTS[0]}]


async def test_slow_batch_does_not_hold_up_the_next(
    cache: ViewerCache, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_look_ups, "SLOW_SECONDS", 0.0)
    slow = start(cache, SUBJECTS[0])
    await gate.wait_for_read()
    gate.open()
    others = start(cache, SUBJECTS[1])
    await asyncio.gather(*slow, *others)


async def test_one_connection_serves_hundreds_of_first_requests(writable_database_url: str, redis_url: str) -> None:
    subjects = [f"learner {number}" for number in range(400)]
    await add_users(writable_database_url, subjects)
    ids = await column(writable_database_url, "select id from users where subject like 'learner %'")
    async with client_of(
        writable_database_url, redis_url, db_pool_min=1, db_pool_max=1, max_running_operations=0
    ) as client:
        answers = await asyncio.gather(
            *(client.run("{ viewer { user { id } } }", user=subject) for subject in subjects)
        )
        found = {answer.data["viewer"]["user"]["id"] for answer in answers}
        assert len(found) == len(ids) == len(subjects)
        metrics = (await client.http.get("/metrics")).text
        assert "\ndb_client_connection_timeouts_total 0" in metrics
