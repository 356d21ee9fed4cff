"""Imports by jobs: analysis, confirmation, matching, reviews and schedules, each exactly once."""

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from common.storage import Storage
from db.core.database import open_database, owner_connection
from db.core.read_session import ReadSession
from db.queries.jobs import attempt_by_job_id
from db.services.import_batches import save_batch
from domain.enums import JobKind, Role
from domain.ids import ImportId, parse_global_id_as
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from jobs import imports as import_jobs
from jobs.attempts import Attempt
from jobs.imports import analyze_import, run_import
from tests.clients import Client, client_of
from tests.databases import column, execute_and_notify
from tests.review_assertions import check_learner
from tests.server.test_uploads import append, create
from tests.workers import running_worker, until

PACKAGES = Path(__file__).parent.parent / "content" / "anki" / "packages"
RESULT = """
    result { reportUrl counts { created updated unchanged ambiguous unknown skipped empty rejected
        createdCards createdReviews repeatedReviews omittedReviews } }
"""
START = (
    "mutation($input: StartImportInput!) { startImport(input: $input) { import { id status } errors { code path } } }"
)
CONFIRM = """
    mutation($input: ConfirmImportInput!) { confirmImport(input: $input) {
        import { id status } job { id kind } errors { code message path }
    } }
"""
READ = f"""
    query($id: ID!) {{ node(id: $id) {{ ... on Import {{ status source fileName
        job {{ id status error {{ code message }} }}
        analysis {{ format noteCount cardCount reviewCount firstReviewedAt warnings
            decks {{ name cardCount }}
            noteTypes {{ name noteCount fields {{ name samples }}
                guess {{ expression reading meaning sentence subject kinds }} }}
            exactCount formCount ambiguousCount unknownCount
            unknownWords {{ form reading }} }}
        ambiguousWords(first: 100) {{ totalCount nodes {{
            form reading noteCount isChosen choice {{ id }} candidates {{ id word reading }} }} }}
        {RESULT}
    }} }} }}
"""
WORDS = """Word,Reading,Meaning,Tags
食べる,たべる,to eat,verb
人,,person,
ぶぶぶ,,nonsense,
,,empty,
水,みず,water,
"""
NEW_ROW = "ぷぷぷ,ぷぷぷ,nonsense,\n"


