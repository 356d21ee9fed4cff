"""The notification listener wakes subscribers by table and owner, and all of them after a reconnect."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from db.core.cache_tags import tags_for
from db.core.changes import Change, parse_changes
from db.core.database import owner_connection
from db.notify.listener import open_listener
from tests.databases import column, execute
from tests.notifications import notified_columns, subscriber_count
from tests.tcp_proxy import proxy_to

TELL = "select pg_notify('changes', json_build_object('table', 'job_events', 'keys', {keys})::text)"


async def notify(url: str, *owners: UUID) -> None:
    await execute(url, TELL.format(keys=f"json_build_object('user_id', array{[str(owner) for owner in owners]})"))


async def test_subscriber_is_woken_by_own_changes(content_database_url: str) -> None:
    mine, theirs = uuid4(), uuid4()
    async with open_listener(content_database_url) as changes, asyncio.timeout(60):
        await changes.listening.wait()
        with (
            changes.subscribe("job_events", mine) as one,
            changes.subscribe("job_events", mine) as same,
            changes.subscribe("job_events", theirs) as other,
            changes.subscribe("review_days", mine) as another_table,
            changes.subscribe("job_events") as anybodys,
        ):
            await notify(content_database_url, mine)
            for woken in (one, same, anybodys):
                await woken.wait()
            assert not other.is_set()
            assert not another_table.is_set()
            # Too many owners to name: all subscribers are woken.
            await execute(content_database_url, TELL.format(keys="'many'"))
            await other.wait()
            assert not another_table.is_set()
        assert subscriber_count(changes) == 0


async def test_job_subscriber_is_not_woken_by_other_jobs_of_the_user(writable_database_url: str) -> None:
    await execute(
        writable_database_url,
        "insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts,"
        " input, scheduled_for) select gen_random_uuid(), id, 'EXPORT', 'FAILED', 0, 0, 1, 1, 3, '{}', now()"
        " from users, generate_series(1, 2) where subject = 'demo'",
    )
    one, other = await column(writable_database_url, "select id from jobs")
    [learner] = await column(writable_database_url, "select id from users where subject = 'demo'")
    event = "insert into job_events (job_id, user_id, at, state) values ('{}', '{}', now(), '{{}}')"
    async with open_listener(writable_database_url) as changes, asyncio.timeout(60):
        await changes.listening.wait()
        with (
            changes.subscribe("job_events", one) as of_one,
            changes.subscribe("job_events", other) as of_other,
            changes.subscribe("job_events", learner) as of_all,
        ):
            await execute(writable_database_url, event.format(one, learner))
            await asyncio.gather(of_one.wait(), of_all.wait())
            assert not of_other.is_set()


async def test_batch_sends_one_notification(writable_database_url: str) -> None:
    """A change of 150 learners is sent without owners; one of a single learner names it."""
    [demo] = await column(writable_database_url, "select id from users where subject = 'demo'")
    async with open_listener(writable_database_url) as changes, asyncio.timeout(60):
        await changes.listening.wait()
        with changes.subscribe("review_days", demo) as mine, changes.subscribe("review_days", uuid4()) as anothers:
            await execute(writable_database_url, f"update review_days set reviews = reviews where user_id = '{demo}'")
            await mine.wait()
            assert not anothers.is_set()
            await execute(
                writable_database_url,
                """
                insert into users (id, subject, email, display_name, role)
                    select gen_random_uuid(), n::text, '', 'x', 'learner' from generate_series(1, 150) as n;
                insert into review_days (user_id, day, reviews, recalled, new_cards, duration_ms)
                    select id, current_date, 1, 1, 1, 1 from users where email = '' and display_name = 'x'
                """,
            )
            await anothers.wait()


async def test_listener_reconnects_after_termination(content_database_url: str) -> None:
    async with open_listener(content_database_url) as changes, asyncio.timeout(60):
        await changes.listening.wait()
        with changes.subscribe("job_events", uuid4()) as mine:
            await execute(
                content_database_url,
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'shinjp changes' and datname = current_database()",
            )
            # Changes may have been missed meanwhile.
            await mine.wait()


async def test_listener_detects_dead_connection(content_database_url: str) -> None:
    owner = uuid4()
    async with (
        proxy_to(content_database_url) as proxy,
        open_listener(proxy.url, heartbeat=timedelta(seconds=0.2)) as changes,
        asyncio.timeout(60),
    ):
        await changes.listening.wait()
        with changes.subscribe("job_events", owner) as mine:
            proxy.stall()
            await notify(content_database_url, owner)
            await proxy.until_connected(2)
            assert not mine.is_set()
            proxy.recover()
            await mine.wait()
            await changes.listening.wait()
            mine.clear()
            await notify(content_database_url, owner)
            await mine.wait()


class ChangeListener:
    """Records notifications, and drains when it is released."""

    def __init__(self) -> None:
        self.received: list[Change] = []
        self.calls: list[str] = []
        self.may_settle = asyncio.Event()

    def on_change(self, change: Change) -> None:
        self.received.append(change)

    def on_disconnect(self) -> None:
        self.calls.append("disconnected")

    def on_connect(self) -> None:
        self.calls.append("connected")

    async def drain(self) -> None:
        await self.may_settle.wait()


async def test_wait_for_all_waits_for_every_process(writable_database_url: str) -> None:
    listener = ChangeListener()
    async with (
        open_listener(writable_database_url) as one,
        open_listener(writable_database_url) as other,
        asyncio.timeout(60),
    ):
        with other.add_listener(listener):
            await execute(writable_database_url, "update books set title = title")
            asked = asyncio.create_task(one.wait_for_all())
            # The outbox may have changes from before.
            while "books" not in [change.table for change in listener.received]:  # noqa: ASYNC110  # there is no event
                await asyncio.sleep(0.01)
            assert not asked.done()
            listener.may_settle.set()
            assert await asked
        assert await other.wait_for_all()


async def test_wait_for_all_times_out(content_database_url: str) -> None:
    async with (
        proxy_to(content_database_url) as proxy,
        open_listener(content_database_url) as one,
        open_listener(proxy.url),
        asyncio.timeout(60),
    ):
        proxy.stall()
        assert not await one.wait_for_all()
        proxy.recover()


async def test_listener_is_notified_of_disconnects(writable_database_url: str) -> None:
    listener = ChangeListener()
    async with open_listener(writable_database_url) as changes, asyncio.timeout(60):
        with changes.add_listener(listener):
            await execute(
                writable_database_url,
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'shinjp changes' and datname = current_database()",
            )
            while listener.calls != ["connected", "disconnected", "connected"]:  # noqa: ASYNC110  # there is no event for it
                await asyncio.sleep(0.01)


# The tables of these without rows in the content.
EXTENSION = """
    insert into corrections (id, kind, vocabulary_id, corrected, original, state, source)
        select gen_random_uuid(), 'VOCABULARY', id, '{}', '{}', 'OBSOLETE', 'a page' from vocabulary limit 2;
    insert into limit_extensions (user_id, idempotency_key, day, new_cards, reviews)
        select id, 'key', current_date, 1, 1 from users where subject = 'demo'
