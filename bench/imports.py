"""Time and memory of an import from Anki: its analysis, the import, and the import of the same file again.

    shinjp serve &
    .venv/bin/python -m bench.imports --notes 100000 --reviews 1000000

Runs the jobs in this process, on the database of the running server, as a new learner. Prints JSON: seconds, CPU
seconds of this process and of PostgreSQL if it runs on this machine, and the peak memory of the process, of which
`startMiB` are before the jobs. On a machine with other work, compare CPU seconds.
"""

import argparse
import asyncio
import os
import random
import resource
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from bench.harness import database_url, report
from common.interpreter import tune_interpreter
from common.storage import DirectoryStorage, StorageLimits
from db.core.database import Database, open_database, owner_connection
from db.core.read_session import ReadSession
from db.queries.jobs import attempt_by_job_id
from domain.enums import JobKind, Role
from domain.ids import UserId, new_id
from domain.imports.mapping import ImportMapping, NoteTypeMapping
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from jobs.attempts import Attempt
from jobs.imports import analyze_import, run_import

TEMPLATE = Path(__file__).parent.parent / "tests" / "content" / "anki" / "packages" / "sm2.anki21.apkg"
DAY_MS = 86_400_000
FIRST_REVIEW_MS = 1_600_000_000_000


def make_package(path: Path, words: list[tuple[str, str]], notes: int, reviews: int) -> str:
    """Write a package with one card per note; reviews are spread evenly. Returns the name of the note type's field."""
    file = path.with_suffix(".anki21")
    with zipfile.ZipFile(TEMPLATE) as template:
        file.write_bytes(template.read("collection.anki21"))
    randomly = random.Random(0)
    with sqlite3.connect(file) as collection:
        models = orjson.loads(collection.execute("select models from col").fetchone()[0])
        [(model, _)] = collection.execute(
            "select mid, count(*) from notes group by 1 order by 2 desc limit 1"
        ).fetchall()
        fields = [field["name"] for field in models[str(model)]["flds"]]
        deck = collection.execute("select did from cards limit 1").fetchone()[0]
        for table in ("notes", "cards", "revlog"):
            collection.execute(f"delete from {table}")
        per_card = reviews // notes
        for id in range(1, notes + 1):
            word, reading = words[id % len(words)]
            text = "\x1f".join([word, reading, *[""] * (len(fields) - 2)][: len(fields)])
            collection.execute(
                "insert into notes values (?, ?, ?, 0, 0, '', ?, ?, 0, 0, '')", (id, f"note-{id}", model, text, word)
            )
            collection.execute(
                "insert into cards values (?, ?, ?, 0, 0, 0, 2, 2, 10, 30, 2500, ?, 0, 0, 0, 0, 0, '')",
                (id, id, deck, per_card),
            )
        at = FIRST_REVIEW_MS
        for number in range(per_card):
            for card in range(1, notes + 1):
                at += 1 + randomly.randrange(100)
                ease = randomly.choice((1, 2, 3, 3, 3, 3, 4))
                row = (at, card, 0, ease, 3 * number + 1, max(3 * number, 1), 2500, 5_000, 0 if number < 2 else 1)
                collection.execute("insert into revlog values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            at = max(at, FIRST_REVIEW_MS + (number + 1) * 3 * DAY_MS)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.write(file, "collection.anki21")
    file.unlink()
    return str(fields[0])


async def run(notes: int, reviews: int) -> dict[str, Any]:
    url = database_url()
    with tempfile.TemporaryDirectory() as directory:
        async with owner_connection(url) as owner:
            rows = await owner.fetch("select word, reading from vocabulary order by popularity desc limit $1", notes)
            path = Path(directory) / "file.apkg"
            field = await asyncio.to_thread(make_package, path, [tuple(row) for row in rows], notes, reviews)
            storage = DirectoryStorage(Path(directory), StorageLimits(10, 1 << 40, 0))
            await asyncio.to_thread(path.rename, Path(directory) / "part")
            user_id, upload_id = new_id(), new_id()
            await owner.execute(
                "insert into users (id, subject, email, display_name, role) values ($1, $2, '', 'Import', 'learner')",
                user_id,
                f"import-{user_id}",
            )
            await owner.execute(
                "insert into user_settings (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day,"
                " time_zone) values ($1, 'FSRS', 0.9, 20, 200, 'UTC')",
                user_id,
            )
            await owner.execute(
                "insert into uploads (id, user_id, file_name, size, received, parts, expires_at)"
                " values ($1, $2, 'file.apkg', 1, 1, '{part}', now() + interval '1 day')",
                upload_id,
                user_id,
            )
        results: dict[str, Any] = {"notes": notes, "reviews": reviews}
        async with open_database(url, min_size=1, max_size=3) as database:
            viewer = Viewer(UserId(user_id), Role.LEARNER)
            results["startMiB"] = round(_peak_mib(), 1)
            postmaster = await _postmaster(url)
            for name in ("first", "again"):
                id = await _insert_import(url, viewer, upload_id)
                with _measured(results, f"{name}Analysis", postmaster):
                    await analyze_import(await _attempt(url, database, viewer, id, JobKind.ANALYZE_IMPORT), storage)
                await _confirm(url, id, field)
                with _measured(results, name, postmaster):
                    await run_import(await _attempt(url, database, viewer, id, JobKind.RUN_IMPORT), storage)
                async with owner_connection(url) as owner:
                    counts = await owner.fetchval("select counts from imports where id = $1", id)
                results[f"{name}Counts"] = orjson.loads(counts)
            results["peakMiB"] = round(_peak_mib(), 1)
        async with owner_connection(url) as owner:
            await owner.execute("delete from users where id = $1", user_id)
        return results


async def _insert_import(url: str, viewer: Viewer, upload_id: UUID) -> UUID:
    id = new_id()
    async with owner_connection(url) as owner:
        await owner.execute(
            "insert into imports (id, user_id, source, file_name, upload_id, status)"
            " values ($1, $2, 'ANKI_PACKAGE', 'file.apkg', $3, 'ANALYZING')",
            id,
            viewer.id,
            upload_id,
        )
    return id


async def _confirm(url: str, id: UUID, field: str) -> None:
    async with owner_connection(url) as owner:
        analysis = orjson.loads(await owner.fetchval("select analysis from imports where id = $1", id))
        mapping = ImportMapping(
            {
                each["note_type"]["name"]: NoteTypeMapping(field, each["guess"]["reading"], each["guess"]["meaning"])
                for each in analysis["note_types"]
            }
        )
        encoded = orjson.dumps(mapping.to_json()).decode()
        await owner.execute("update imports set mapping = $2, status = 'IMPORTING' where id = $1", id, encoded)


async def _attempt(url: str, database: Database, viewer: Viewer, id: UUID, kind: JobKind) -> Attempt:
    job_id, attempt_id = new_id(), new_id()
    async with owner_connection(url) as owner:
        await owner.execute(
            "insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts,"
            " max_attempts, input, scheduled_for, entry_id, attempt_id)"
            " values ($1, $2, $3, 'RUNNING', 0, 0, 1, 1, 4, $4, now(), $1, $5)",
            job_id,
            viewer.id,
            kind.value,
            orjson.dumps({"importId": str(id)}).decode(),
            attempt_id,
        )
    job = await ReadSession(database, viewer, RequestStatistics()).row(
        attempt_by_job_id, job_id=job_id, viewer_id=viewer.id
    )
    assert job is not None
    return Attempt(job, viewer, database)


@contextmanager
def _measured(results: dict[str, Any], name: str, postmaster: int | None) -> Iterator[None]:
    started_at, worker, database = time.perf_counter(), time.process_time(), _cpu_seconds(postmaster)
    yield
    results[f"{name}Seconds"] = round(time.perf_counter() - started_at, 1)
    results[f"{name}WorkerCpuSeconds"] = round(time.process_time() - worker, 1)
    if postmaster is not None:
        results[f"{name}DatabaseCpuSeconds"] = round(_cpu_seconds(postmaster) - database, 1)


async def _postmaster(url: str) -> int | None:
    """The process that started the server's others; None if it is on another machine."""
    async with owner_connection(url) as owner:
        return _parent_of_postgres(await owner.fetchval("select pg_backend_pid()"))


def _parent_of_postgres(pid: int) -> int | None:
    try:
        name, _, fields = Path(f"/proc/{pid}/stat").read_text().partition(")")
    except OSError:
        return None
    return int(fields.split()[1]) if "postgres" in name else None


def _cpu_seconds(postmaster: int | None) -> float:
    """Of the process and its children, including those that ended."""
    if postmaster is None:
        return 0.0
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, fields = int(path.parent.name), path.read_text().rpartition(")")[2].split()
            if pid == postmaster:
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == postmaster:
                ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=100_000)
    parser.add_argument("--reviews", type=int, default=1_000_000)
    arguments = parser.parse_args()
    tune_interpreter()
    report(**asyncio.run(run(arguments.notes, arguments.reviews)))


if __name__ == "__main__":
    main()
