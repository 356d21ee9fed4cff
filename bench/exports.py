"""Rows per second and memory of an export, compared with `psql \\copy` of the same rows in the same run.

    make seed ARGS="--learners 1 --cards 8000 --reviews 10000000"
    make bench

Exports the reviews of the learner with the most reviews. Prints JSON.
"""

import asyncio
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which

import httpx

from bench.harness import Served, database_url, headers, report, resident_kib, served
from db.core.database import owner_connection

BUSIEST = """
    select subject, users.id, sum(reviews)::int as reviews from review_days join users on users.id = user_id
    group by 1, 2 order by 3 desc limit 1
"""

# The same columns, as CSV of PostgreSQL.
SAME_ROWS = """
    select encode(convert_to('Review:' || reviews.id, 'UTF8'), 'base64') as id,
        to_char(reviewed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as reviewed_at, word, reading, quality,
        interval_days_before, interval_days_after, duration_ms, undone
    from reviews join cards on cards.id = card_id join vocabulary on vocabulary.id = vocabulary_id
    where reviews.user_id = '{user_id}' and cards.user_id = '{user_id}'
    order by reviewed_at, reviews.id
"""


def main() -> None:
    with served("--no-worker") as server:
        url = database_url()
        subject, id, _ = asyncio.run(_busiest(url))
        measured = {"direct": _download(server, subject, "identity"), "gzip": _download(server, subject, "gzip")}
        report(**measured, psqlCopy=_psql_copy(url, str(id)))


async def _busiest(url: str) -> tuple[str, object, int]:
    async with owner_connection(url) as owner:
        row = await owner.fetchrow(BUSIEST)
        assert row is not None
        return tuple(row)


def _download(server: Served, subject: str, coding: str) -> dict[str, float]:
    """Counts the received bytes without storing them."""
    address = server.url.replace("/graphql", "/exports/reviews.csv")
    lines = size = 0
    sent = {**headers(subject), "Accept-Encoding": coding}
    with _growth(server.pid) as growth, httpx.Client(timeout=600) as client:
        # A first run, so that lazy initialisation is not counted as growth.
        client.get(f"{address}?from=2999-01-01T00:00:00Z", headers=sent)
        started_at, growth.first = time.perf_counter(), resident_kib(server.pid)
        with client.stream("GET", address, headers=sent) as response:
            for chunk in response.iter_bytes(1 << 20):
                lines += chunk.count(b"\n")
                size += len(chunk)
        seconds = time.perf_counter() - started_at
    return {
        "rows": lines - 1,
        "megabytes": round(size / 1e6, 1),
        "rowsASecond": round(lines / seconds),
        "growthMiB": round((growth.most - growth.first) / 1024, 1),
    }


class _Growth:
    first = most = 0


@contextmanager
def _growth(pid: int) -> Iterator[_Growth]:
    """The peak memory of a process while the context is open."""
    found, ended = _Growth(), threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            found.most = max(found.most, resident_kib(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


def _psql_copy(url: str, user_id: str) -> dict[str, float] | str:
    psql = which("psql")
    if psql is None:
        return "psql is not here"
    command = f"\\copy ({' '.join(SAME_ROWS.format(user_id=user_id).split())}) to stdout (format csv, header)"
    started_at, lines = time.perf_counter(), 0
    with subprocess.Popen([psql, url, "-q", "-c", command], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while chunk := process.stdout.read(1 << 20):
            lines += chunk.count(b"\n")
    return {"rows": lines - 1, "rowsASecond": round(lines / (time.perf_counter() - started_at))}


if __name__ == "__main__":
    main()