"""


# The application publishes their changes, not triggers.
REFRESHED = ("cache", "jlpt_content_stats", "analytics_days")


async def test_every_change_of_cached_tables_is_notified(writable_database_url: str) -> None:
    """With the values that tags depend on, before and after; a bulk change without them; no row, no notification."""
    tables = {name: names for name, names in notified_columns().items() if name not in REFRESHED}
    listener = ChangeListener()
    listener.may_settle.set()
    await execute(writable_database_url, EXTENSION)
    async with (
        open_listener(writable_database_url) as changes,
        owner_connection(writable_database_url) as connection,
        asyncio.timeout(60),
    ):
        # Changes of personal rows are sent soon after their commit.
        assert await changes.wait_for_all()
        with changes.add_listener(listener):
            for table, names in tables.items():
                listener.received.clear()
                row = await connection.fetchrow(f"select ctid::text as place, * from {table} limit 1")
                assert row is not None, f"{table} has no row"
                updated = names[0] if names else list(row.keys())[1]
                for where in (f"ctid = '{row['place']}'", "false", "true"):
                    await connection.execute(f"update {table} set {updated} = {updated} where {where}")
                    assert await changes.wait_for_all()
                one, all_ = listener.received
                assert one.table == table
                assert one.keys is not None
                assert {name: one.keys[name] for name in names} == {
                    name: [] if row[name] is None else [str(row[name])] for name in names
                }
                assert all_.keys is None or all(len(values) <= 100 for values in all_.keys.values())
            for table in tables:
                listener.received.clear()
                await connection.execute(f"truncate {table} cascade")
                assert await changes.wait_for_all()
                assert Change(table, None) in listener.received


def test_change_of_many_rows_invalidates_wildcard_tags() -> None:
    for table in notified_columns():
        assert all("*" in tag or ":" not in tag for tag in tags_for(Change(table, None)))
    assert tags_for(Change("books", {"id": ["1"], "jlpt_level": ["N5", "N4"]})) == {
        *("books", "Book:1", "books:level=N5", "books:level=N4"),
    }
    assert tags_for(Change("audit_log", None)) == set()


def test_transaction_reads_its_changes() -> None:
    payload = '{"table": "books", "operation": "update", "keys": {"id": ["1"]}}\n{"table": "kanji", "keys": "many"}\n'
    assert parse_changes(payload) == [Change("books", {"id": ["1"]}), Change("kanji", None)]
    assert parse_changes("x" * 50_000) is None
