"""Imports from sources end to end: WaniKani, hostile packages, and exports with odd values."""

import asyncio
import csv
import io
import json
import random
import re
import zipfile
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from content.wanikani.client import WaniKaniClient
from content.wanikani.progress import fetch_progress
from tests.clients import Client
from tests.content.anki.collections import edited, frame_with_window, packed
from tests.content.wanikani.api import TOKEN, assignment, running_api, subject
from tests.databases import execute
from tests.jobs.test_imports import confirm, report, start, wait, work
from tests.odd_values import ODD_TEXTS
from tests.review_assertions import check_learner
from tests.server.test_exports import REQUEST, RESULT, get
from tests.workers import export_work, running_worker, until

TRAVELLER = "traveller"
OF_LEARNER = " where user_id = (select id from users where subject = '{subject}')"
# A few cards with everything that cards have, and another account with the same settings.
PREPARE = """
    delete from cards where id not in (select id from cards where vocabulary_id is not null order by id limit {cards});
    with chosen as (
        select id, row_number() over (order by last_reviewed_at, id) as nth from cards
    ), characters as (select id, row_number() over (order by id) as nth from kanji)
    update cards set vocabulary_id = null, kanji_id = characters.id
        from chosen join characters using (nth) where cards.id = chosen.id and nth <= 8;
    insert into custom_vocabulary (id, user_id, word, reading, meaning)
        select gen_random_uuid(), user_id, '自分の言葉' || nth, 'じぶんのことば', 'my words; [mine]'
        from (select distinct user_id from cards) as learners cross join generate_series(1, 4) as nth;
    with chosen as (
        select id, row_number() over (order by last_reviewed_at, id) as nth from cards where vocabulary_id is not null
    ), words as (select id, row_number() over (order by word) as nth from custom_vocabulary)
    update cards set vocabulary_id = null, custom_vocabulary_id = words.id
        from chosen join words using (nth) where cards.id = chosen.id;
    update cards set kind = 'RECALL'
        where id in (select id from cards where vocabulary_id is not null order by id desc limit 20);
    update cards set kind = 'READING' where id in (select id from cards where kanji_id is not null order by id limit 4);
    update cards set flag = 5, suspended = true where id in (select id from cards order by id limit 9);
    insert into card_tags (card_id, tag, user_id) select id, 'two words, <b>', user_id from cards order by id limit 30;
    insert into card_contexts (card_id, user_id, text)
        select id, user_id, 'a < b & c' || chr(10) || '一つの例文。' from cards order by id desc limit 30;
    update user_settings set (scheduler, time_zone, day_starts_at_hour, desired_retention, leech_threshold) =
        (select scheduler, time_zone, day_starts_at_hour, desired_retention, leech_threshold from user_settings
            where user_id = (select id from users where subject = 'demo'))
"""


async def rows(url: str, statement: str, subject: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement.format(subject=subject))]
    finally:
        await connection.close()


async def exported(client: Client, url: str, source: str) -> bytes:
    """The cards and reviews of the demo learner, as a file for a source of imports. A worker runs."""
    if source == "ankiPackage":
        return await export(client, url, kind="CARDS", format="APKG")
    files = {f"{kind.lower()}.csv": await export(client, url, kind=kind) for kind in ("CARDS", "REVIEWS")}
    return archive_of(files)


async def export(client: Client, url: str, user: str = "demo", **input: Any) -> bytes:
    """The file of an export of a learner. A worker runs."""
    asked = (await client.run(REQUEST, {"input": input}, user=user)).data["requestExport"]
    assert asked["errors"] == []
    await until(url, asked["job"]["id"])
    job = (await client.run(RESULT, {"id": asked["job"]["id"]}, user=user)).data["node"]
    return (await get(client, job["result"]["url"], user=None)).content


async def run(client: Client, content: bytes, source: str, user: str = TRAVELLER) -> dict[str, Any]:
    """Imports a file twice; returns the counts of the first time."""
    results = []
    for _ in range(2):
        id = await start(client, content, user, source, "file")
        await wait(client, id, user, "ANALYZED")
        payload = await confirm(client, id, user)
        assert payload["errors"] == []
        results.append((await wait(client, id, user, "DONE"))["result"]["counts"])
    first, second = results
    assert (second["createdCards"], second["createdReviews"]) == (0, 0)
    assert second["repeatedReviews"] == first["createdReviews"] + first["repeatedReviews"]
    return dict(first)


