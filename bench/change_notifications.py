"""Commits per second of 16 writers, each of which updates a card of its own, with several triggers:

- `notify`: `pg_notify` in the transaction of the write, as before the outbox
- `withoutNotify`: the same functions without the line `pg_notify`
- `outbox`: the present functions, while two processes listen and one of them flushes
- `withoutTriggers`: none, so that no process is notified

    python -m bench.change_notifications

Starts a PostgreSQL with default durability in a directory below TMPDIR, which should be on a disk. The variants take
turns in short rounds, and ratios are medians of the rounds' ratios, so that load of other processes changes them
little. After each round, all processes acknowledge the changes.

Then measures how soon a process is notified of a change in an otherwise idle cluster, after a transaction of another
process and after SQL. Prints JSON.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import uvloop

from bench.harness import report
from db.core.changes import Change
from db.core.database import owner_connection
from db.migrations import upgrade
from db.notify.listener import NotificationListener, open_listener
from server.dev_servers import embedded_servers

WRITERS, ROUNDS, SECONDS, LISTENERS = 16, 8, 2.0, 2
# Until the cluster is idle, and a heartbeat more, so that changes are written at any time between two heartbeats.
CHANGES, IDLE_SECONDS = 15, (1.5, 2.0)
# By variant, the trigger of updates.
TRIGGERS = {"notify": "notify", "withoutNotify": "silent", "outbox": "tell_update", "withoutTriggers": None}
RATIOS = (
    ("outbox", "notify"),
    ("outbox", "withoutNotify"),
    ("outbox", "withoutTriggers"),
    ("withoutNotify", "withoutTriggers"),
)
NOTIFY = "PERFORM pg_notify('changes', told);"
UPDATE = "update cards set flag = 1 - flag where id = $1"
TARGETS = {"outbox/withoutNotify": 0.9, "maxMs": 1_000}

LEARNERS = """
    insert into vocabulary (id, word, reading, romaji, meanings, is_common, popularity)
        values (gen_random_uuid(), '', '', '', '{}', false, 0);
    insert into users (id, subject, email, display_name, role)
        select gen_random_uuid(), n::text, '', '', 'learner' from generate_series(1, 16) as n;
    insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions, lapses)
        select gen_random_uuid(), users.id, vocabulary.id, 'NEW', now(), 0, 2.5, 0, 0 from users, vocabulary;
    create trigger notify after update on cards referencing old table as old_rows new table as new_rows
        for each statement execute function notify();
    create trigger silent after update on cards referencing old table as old_rows new table as new_rows
        for each statement execute function silent();
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        # PostgreSQL may run as another user.
        Path(directory).chmod(0o711)
        with embedded_servers(Path(directory), lambda _: None) as servers:
            upgrade(servers.database_url)
            report(writers=WRITERS, rounds=ROUNDS, secondsARound=SECONDS, **uvloop.run(_measure(servers.database_url)))


class Received:
    """Counts the notifications of one process."""

    def __init__(self) -> None:
        self.count = 0

    def on_change(self, change: Change) -> None:
        self.count += 1

    def on_disconnect(self) -> None:
        raise RuntimeError("the listener lost its connection")

    def on_connect(self) -> None:
        """Nothing is cached."""

    async def drain(self) -> None:
        """Counting is immediate."""


async def _measure(url: str) -> dict[str, Any]:
    commits: dict[str, list[float]] = {name: [] for name in TRIGGERS}
    notifications: dict[str, list[float]] = {name: [] for name in TRIGGERS}
    received = Received()
    async with AsyncExitStack() as stack:
        owner = await stack.enter_async_context(owner_connection(url))
        await _prepare(owner)
        cards = [row["id"] for row in await owner.fetch("select id from cards")]
        writers = [await stack.enter_async_context(owner_connection(url)) for _ in cards]
        listeners = [await stack.enter_async_context(open_listener(url)) for _ in range(LISTENERS)]
        stack.enter_context(listeners[0].add_listener(received))
        for round_number in range(ROUNDS + 1):
            for name, trigger in TRIGGERS.items():
                await _enable(owner, trigger)
                received.count = 0
                rate = await _commits_per_second(writers, cards)
                if not await listeners[0].wait_for_all():
                    raise RuntimeError("a process did not receive the changes")
                # The first round warms up.
                if round_number > 0:
                    commits[name].append(rate)
                    notifications[name].append(received.count / SECONDS)
        await _enable(owner, TRIGGERS["outbox"])
        delays = {
            "transaction": await _delays(owner, cards[0], listeners[0], listeners[1].on_commit),
            "sql": await _delays(owner, cards[0], listeners[0], lambda: None),
        }
    return {
        "commitsASecond": {name: round(statistics.median(rates)) for name, rates in commits.items()},
        "notificationsASecond": {name: round(statistics.median(rates)) for name, rates in notifications.items()},
        "ratios": {f"{one}/{other}": _median_ratio(commits[one], commits[other]) for one, other in RATIOS},
        "notifiedAfterMs": {
            name: {"median": round(statistics.median(values), 1), "max": round(max(values), 1)}
            for name, values in delays.items()
        },
        "targets": TARGETS,
    }


async def _prepare(owner: asyncpg.Connection) -> None:
    """Create the learners, and the triggers of before."""
    tell_change = await owner.fetchval("select pg_get_functiondef('tell_change'::regproc)")
    await owner.execute(tell_change.replace(".tell_change(", ".tell_nothing(").replace(NOTIFY, ""))
    changes = import_module("db.migrations.versions.0009_changes")
    notify: str = changes._function("cards", ("user_id",))
    await owner.execute(notify.replace("tell_change_of_cards", "notify"))
    await owner.execute(notify.replace("tell_change_of_cards", "silent").replace(".tell_change(", ".tell_nothing("))
    await owner.execute(LEARNERS)


async def _enable(owner: asyncpg.Connection, trigger: str | None) -> None:
    for name in TRIGGERS.values():
        if name is not None:
            state = "enable" if name == trigger else "disable"
            await owner.execute(f"alter table cards {state} trigger {name}")
    # Dead rows of other rounds.
    await owner.execute("vacuum cards")


async def _commits_per_second(writers: Sequence[asyncpg.Connection], cards: Sequence[UUID]) -> float:
    ends_at = time.perf_counter() + SECONDS

    async def write(writer: asyncpg.Connection, card: UUID) -> int:
        update = await writer.prepare(UPDATE)
        commits = 0
        while time.perf_counter() < ends_at:
            await update.fetch(card)
            commits += 1
        return commits

    return sum(await asyncio.gather(*map(write, writers, cards))) / SECONDS


async def _delays(
    owner: asyncpg.Connection, card: UUID, listener: NotificationListener, on_commit: Callable[[], None]
) -> list[float]:
    """Milliseconds from a commit to the notification of a process. `on_commit`: of the process that has written."""
    user = await owner.fetchval("select user_id from cards where id = $1", card)
    delays: list[float] = []
    with listener.subscribe("cards", user) as changed:
        for _ in range(CHANGES):
            await asyncio.sleep(random.uniform(*IDLE_SECONDS))
            changed.clear()
            await owner.execute(UPDATE, card)
            committed_at = time.perf_counter()
            on_commit()
            await changed.wait()
            delays.append((time.perf_counter() - committed_at) * 1000)
    return delays


def _median_ratio(ones: Sequence[float], others: Sequence[float]) -> float:
    return round(statistics.median(one / other for one, other in zip(ones, others, strict=True)), 2)


if __name__ == "__main__":
    main()
