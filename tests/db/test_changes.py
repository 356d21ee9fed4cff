"""Whoever watches is woken by what is theirs, and by whatever they may have missed."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from db.changes import open_changes
from tests.databases import column, execute
from tests.wires import wire_to

TELL = "select pg_notify('changes', json_build_object('table', 'job_events', 'owners', {owners})::text)"


async def tell(url: str, *owners: UUID) -> None:
    await execute(url, TELL.format(owners=f"array{[str(owner) for owner in owners]}"))


async def test_each_is_woken_by_their_own(content_database_url: str) -> None:
    mine, theirs = uuid4(), uuid4()
    async with open_changes(content_database_url) as changes, asyncio.timeout(10):
        await changes.listening.wait()
        with (
            changes.watch("job_events", mine) as one,
            changes.watch("job_events", mine) as same,
            changes.watch("job_events", theirs) as other,
            changes.watch("review_days", mine) as another_table,
            changes.watch("job_events") as anybodys,
        ):
            await tell(content_database_url, mine)
            for woken in (one, same, anybodys):
                await woken.wait()
            assert not other.is_set()
            assert not another_table.is_set()
            # Too many to name: everybody looks.
            await execute(content_database_url, TELL.format(owners="'many'"))
            await other.wait()
            assert not another_table.is_set()
        assert changes.watchers == 0


async def test_a_batch_of_many_is_one_notification(writable_database_url: str) -> None:
    """Of 150 learners it says that there are many; of one, who."""
    [demo] = await column(writable_database_url, "select id from users where subject = 'demo'")
    async with open_changes(writable_database_url) as changes, asyncio.timeout(20):
        await changes.listening.wait()
        with changes.watch("review_days", demo) as mine, changes.watch("review_days", uuid4()) as anothers:
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


async def test_a_connection_that_ends_is_made_again(content_database_url: str) -> None:
    async with open_changes(content_database_url) as changes, asyncio.timeout(20):
        await changes.listening.wait()
        with changes.watch("job_events", uuid4()) as mine:
            await execute(
                content_database_url,
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'shinjp changes' and datname = current_database()",
            )
            # Something may have happened in between.
            await mine.wait()


async def test_a_connection_that_is_cut_without_a_word_is_found(content_database_url: str) -> None:
    owner = uuid4()
    async with (
        wire_to(content_database_url) as wire,
        open_changes(wire.url, heartbeat=timedelta(seconds=0.2)) as changes,
        asyncio.timeout(20),
    ):
        await changes.listening.wait()
        with changes.watch("job_events", owner) as mine:
            wire.alive.clear()
            await tell(content_database_url, owner)
            await wire.until_connected(2)
            assert not mine.is_set()
            wire.alive.set()
            await mine.wait()
            await changes.listening.wait()
            mine.clear()
            await tell(content_database_url, owner)
            await mine.wait()
