"""Costs of jobs and streams: latency of `generateTextbook`; delay of events with 1 and with 1,000 streams; memory per
stream; jobs per second.

    make bench                          on the content, and the rows added by `make seed`

Creates learners, whose subjects begin with `bench-watcher`, and removes them at the end. Prints JSON.
"""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.harness import Served, database_url, headers, report, served, summary, token
from db.core.database import owner_connection
from domain.ids import global_id

ASKED, CHANGES, WATCHERS = 100, 300, 1_000
MANY_STREAMS = 5_000
JOBS = 300

GENERATE = """
    mutation ($input: GenerateTextbookInput!) { generateTextbook(input: $input) { textbook { id } job { id } } }
"""
WATCH = "subscription ($id: ID!) { jobStatus(id: $id) { message } }"
INPUT = {"title": "Bench", "jlptLevel": "N5", "topics": ["food"], "numberOfChapters": 1}

MAKE_WATCHERS = """
    insert into users (id, subject, email, display_name, role)
        select gen_random_uuid(), 'bench-watcher-' || n, '', 'Watcher', 'learner' from generate_series(1, $1::int) as n;
"""
MAKE_JOBS = """
    insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts, input,
            scheduled_for)
        select gen_random_uuid(), id, 'EXPORT', 'RUNNING', 0, 0, 1, 1, 3, '{}', now()
        from users where subject like 'bench-watcher-%'
"""
TELL = """
    with changed as (update jobs set message = $2 where id = $1 returning *)
    insert into job_events (job_id, user_id, at, state) select id, user_id, now(), to_jsonb(changed) from changed
"""
TELL_ALL = """
    insert into job_events (job_id, user_id, at, state)
        select id, user_id, now(), to_jsonb(jobs) from jobs where kind = 'EXPORT' and status = 'RUNNING'
"""
REMOVE = """
    delete from jobs where user_id is null or user_id in (select id from users where subject like 'bench-%');
    delete from users where subject like 'bench-%';
"""


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    limits = {"MAX_STREAMS_PER_LEARNER": "100000", "MAX_STREAMS_PER_SOCKET": "100000"}
    with served("--no-worker", **limits) as server:
        measured = asyncio.run(_measure(server))
    measured["streamsHeld"], measured["memoryOfAStreamKiB"] = MANY_STREAMS, {}
    for to_a_socket in (1, 100):
        # Memory freed before would be reused, and not measured.
        with served("--no-worker", **limits) as server:
            measured["memoryOfAStreamKiB"][f"{to_a_socket} to a socket"] = asyncio.run(_memory(server, to_a_socket))
    with served("--worker") as server:
        measured["jobsASecond"] = asyncio.run(_jobs_a_second(server))
    report(**measured)


async def _measure(server: Served) -> dict[str, Any]:
    async with owner_connection(database_url()) as owner:
        await owner.execute(REMOVE)
        try:
            watched = await _watched_jobs(owner)
            return {
                "generateTextbook": await _generate(server),
                "delay": {number: await _delay(server, owner, watched[:number]) for number in (1, WATCHERS)},
            }
        finally:
            await owner.execute(REMOVE)


async def _watched_jobs(owner: asyncpg.Connection) -> list[tuple[str, UUID]]:
    """Subjects and their jobs."""
    await owner.execute(MAKE_WATCHERS, WATCHERS)
    await owner.execute(MAKE_JOBS)
    await owner.execute(TELL_ALL)
    rows = await owner.fetch(
        "select subject, jobs.id from jobs join users on users.id = user_id where subject like 'bench-watcher-%'"
    )
    return [(row["subject"], row["id"]) for row in rows]


