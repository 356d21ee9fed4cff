"""Accounts of concurrent requests are read in batches, and each request gets what it would have got alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import asyncpg
import pytest

from cache.redis.rate_limiter import RateLimits
from db.core import database as database_module
from db.core.changes import Change
from db.core.database import Database, open_database, owner_connection
from db.core.pooled_connection import PooledConnection
from db.services.account_look_ups import Account, LookUp, Profile, find_accounts
from domain.errors import AccountBlocked, AccountDeleted, ServiceUnavailable
from domain.list_sizes import MAX_CLIENTS_OF_USER
from domain.viewer import Viewer
from server.auth import account_look_ups
from server.auth.account_look_ups import MAX_SUBJECTS
from server.auth.claims import Claims
from server.auth.viewer_cache import TTL_SECONDS, ViewerCache
from tests.clients import client_of
from tests.databases import column, created, execute
from tests.single_look_ups import find_alone

NOW = datetime.now(UTC)
ISSUED_AT = datetime(2026, 3, 1, tzinfo=UTC)
EARLIER, LATER = ISSUED_AT - timedelta(days=1), ISSUED_AT + timedelta(days=1)
INSERT = """
    with added as (
        insert into users (id, subject, email, display_name, role, claims_issued_at)
            select md5(subject)::uuid, subject, subject || '@example.org', 'Haru', 'learner', '2026-03-01'
            from unnest($1::text[]) as new (subject)
        returning id
    )
    insert into user_settings (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
        select id, 'FSRS', 0.9, 20, 200, 'UTC' from added
"""
# Those of the client `app` only.
USED = """update users set clients = '{"app": "2100-01-01"}'"""

# What distinguishes accounts.
STATES = {
    "learner": "role = 'learner'",
    "administrator": "role = 'admin'",
    "blocked": "blocked_at = '2026-01-01', blocked_reason = 'Spam'",
    "blocked until": "blocked_at = '2026-01-01', blocked_until = '2100-01-01', blocked_reason = 'Spam'",
    "block has expired": "blocked_at = '2026-01-01', blocked_until = '2026-01-02', blocked_reason = 'Spam'",
    "deleted": "deleted_at = '2026-01-01'",
    "blocked and deleted": "deleted_at = '2026-01-01', blocked_at = '2026-01-01', blocked_reason = 'Spam'",
    "chose a name": "has_chosen_name = true",
    "verified": "email_verified = true",
    "no token": "claims_issued_at = null",
    "used long ago": "last_active_at = '2026-01-01'",
    "used by this client long ago": """clients = '{"app": "2026-01-01"}'""",
    "used by many clients": f"""clients = (
        select jsonb_object_agg(number, '2026-01-01'::timestamptz)
        from generate_series(1, {MAX_CLIENTS_OF_USER}) as number
    )""",
}
PROFILES = {
    "same": Profile("{}@example.org", "Haru", ISSUED_AT),
    "newer": Profile("{}@example.com", "Natsu", LATER, email_verified=True),
    "older": Profile("{}@example.com", "Natsu", EARLIER),
    "without time": Profile("{}@example.com", "Natsu", None),
    "empty": Profile(None, None, LATER),
    "other name": Profile(None, "Aki", LATER, email_verified=True),
}
CLIENTS = ("app", "other")


def mix() -> list[LookUp]:
    """A subject for each combination, and some without an account."""
    found = []
    for state, name, client in product([*STATES, "unknown"], PROFILES, CLIENTS):
        subject, profile = f"{state}, {name}, {client}", PROFILES[name]
        email = None if profile.email is None else profile.email.format(subject)
        found.append(LookUp(subject, Profile(email, profile.name, profile.issued_at, profile.email_verified), client))
    return found


async def add_users(url: str, subjects: Sequence[str]) -> None:
    """Accounts of which nothing is due if `app` uses them."""
    async with owner_connection(url) as connection:
        await connection.execute(INSERT, subjects)
        await connection.execute(f"{USED} where subject = any($1)", subjects)


async def add_mix(url: str) -> None:
    await add_users(url, [look_up.subject for look_up in mix() if not look_up.subject.startswith("unknown")])
    for state, values in STATES.items():
        await execute(url, f"update users set {values} where starts_with(subject, '{state}, ')")
    await execute(url, "create table before as select * from users")


async def state_of(url: str) -> list[Any]:
    """The accounts, with whether times have changed."""
    return await column(
        url,
        """
        select row(users.subject, users.email, users.email_verified, users.display_name, users.has_chosen_name,
            users.claims_issued_at, users.role, users.blocked_at, users.deleted_at,
            users.last_active_at = before.last_active_at, users.updated_at = before.updated_at,
            array(select key || (value = before.clients -> key) from jsonb_each(users.clients) order by 1))::text
        from users join before using (id) order by users.id
        """,
    )


def comparable(outcomes: Sequence[Any]) -> list[Any]:
    return [
        (outcome.message, outcome.extensions) if isinstance(outcome, AccountBlocked) else outcome
        for outcome in outcomes
    ]


@pytest.mark.parametrize("size", [1, 7, MAX_SUBJECTS])
async def test_batch_equals_single_look_ups(servers: tuple[str, str], template: str, size: int) -> None:
    look_ups = mix()
    async with AsyncExitStack() as stack:
        urls = [
            await stack.enter_async_context(created(servers[0], f"{template}_{name}_{size}", template))
            for name in ("batch", "single")
        ]
        for url in urls:
            await add_mix(url)
        batched, single = [await stack.enter_async_context(open_database(url, min_size=1, max_size=1)) for url in urls]
        found: list[Any] = []
        for start in range(0, len(look_ups), size):
            found += await find_accounts(batched, look_ups[start : start + size])
        alone = [await find_alone(single, look_up) for look_up in look_ups]
        assert comparable(found) == comparable(alone)
        states = [await state_of(url) for url in urls]
        assert states[0] == states[1]
        # Each kind is there.
        assert {type(outcome) for outcome in found} == {Account, AccountBlocked, type(None)}
        before = await column(urls[0], "select (before.*)::text from before order by id")
        after = await column(urls[0], "select (users.*)::text from users order by id")
        assert 0 < sum(old != new for old, new in zip(before, after, strict=True)) < len(look_ups)


class Sent:
    """The statements of all pools that are opened in a test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        sent = self

        class LoggedConnection(PooledConnection):
            __slots__ = ()

            def __init__(self, *arguments: Any, **options: Any) -> None:
                super().__init__(*arguments, **options)
                self.add_query_logger(sent._log)

        monkeypatch.setattr(database_module, "PooledConnection", LoggedConnection)

    def _log(self, query: "asyncpg.connection.LoggedQuery") -> None:
        # The driver looks up types when a connection needs them first.
        if "typeinfo_tree" not in query.query and "'jit'" not in query.query:
            self.statements.append(query.query)

    def count(self, part: str) -> int:
        return sum(part in statement for statement in self.statements)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    return Sent(monkeypatch)


def claims_of(subject: str, name: str = "Haru", issued_at: datetime = ISSUED_AT) -> Claims:
    return Claims(subject, f"{subject}@example.org", name, issued_at, NOW + timedelta(days=1))


def cache_of(database: Database, is_listening: Callable[[], bool] = lambda: True) -> ViewerCache:
    return ViewerCache(database, RateLimits(None, "test"), is_listening, max_bytes=10_000_000)


SUBJECTS = [f"subject {number}" for number in range(200)]


@pytest.fixture
async def cache(writable_database_url: str, sent: Sent) -> AsyncIterator[ViewerCache]:
    """That of a process with one connection."""
    await add_users(writable_database_url, SUBJECTS)
    async with open_database(writable_database_url, min_size=1, max_size=1) as database:
        cache = cache_of(database)
        try:
            yield cache
        finally:
            await cache.close()


async def get(cache: ViewerCache, subject: str, client: str = "app", **values: Any) -> Viewer:
    return await cache.get(claims_of(subject, **values), "192.0.2.1", client)


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


async def test_clients_and_tokens_of_a_subject_follow_each_other(
    cache: ViewerCache, sent: Sent, writable_database_url: str
) -> None:
    """The newest token counts, in any order, and each client is noted."""
    times = [LATER, EARLIER, LATER + timedelta(days=1), ISSUED_AT]
    await asyncio.gather(
        *(
            get(cache, subject, f"client {number}", name=f"Name {number}", issued_at=issued_at)
            for subject in SUBJECTS[:3]
            for number, issued_at in enumerate(times)
        )
    )
    found = await column(
        writable_database_url,
        "select display_name || ', ' || (select count(*) from jsonb_object_keys(clients)) from users"
        " where clients ? 'client 0'",
    )
    assert found == ["Name 2, 5"] * 3


async def test_new_subjects_are_created_once(cache: ViewerCache, writable_database_url: str) -> None:
    viewers = await asyncio.gather(*(get(cache, f"new {number % 2}") for number in range(10)))
    assert len(set(viewers)) == 2
    assert await column(writable_database_url, "select count(*) from users where subject like 'new %'") == [2]


async def test_refusals_concern_their_subject_only(cache: ViewerCache, writable_database_url: str) -> None:
    url = writable_database_url
    await execute(url, f"update users set {STATES['blocked']} where subject = 'subject 1'")
    await execute(url, f"update users set {STATES['deleted']} where subject = 'subject 2'")
    # PostgreSQL has no null characters, and no encoding has lone surrogates. Claims are validated; this is in case.
    subjects = [*SUBJECTS[:9], "null \0", "surrogate \ud800"]
    outcomes = await asyncio.gather(*(get(cache, subject) for subject in subjects), return_exceptions=True)
    kinds = [type(outcome) for outcome in outcomes]
    assert kinds[:9] == [Viewer, AccountBlocked, AccountDeleted, *[Viewer] * 6]
    assert all(isinstance(outcome, Exception) for outcome in outcomes[9:])
    # Also of an update.
    outcomes = await asyncio.gather(
        *(get(cache, subject, name=f"{subject}\0", issued_at=LATER) for subject in SUBJECTS[10:12]),
        *(get(cache, subject, name="Natsu", issued_at=LATER) for subject in SUBJECTS[12:15]),
        *(get(cache, subject) for subject in SUBJECTS[15:20]),
        return_exceptions=True,
    )
    assert [isinstance(outcome, Viewer) for outcome in outcomes] == [False] * 2 + [True] * 8
    natsu = await column(url, "select count(*) from users where display_name = 'Natsu'")
    assert natsu == [3]


async def test_failed_update_concerns_the_updated_only(writable_database_url: str) -> None:
    url = writable_database_url
    await add_users(url, SUBJECTS)
    name = await column(url, "select current_database()")
    await execute(url, f'alter database "{name[0]}" set default_transaction_read_only = on')
    async with open_database(url, min_size=1, max_size=1) as database:
        cache = cache_of(database)
        outcomes = await asyncio.gather(
            get(cache, SUBJECTS[0]), get(cache, SUBJECTS[1], "other"), get(cache, SUBJECTS[2]), return_exceptions=True
        )
    assert [type(outcome) for outcome in outcomes] == [Viewer, ServiceUnavailable, Viewer]


async def test_locked_account_holds_up_none(cache: ViewerCache, writable_database_url: str) -> None:
    """Its use is noted next time."""
    url = writable_database_url
    noted = "select subject from users where clients ? 'other' and subject like 'subject%' order by 1"
    async with owner_connection(url) as owner, owner.transaction(), asyncio.timeout(30):
        await owner.execute("select from users where subject = 'subject 0' for update")
        await asyncio.gather(*(get(cache, subject, "other", issued_at=LATER) for subject in SUBJECTS[:3]))
        assert await column(url, noted) == ["subject 1", "subject 2"]
    cache.on_connect()
    await get(cache, SUBJECTS[0], "other", issued_at=LATER)
    assert await column(url, noted) == ["subject 0", "subject 1", "subject 2"]


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