@pytest.fixture
async def uploading(writable_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with client_of(
        writable_database_url, redis_url, upload_dir=tmp_path, uploads_per_hour=1_000, imports_per_hour=1_000
    ) as client:
        yield client


def work(storage: Storage) -> dict[JobKind, Any]:
    return {
        JobKind.ANALYZE_IMPORT: partial(analyze_import, storage=storage),
        JobKind.RUN_IMPORT: partial(run_import, storage=storage),
    }


async def upload(client: Client, content: bytes, name: str, user: str) -> str:
    path = await create(client, len(content), user, name)
    for offset in range(0, len(content), 30_000):
        assert (await append(client, path, offset, content[offset : offset + 30_000], user)).status_code == 204
    return path


async def start(client: Client, content: bytes, user: str, source: str = "csv", name: str = "words.csv") -> str:
    path = await upload(client, content, name, user)
    payload = (await client.run(START, {"input": {source: {"uploadId": path}}}, user=user)).data["startImport"]
    assert payload["errors"] == []
    id: str = payload["import"]["id"]
    return id


async def read(client: Client, id: str, user: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.run(READ, {"id": id}, user=user)).data["node"]
    return found


async def wait(client: Client, id: str, user: str, status: str) -> dict[str, Any]:
    """Waits until the job of an import is finished, and returns the import, which has this status."""
    job = (await read(client, id, user))["job"]["id"]
    assert client.settings.database_url is not None
    await until(client.settings.database_url, job)
    found = await read(client, id, user)
    assert found["status"] == status, found
    return found


async def confirm(client: Client, id: str, user: str, **more: Any) -> Any:
    analysis = (await read(client, id, user))["analysis"]
    note_types = [
        {"name": each["name"], **{name: value for name, value in each["guess"].items() if value is not None}}
        for each in analysis["noteTypes"]
        if each["guess"]["expression"]
    ]
    input = {"id": id, "noteTypes": note_types, **more}
    return (await client.run(CONFIRM, {"input": input}, user=user)).data["confirmImport"]


async def report(client: Client, found: dict[str, Any], status: int = 200) -> list[dict[str, str]]:
    url = urlsplit(found["result"]["reportUrl"])
    response = await client.http.get(f"{url.path}?{url.query}")
    assert response.status_code == status
    return list(csv.DictReader(io.StringIO(response.text))) if status == 200 else []


async def test_words_of_a_file_are_imported_once(uploading: Client, writable_database_url: str) -> None:
    user, storage = "demo", uploading.settings.upload_storage()
    async with running_worker(writable_database_url, work(storage)):
        id = await start(uploading, WORDS.encode("shift_jis"), user)
        found = await wait(uploading, id, user, "ANALYZED")
        analysis = found["analysis"]
        assert (analysis["format"], analysis["noteCount"]) == ("CSV", 5)
        assert analysis["warnings"] == ["The file was read as Shift-JIS."]
        [word] = found["ambiguousWords"]["nodes"]
        assert (word["form"], word["noteCount"], word["isChosen"]) == ("人", 1, False)
        assert {each["reading"] for each in word["candidates"]} >= {"ひと", "じん"}
        assert analysis["unknownWords"] == [{"form": "ぶぶぶ", "reading": "ぶぶぶ"}]
        chosen = word["candidates"][0]
        choice = {"form": word["form"], "reading": word["reading"], "vocabularyId": chosen["id"]}
        payload = await confirm(uploading, id, user, choices=[choice])
        assert payload["errors"] == []
        done = await wait(uploading, id, user, "DONE")
        counts = done["result"]["counts"]
        assert (counts["unknown"], counts["empty"], counts["ambiguous"]) == (0, 1, 0)
        assert counts["created"] + counts["unchanged"] == 4
        [own] = await column(writable_database_url, "select word || ' ' || meaning from custom_vocabulary")
        assert own == "ぶぶぶ nonsense"
        assert await column(writable_database_url, "select tag from card_tags where tag = 'verb'") == ["verb"]
        rows = await report(uploading, done)
        assert [(row["line"], row["word"]) for row in rows] == [
            ("2", "食べる"), ("3", "人"), ("4", "ぶぶぶ"), ("5", ""), ("6", "水")
        ]  # fmt: skip
        for block, status in (("now(), blocked_reason = 'Spam'", 404), ("null, blocked_reason = null", 200)):
            await execute_and_notify(
                writable_database_url, f"update users set blocked_at = {block} where subject = '{user}'"
            )
            await report(uploading, done, status)
        # Again, by a second import, with a new row that is repeated.
        second = await start(uploading, f"{WORDS}{NEW_ROW}{NEW_ROW}".encode(), user)
        await wait(uploading, second, user, "ANALYZED")
        await confirm(uploading, second, user)
        done = await wait(uploading, second, user, "DONE")
        counts = done["result"]["counts"]
        assert (counts["created"], counts["unchanged"], counts["ambiguous"]) == (1, 4, 1)
        assert [row["outcome"] for row in await report(uploading, done)][-2:] == ["CREATED", "UNCHANGED"]
    await check_learner(writable_database_url, user)
    assert (await uploading.run(READ, {"id": id}, user="other")).data["node"] is None
    assert (await uploading.run(READ, {"id": id}, user="admin")).data["node"] is None


CHOOSE = """
    mutation($input: ChooseImportWordsInput!) { chooseImportWords(input: $input) {
        import { status ambiguousWords(first: 100) { nodes { form isChosen choice { id } } } } errors { code path }
    } }
"""


async def test_ambiguous_words_are_chosen_page_by_page(uploading: Client, writable_database_url: str) -> None:
    user, storage = "chooser", uploading.settings.upload_storage()
    # Spellings that several entries have, and a word that only the learner makes ambiguous.
    forms = await column(
        writable_database_url,
        "select word from vocabulary where word !~ '[ -~]' group by word having count(*) > 1 order by word limit 230",
    )
    rows = [*forms, forms[-1]]
    page = """
        query($id: ID!, $after: String) { node(id: $id) { ... on Import { ambiguousWords(first: 20, after: $after) {
            totalCount pageInfo { hasNextPage endCursor } nodes { form reading candidates { id } }
        } } } }
    """
    choose = partial(uploading.run, CHOOSE, user=user)
    async with running_worker(writable_database_url, work(storage)):
        id = await start(uploading, "\n".join(["Word", *rows]).encode(), user)
        await wait(uploading, id, user, "ANALYZED")
        after, found, total = None, list[str](), 0
        while len(found) < 1_000:
            words = (await uploading.run(page, {"id": id, "after": after}, user=user)).data["node"]["ambiguousWords"]
            choices = [
                {"form": word["form"], "reading": word["reading"], "vocabularyId": word["candidates"][-1]["id"]}
                for word in words["nodes"]
            ]
            found += [word["form"] for word in words["nodes"]]
            payload = (await choose({"input": {"id": id, "choices": choices}})).data["chooseImportWords"]
            assert payload["errors"] == []
            after, total = words["pageInfo"]["endCursor"], words["totalCount"]
            if not words["pageInfo"]["hasNextPage"]:
                break
        assert len(found) == len(set(found)) == total > 40
        assert found[0] == forms[-1]  # It has two notes.
        # The last choice counts; None is for an own word. Other words can be chosen, too.
        last = [{"form": found[0], "reading": choices[-1]["reading"]}, {"form": "ぶぶぶ", "reading": "ぶ"}]
        payload = (await choose({"input": {"id": id, "choices": last}})).data["chooseImportWords"]
        assert (payload["errors"], payload["import"]["ambiguousWords"]["nodes"][0]["isChosen"]) == ([], True)
        other = {"id": id, "choices": [{"form": "人", "vocabularyId": choices[0]["vocabularyId"]}]}
        for stranger in ("other", "admin"):
            answer = await uploading.run(CHOOSE, {"input": other}, user=stranger)
            assert answer.data["chooseImportWords"]["errors"] == [{"code": "NOT_FOUND", "path": ["id"]}]
            shown = await uploading.run(page, {"id": id, "after": None}, user=stranger)
            assert shown.data["node"] is None
        await confirm(uploading, id, user)
        counts = (await wait(uploading, id, user, "DONE"))["result"]["counts"]
        assert (counts["ambiguous"], counts["created"] + counts["unchanged"]) == (0, len(rows))
        # Two words have the same entry.
        assert counts["created"] == counts["createdCards"]
    await check_learner(writable_database_url, user)


_VERSION = "select version from cards where id = '{card}'"
# Of a card with several, without another change.
_REMOVE_REVIEW = """
    with removed as (
        delete from reviews where id = (
            select reviews.id from reviews join users on users.id = user_id
            where subject = '{subject}' and interval_days_before > 1 and quality >= 3 limit 1
        ) returning *
    ),
    keys as (delete from review_keys using removed where review_id = removed.id)
    update review_days as days set reviews = days.reviews - 1, recalled = days.recalled - 1,
        duration_ms = days.duration_ms - coalesce(removed.duration_ms, 0)
    from removed where days.user_id = removed.user_id and days.day = removed.day
    returning card_id
"""


async def test_reviews_and_schedules_of_packages_are_imported_once(
    uploading: Client, writable_database_url: str
) -> None:
    """A card gets another version with an added review, even if its schedule is as before."""
    user, storage = "anki-learner", uploading.settings.upload_storage()
    content = (PACKAGES / "fsrs.anki21b.apkg").read_bytes()
    versions: list[list[int]] = []
    async with running_worker(writable_database_url, work(storage)):
        counts: list[dict[str, int]] = []
        for _ in range(2):
            if counts:
                [card] = await column(writable_database_url, _REMOVE_REVIEW.format(subject=user))
                versions.append(await column(writable_database_url, _VERSION.format(card=card)))
            id = await start(uploading, content, user, "ankiPackage", "deck.apkg")
            await wait(uploading, id, user, "ANALYZED")
            assert (await confirm(uploading, id, user))["errors"] == []
            counts.append((await wait(uploading, id, user, "DONE"))["result"]["counts"])
    first, second = counts
    assert first["createdCards"] > 0
    assert first["createdReviews"] > 0
    assert (second["createdCards"], second["createdReviews"]) == (0, 1)
    assert second["repeatedReviews"] == first["createdReviews"] - 1
    [[before]] = versions
    assert await column(writable_database_url, _VERSION.format(card=card)) == [before + 1]
    assert await check_learner(writable_database_url, user) == first["createdReviews"]


class _Crash(Exception):
    pass


@asynccontextmanager
async def attempt_of(database_url: str, client: Client, id: str, user: str) -> AsyncIterator[Attempt]:
    """An attempt at the job of an import, which a worker does not run."""
    import_id = parse_global_id_as(ImportId, id)
    async with owner_connection(database_url) as owner, open_database(database_url, min_size=1, max_size=3) as database:
        row = await owner.fetchrow("select user_id, job_id from imports where id = $1", import_id)
        assert row is not None
        attempt_id = "0198c0de-0000-7000-8000-000000000001"
        await owner.execute(
            "update jobs set status = 'RUNNING', attempts = 1, attempt_id = $2 where id = $1", row["job_id"], attempt_id
        )
        viewer = Viewer(row["user_id"], Role.LEARNER)
        job = await ReadSession(database, viewer, RequestStatistics()).row(
            attempt_by_job_id, job_id=row["job_id"], viewer_id=viewer.id
        )
        assert job is not None
        yield Attempt(job, viewer, database)


@pytest.mark.parametrize("before_commit", [True, False])
async def test_interrupted_imports_continue(
    uploading: Client, writable_database_url: str, monkeypatch: pytest.MonkeyPatch, *, before_commit: bool
) -> None:
    """Each transaction is interrupted once, before its commit or after it."""
    user, storage = "interrupted", uploading.settings.upload_storage()
    monkeypatch.setattr(import_jobs, "BATCH_NOTES", 4)
    content = (PACKAGES / "fsrs.anki21b.apkg").read_bytes()
    id = await start(uploading, content, user, "ankiPackage")
    async with attempt_of(writable_database_url, uploading, id, user) as attempt:
        await analyze_import(attempt, storage)
    await confirm(uploading, id, user)
    written, crashes = 0, 0
    original = save_batch

    async def crash(*args: Any, **values: Any) -> Any:
        nonlocal written
        written += 1
        result = await original(*args, **values)
        if written % 2 and before_commit:
            raise _Crash
        return result

    monkeypatch.setattr(import_jobs, "save_batch", crash)
    async with attempt_of(writable_database_url, uploading, id, user) as attempt:
        write = Attempt.write

        async def interrupted(self: Attempt, work: Any) -> Any:
            result = await write(self, work)
            if written % 2 and not before_commit and work.func is crash:
                raise _Crash
            return result

        monkeypatch.setattr(Attempt, "write", interrupted)
        for _ in range(100):
            try:
                await run_import(attempt, storage)
                break
            except _Crash:
                crashes += 1
    assert crashes > 1
    found = await read(uploading, id, user)
    counts, rows = found["result"]["counts"], await report(uploading, found)
    assert found["status"] == "DONE"
    assert len({row["line"] for row in rows}) == len(rows) == found["analysis"]["noteCount"]
    assert counts["repeatedReviews"] == 0
    assert await check_learner(writable_database_url, user) == counts["createdReviews"]
    keys = await column(
        writable_database_url,
        "select count(*) from import_keys join users on users.id = user_id where subject = 'interrupted'",
    )
    assert keys[0] > 0


async def test_invalid_imports_are_rejected(uploading: Client, writable_database_url: str) -> None:
    user, storage = "demo", uploading.settings.upload_storage()
    incomplete = await create(uploading, 10, user)
    others = await upload(uploading, b"a", "words.csv", "other")
    for path, code in ((incomplete, "CONFLICT"), (others, "NOT_FOUND"), ("nothing", "INVALID"), ("", "INVALID")):
        answer = await uploading.run(START, {"input": {"csv": {"uploadId": path}}}, user=user)
        [error] = answer.data["startImport"]["errors"]
        assert (error["code"], error["path"]) == (code, ["csv", "uploadId"])
    for input in ({}, {"csv": {"uploadId": incomplete}, "ankiPackage": {"uploadId": incomplete}}, {"csv": None}):
        answer = await uploading.run(START, {"input": input}, user=user)
        assert answer.error_codes
        assert answer.error_codes[0] != "INTERNAL_SERVER_ERROR"
    async with running_worker(writable_database_url, work(storage)):
        for source, content, message in (
            ("csv", b"\x89PNG" + bytes(100), "null bytes"),
            ("ankiPackage", b"no zip", "zip archive"),
            # They have no report that would name lines.
            ("csv", b"Word,Reading\n", "nothing to import"),
            ("csv", b'Word,Reading\n"a,b\n', "Line 2: A quotation mark"),
        ):
            id = await start(uploading, content, user, source)
            error = (await wait(uploading, id, user, "FAILED"))["job"]["error"]
            assert error["code"] == "NOT_IMPORTABLE"
            assert message in error["message"]
        valid = await start(uploading, WORDS.encode(), user)
        await wait(uploading, valid, user, "ANALYZED")
    rows = {"name": "Rows", "expression": "Word"}
    for note_types, code, invalid in (
        ([{"name": "Other", "expression": "Word"}], "NOT_FOUND", ["0", "name"]),
        ([{"name": "Rows", "expression": "Front"}], "NOT_FOUND", ["0", "expression"]),
        ([{**rows, "kinds": []}], "TOO_SHORT", ["0", "kinds"]),
        ([rows, rows], "INVALID", ["1", "name"]),
    ):
        answer = await uploading.run(CONFIRM, {"input": {"id": valid, "noteTypes": note_types}}, user=user)
        [error] = answer.data["confirmImport"]["errors"]
        assert (error["code"], error["path"]) == (code, ["noteTypes", *invalid])
    [error] = (await confirm(uploading, valid, user, decks=["Typo"]))["errors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["decks", "0"])