async def _generate(server: Served) -> dict[str, float]:
    """Each request is by another learner, because of the limit of five per hour."""
    durations: list[float] = []
    async with httpx.AsyncClient(timeout=60) as client:
        for number in range(10 + ASKED):
            sent, operation = headers(f"bench-asks-{number}"), {"query": GENERATE, "variables": {"input": INPUT}}
            # The first request of a subject creates the account.
            await client.post(server.url, json={"query": "{ viewer { email } }"}, headers=sent)
            started_at = time.perf_counter()
            answer = (await client.post(server.url, json=operation, headers=sent)).json()
            durations.append((time.perf_counter() - started_at) * 1000)
            if "errors" in answer:
                raise RuntimeError(answer["errors"])
    return summary(durations[10:])


async def _delay(server: Served, owner: asyncpg.Connection, watched: list[tuple[str, UUID]]) -> dict[str, float]:
    """The delay from the commit of one job's change to its event at the client, while all jobs are streamed."""
    durations: list[float] = []
    async with AsyncExitStack() as stack:
        sockets: dict[UUID, ClientConnection] = {}
        for subject, job in watched:
            sockets[job] = await stack.enter_async_context(_socket(server, subject))
            await _watch(sockets[job], job, "1")
        for number in range(20 + CHANGES):
            _, job = watched[number * 7919 % len(watched)]
            async with owner.transaction():
                await owner.execute(TELL, job, f"change {number}")
                started_at = time.perf_counter()
            event = await sockets[job].recv()
            durations.append((time.perf_counter() - started_at) * 1000)
            if f"change {number}" not in str(event):
                raise RuntimeError(event)
    return summary(durations[20:])


async def _memory(server: Served, to_a_socket: int) -> float:
    """The server's memory per idle stream in KiB, including its socket."""
    async with owner_connection(database_url()) as owner, AsyncExitStack() as stack:
        await owner.execute(REMOVE)
        stack.push_async_callback(owner.execute, REMOVE)
        watched = await _watched_jobs(owner)
        async with _socket(server, watched[0][0]) as socket:
            await _watch(socket, watched[0][1], "first")
        before = server.resident_kib()
        for number in range(MANY_STREAMS // to_a_socket):
            subject, job = watched[number % len(watched)]
            socket = await stack.enter_async_context(_socket(server, subject))
            for stream in range(to_a_socket):
                await _watch(socket, job, str(stream))
        return round((server.resident_kib() - before) / MANY_STREAMS, 1)


@asynccontextmanager
async def _socket(server: Served, subject: str) -> AsyncIterator[ClientConnection]:
    url = server.url.replace("http://", "ws://")
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], compression=None) as socket:
        bearer = {"Authorization": f"Bearer {token(subject)}"}
        await socket.send(orjson.dumps({"type": "connection_init", "payload": bearer}).decode())
        await socket.recv()
        yield socket


async def _watch(socket: ClientConnection, job: UUID, id: str) -> None:
    """Waits for the event with the current state."""
    operation = {"query": WATCH, "variables": {"id": global_id("Job", job)}}
    await socket.send(orjson.dumps({"type": "subscribe", "id": id, "payload": operation}).decode())
    first = orjson.loads(await socket.recv())
    if first["type"] != "next":
        raise RuntimeError(first)


async def _jobs_a_second(server: Served) -> float:
    """Measures the time until one worker has generated the textbooks of one chapter of many learners."""
    async with owner_connection(database_url()) as owner, httpx.AsyncClient(timeout=60) as client:
        try:
            started_at = time.perf_counter()
            for number in range(JOBS):
                operation = {"query": GENERATE, "variables": {"input": INPUT}}
                answer = await client.post(server.url, json=operation, headers=headers(f"bench-asks-{number}"))
                if "errors" in answer.json():
                    raise RuntimeError(answer.json()["errors"])
            told = asyncio.Event()
            await owner.add_listener("changes", lambda *_: told.set())
            async with asyncio.timeout(120):
                while await owner.fetchval("select count(*) from jobs where status <> 'SUCCEEDED'"):
                    told.clear()
                    await told.wait()
            return round(JOBS / (time.perf_counter() - started_at), 1)
        finally:
            await owner.execute(REMOVE)


if __name__ == "__main__":
    main()