def archive_of(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in files.items():
            archive.writestr(name, each)
    return content.getvalue()


async def test_progress_in_wanikani(importing: Client, writable_database_url: str, tmp_path: Path) -> None:
    subjects = [subject(1, "食べる", ["たべる"]), subject(2, "水", ["みず"]), subject(3, "ここ", [], "kana_vocabulary")]
    assignments = [assignment(1, 6), assignment(2, 0), assignment(3, 2, "kana_vocabulary")]
    async with (
        running_api(subjects=subjects, assignments=assignments) as api,
        WaniKaniClient(TOKEN, api.address) as wanikani,
    ):
        await fetch_progress(wanikani, tmp_path / "file")
    content = await asyncio.to_thread((tmp_path / "file").read_bytes)
    async with running_worker(writable_database_url, work(importing.settings.upload_storage())):
        counts = await run(importing, content, "waniKani")
    assert counts["createdCards"] == 5
    states = """
        select word, kind, state, round(interval_days::numeric, 3)::float8 from cards
        join vocabulary on vocabulary.id = vocabulary_id
        where user_id = (select id from users where subject = '{subject}') order by word, kind
    """
    assert await rows(writable_database_url, states, TRAVELLER) == [
        ("ここ", "RECOGNITION", "LEARNING", 0.333),
        ("水", "READING", "NEW", 0.0),
        ("水", "RECOGNITION", "NEW", 0.0),
        ("食べる", "READING", "REVIEW", 14.0),
        ("食べる", "RECOGNITION", "REVIEW", 14.0),
    ]
    await check_learner(writable_database_url, TRAVELLER)


async def test_hostile_packages_fail_with_a_code(importing: Client, writable_database_url: str, tmp_path: Path) -> None:
    hostile = {
        "FILE_UNSAFE": edited(tmp_path / "a.apkg", "CREATE VIEW v AS SELECT 1"),
        "FILE_CORRUPT": packed(tmp_path / "b.apkg", {"collection.anki2": b"no database"}),
        "FILE_UNSUPPORTED": edited(tmp_path / "c.apkg", "UPDATE col SET ver = 99"),
        "FILE_TOO_LARGE": packed(tmp_path / "d.apkg", {"collection.anki21b": frame_with_window(31)}),
        "NOT_IMPORTABLE": packed(tmp_path / "e.apkg", {"media": b"{}"}),
    }
    async with running_worker(writable_database_url, work(importing.settings.upload_storage())):
        for code, package in hostile.items():
            content = await asyncio.to_thread(package.read_bytes)
            id = await start(importing, content, TRAVELLER, "ankiPackage", "file")
            found = await wait(importing, id, TRAVELLER, "FAILED")
            assert (found["job"]["error"]["code"], found["job"]["status"]) == (code, "FAILED")


@pytest.mark.parametrize("seed", range(2))
async def test_mutated_rows_of_an_export_are_named(
    importing: Client, writable_database_url: str, tmp_path: Path, seed: int
) -> None:
    """Each row of cards has one odd cell, and so do some of the reviews."""
    url, storage, chosen = writable_database_url, importing.settings.upload_storage(), random.Random(seed)
    await importing.run("{ viewer { id } }", user=TRAVELLER)
    await execute(url, PREPARE.format(cards=400))
    async with running_worker(url, {**work(storage), **export_work(tmp_path / "exports")}):
        files = {f"{kind.lower()}.csv": await export(importing, url, kind=kind) for kind in ("CARDS", "REVIEWS")}
        content = archive_of({name: mutated(text, chosen) for name, text in files.items()})
        id = await start(importing, content, TRAVELLER, "shinjpExport", "file")
        analyzed = await wait(importing, id, TRAVELLER, "ANALYZED")
        assert (await confirm(importing, id, TRAVELLER))["errors"] == []
        found = await wait(importing, id, TRAVELLER, "DONE")
        lines = await report(importing, found)
    counts = found["result"]["counts"]
    assert (found["job"]["status"], len(lines)) == ("SUCCEEDED", 400)
    rejected = [line for line in lines if line["outcome"] == "REJECTED"]
    assert len(rejected) == counts["rejected"] > 100
    assert all(re.match(r"'?Row \d+ of (cards|reviews)\.csv: ", line["message"]) for line in rejected)
    assert counts["created"] == counts["createdCards"] > 40
    assert any("cannot be imported" in warning for warning in analyzed["analysis"]["warnings"])
    await check_learner(url, TRAVELLER)


async def test_cards_do_not_share_entries_of_a_log(
    importing: Client, writable_database_url: str, tmp_path: Path
) -> None:
    """Two cards of a changed file have entries with one key; the schedules are those of the file."""
    url, storage = writable_database_url, importing.settings.upload_storage()
    await importing.run("{ viewer { id } }", user=TRAVELLER)
    await execute(url, PREPARE.format(cards=60))
    async with running_worker(url, {**work(storage), **export_work(tmp_path / "exports")}):
        files = {f"{kind.lower()}.csv": await export(importing, url, kind=kind) for kind in ("CARDS", "REVIEWS")}
        cards = list(csv.DictReader(io.StringIO(files["cards.csv"].decode(), newline="")))
        at = "2026-01-02T03:04:05.000000Z"
        entry = {"kind": "RESET", "changedAt": at, "day": "2026-01-02", "days": 0, "idempotencyKey": "shared"}
        files["cards.csv"] = written([card | {"scheduleChanges": json.dumps([entry])} for card in cards])
        reviews = list(csv.DictReader(io.StringIO(files["reviews.csv"].decode(), newline="")))
        # Undone ones, too.
        undone = {**reviews[0], "undone": "true", "idempotencyKey": "shared"}
        files["reviews.csv"] = written([*reviews, *({**undone, "cardId": card["id"]} for card in cards[:3])])
        counts = await run(importing, archive_of(files), "shinjpExport")
    assert counts["createdCards"] == 60
    schedules = """select kind, state, due_day, interval_days, lapses from cards
        where user_id = (select id from users where subject = '{subject}') order by 1, 2, 3, 4, 5"""
    assert await rows(url, schedules, TRAVELLER) == await rows(url, schedules, "demo")
    await check_learner(url, TRAVELLER)


def written(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def mutated(content: bytes, chosen: random.Random) -> bytes:
    """The CSV with an odd value in a cell of one row of cards or of each tenth review."""
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    step = 1 if "dueAt" in header else 10
    for number, row in enumerate(rows[::step]):
        row[number % len(header)] = chosen.choice(ODD_TEXTS)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode("utf-8", "surrogateescape")
