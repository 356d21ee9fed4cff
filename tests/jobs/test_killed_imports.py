"""Workers that are killed while they import: others continue, and nothing is lost or imported twice."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from db.core.database import owner_connection
from tests.clients import Client
from tests.databases import column, execute
from tests.fork_server import ForkedProcess
from tests.jobs.test_import_sources import PREPARE, TRAVELLER, export
from tests.jobs.test_imports import confirm, read, report, start, wait, work
from tests.processes import command_process
from tests.review_assertions import check_learner
from tests.workers import export_work, running_worker, until

KILLS = 2
# With own words, a tag, a context, and an empty and a repeated row.
ROWS = [f"自分の言葉{number},じぶんのことば,my word {number},文{number}。,tag-{number % 7}" for number in range(150)]
OF_LEARNER = "where user_id = (select id from users where subject = 'traveller')"


@asynccontextmanager
async def worker_process(url: str, uploads: Path) -> AsyncIterator[ForkedProcess]:
    log = uploads.with_name("worker.log")
    async with command_process(url, str(uploads), log=log, module="tests.import_worker") as process:
        yield process


async def run_killed(url: str, uploads: Path, job: str, steps: int) -> None:
    """Runs the job in processes, which are killed at random moments, until one finishes."""
    chosen = random.Random()
    for _ in range(KILLS):
        done = (await column(url, "select completed_steps from jobs where kind = 'RUN_IMPORT'"))[0]
        async with worker_process(url, uploads) as process:
            await until(url, job, "RUNNING", "SUCCEEDED", steps=min(done + 5 * chosen.randrange(1, 6), steps - 40))
            # Anywhere in one of the next transactions.
            with suppress(TimeoutError):
                await until(url, job, seconds=chosen.uniform(0, 0.1))
            process.kill()
    async with worker_process(url, uploads):
        await until(url, job)


async def check_counts(url: str, client: Client, id: str) -> dict[str, int]:
    """Checks that each note and review was imported once; returns the counts."""
    found = await read(client, id, TRAVELLER)
    counts: dict[str, int] = found["result"]["counts"]
    assert found["status"] == "DONE"
    assert counts["repeatedReviews"] == 0
    assert await check_learner(url, TRAVELLER) == counts["createdReviews"]
    lines = [row["line"] for row in await report(client, found)]
    assert len(set(lines)) == len(lines) == found["analysis"]["noteCount"]
    assert await column(url, f"select count(*) from cards {OF_LEARNER}") == [counts["createdCards"]]
    [attempts] = await column(url, "select attempts from jobs where kind = 'RUN_IMPORT'")
    # More if a worker was killed before it saved anything, or a heartbeat was late.
    assert attempts > 1
    return counts


async def test_packages(importing: Client, writable_database_url: str, tmp_path: Path) -> None:
    url, storage = writable_database_url, importing.settings.upload_storage()
    await importing.run("{ viewer { id } }", user=TRAVELLER)
    await execute(url, PREPARE.format(cards=80))
    async with running_worker(url, {**work(storage), **export_work(tmp_path / "exports")}):
        content = await export(importing, url, kind="CARDS", format="APKG")
        id = await start(importing, content, TRAVELLER, "ankiPackage", "file")
        found = await wait(importing, id, TRAVELLER, "ANALYZED")
    assert (await confirm(importing, id, TRAVELLER))["errors"] == []
    job = (await read(importing, id, TRAVELLER))["job"]["id"]
    await run_killed(url, tmp_path / "uploads", job, found["analysis"]["noteCount"])
    counts = await check_counts(url, importing, id)
    assert counts["createdReviews"] > 300


async def test_rows(importing: Client, writable_database_url: str, tmp_path: Path) -> None:
    url, storage = writable_database_url, importing.settings.upload_storage()
    words = await column(url, "select word || ',' || reading || ',,,' from vocabulary order by id limit 60")
    content = "\n".join(["Word,Reading,Meaning,Sentence,Tags", *ROWS, *words, words[0], ",,,,", ""])
    async with running_worker(url, work(storage)):
        id = await start(importing, content.encode(), TRAVELLER)
        found = await wait(importing, id, TRAVELLER, "ANALYZED")
    assert (await confirm(importing, id, TRAVELLER))["errors"] == []
    job = (await read(importing, id, TRAVELLER))["job"]["id"]
    await run_killed(url, tmp_path / "uploads", job, found["analysis"]["noteCount"])
    counts = await check_counts(url, importing, id)
    assert counts["createdReviews"] == 0
    async with owner_connection(url) as connection:
        row = await connection.fetchrow(
            f"""
            select (select count(*) from custom_vocabulary {OF_LEARNER}),
                (select count(*) from card_contexts {OF_LEARNER}),
                (select count(*) from card_tags {OF_LEARNER}), (select count(*) from import_keys {OF_LEARNER})
            """
        )
    assert row is not None
    own, contexts, tags, keys = row
    assert own == contexts == tags == len(ROWS)
    assert keys == counts["createdCards"]
    assert counts["createdCards"] >= len(ROWS) + 40
