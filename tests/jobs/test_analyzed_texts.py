"""Texts of learners are analysed by a job, part by part, and each part is saved once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from db.core.database import Database, open_database, owner_connection
from db.core.read_session import ReadSession
from db.core.transaction import Transaction
from db.queries.analyzed_texts import UnfinishedTextRow, unfinished_text
from db.queries.jobs import attempt_by_job_id
from db.services.analyzed_texts import AnalyzedParts, save_parts
from db.services.attempts import AttemptSuperseded
from domain.enums import JobKind, Role
from domain.ids import global_id, parse_global_id
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from jobs import analyzed_texts as text_job
from jobs.analyzed_texts import analyze_text
from jobs.attempts import Attempt, run_transaction_as
from tests.clients import Client
from tests.databases import column, execute
from tests.workers import id_of, running_worker, until

REQUEST = """
    mutation($input: RequestTextAnalysisInput!) { requestTextAnalysis(input: $input) {
        job { id kind status totalSteps } viewer { id } errors { code message path }
    } }
"""
TOKEN = "surface dictionaryForm reading partOfSpeech furigana { text reading } vocabulary { word } kanji { character }"
READ = f"""
    query($id: ID!, $first: Int!, $after: String) {{ node(id: $id) {{ ... on Job {{ status message result {{
        ... on AnalyzedText {{
            id length partCount sentenceCount wordCount unknownWordCount createdAt expiresAt
            parts(first: $first, after: $after) {{
                totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ number text tokens {{ {TOKEN} }} }}
            }}
        }}
    }} }} }} }}
"""
ANALYZE = f"query($text: String!) {{ analyzeText(text: $text) {{ sentences {{ tokens {{ {TOKEN} }} }} }} }}"
WORK = {JobKind.ANALYZE_TEXT: analyze_text}
TEXT = "昨日は本を読みました。\nお父さんは食べられなかった！" * 60


async def request(client: Client, text: str, user: str, **input_: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await client.run(REQUEST, {"input": {"text": text, **input_}}, user=user)).data[
        "requestTextAnalysis"
    ]
    return payload


async def requested(client: Client, text: str, user: str, **input_: Any) -> str:
    """The global id of the job."""
    payload = await request(client, text, user, **input_)
    assert payload["errors"] == []
    id: str = payload["job"]["id"]
    return id


async def read(client: Client, job: str, user: str | None, first: int = 2, after: str | None = None) -> Any:
    answer = await client.run(READ, {"id": job, "first": first, "after": after}, user=user)
    return (answer.data["node"] or {}).get("result")


async def all_parts(client: Client, job: str, user: str) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await read(client, job, user, after=after))["parts"]
        parts += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            assert page["totalCount"] == len(parts)
            return parts
        after = page["pageInfo"]["endCursor"]


@pytest.fixture
async def worker(shared_database_url: str) -> AsyncIterator[None]:
    async with running_worker(shared_database_url, WORK):
        yield


@pytest.fixture(scope="module")
async def database(shared_database_url: str) -> AsyncIterator[Database]:
    async with open_database(shared_database_url, min_size=1, max_size=3) as database:
        yield database


@pytest.mark.usefixtures("worker")
async def test_result_has_the_text_in_parts_with_tokens(shared: Client, shared_database_url: str) -> None:
    job = await requested(shared, f" {TEXT}\n", "parts")
    assert (await until(shared_database_url, job))["status"] == "SUCCEEDED"
    result = await read(shared, job, "parts")
    # A line break is a part of the sentence before it. The particles and the symbols are not counted.
    assert (result["length"], result["sentenceCount"], result["wordCount"]) == (len(TEXT), 120, 300)
    assert result["unknownWordCount"] == 0
    parts = await all_parts(shared, job, "parts")
    assert [part["number"] for part in parts] == list(range(1, result["partCount"] + 1))
    assert len(parts) > 2
    assert "".join(part["text"] for part in parts) == TEXT
    for part in parts:
        assert "".join(token["surface"] for token in part["tokens"]) == part["text"]
    sentences = (await shared.run(ANALYZE, {"text": parts[0]["text"]})).data["analyzeText"]["sentences"]
    assert parts[0]["tokens"] == [token for sentence in sentences for token in sentence["tokens"]]
    [eaten] = [token for token in parts[0]["tokens"] if token["surface"] == "食べられなかった"][:1]
    assert eaten["furigana"][0] == {"text": "食", "reading": "た"}
    completed = f"select completed_at from analyzed_texts where length = {len(TEXT)}"
    [completed_at] = await column(shared_database_url, completed)
    assert datetime.fromisoformat(result["expiresAt"]) == completed_at + timedelta(days=7)
    # Nothing is stored twice.
    id = parse_global_id(result["id"])[1]
    assert await column(shared_database_url, f"select remaining from analyzed_texts where id = '{id}'") == [None]
    assert await column(shared_database_url, f"select input::text from jobs where id = '{id_of(job)}'") == ["{}"]


@pytest.mark.usefixtures("worker")
async def test_list_and_nodes_have_own_texts_only(shared: Client, shared_database_url: str) -> None:
    jobs = [await requested(shared, text, "owner") for text in ("一つ目。", "二つ目。")]
    for job in jobs:
        await until(shared_database_url, job)
    ids = [(await read(shared, job, "owner"))["id"] for job in jobs]
    query = """
        query($id: ID!) {
            viewer { analyzedTexts { totalCount nodes { id } } analyzedText(id: $id) { parts { nodes { text } } } }
            node(id: $id) { id }
        }
    """
    found = (await shared.run(query, {"id": ids[0]}, user="owner")).data
    assert found["viewer"]["analyzedTexts"] == {"totalCount": 2, "nodes": [{"id": id} for id in reversed(ids)]}
    assert found["viewer"]["analyzedText"] == {"parts": {"nodes": [{"text": "一つ目。"}]}}
    assert found["node"] == {"id": ids[0]}
    # Administrators read jobs of others in their own tools, but no texts.
    for stranger in ("stranger", "editor", "admin"):
        found = (await shared.run(query, {"id": ids[0]}, user=stranger)).data
        assert found["viewer"] == {"analyzedTexts": {"totalCount": 0, "nodes": []}, "analyzedText": None}
        assert found["node"] is None
        assert await read(shared, jobs[0], stranger) is None
    assert (await shared.run(query, {"id": ids[0]})).data == {"viewer": None, "node": None}
    refused = await shared.run(
        "query($id: ID!) { viewer { analyzedText(id: $id) { parts(first: 101) { totalCount } } } }",
        {"id": ids[0]},
        user="owner",
    )
    assert refused.error_codes == ["BAD_USER_INPUT"]
    assert refused.body["errors"][0]["path"] == ["viewer", "analyzedText", "parts"]


async def test_database_hides_texts_and_parts_of_others(
    shared: Client, shared_database_url: str, database: Database
) -> None:
    job = await requested(shared, "秘密。", "secret")
    where = f"job_id = '{id_of(job)}'"
    [text, user] = await _row(shared_database_url, f"select id, user_id from analyzed_texts where {where}")
    insert = f"insert into analyzed_text_parts (text_id, number, text) values ('{text}', 98, '一')"
    await execute(shared_database_url, insert)
    [admin] = await column(shared_database_url, "select id from users where subject = 'admin'")
    for viewer, rows in ((Viewer(user, Role.LEARNER), 1), (Viewer(admin, Role.ADMIN), 0)):
        found = await run_transaction_as(database, viewer, "test", partial(_count, text=text))
        assert found == (rows, rows)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await run_transaction_as(
            database, Viewer(admin, Role.ADMIN), "test", partial(_execute, sql=insert.replace("98", "99"))
        )


async def _row(url: str, sql: str) -> list[Any]:
    async with owner_connection(url) as connection:
        return list(await connection.fetchrow(sql) or ())


async def _count(transaction: Transaction, text: Any) -> tuple[int, int]:
    with transaction.raw_connection() as connection:
        texts = await connection.fetchval("select count(*) from analyzed_texts where id = $1", text)
        return texts, await connection.fetchval("select count(*) from analyzed_text_parts where text_id = $1", text)


async def _execute(transaction: Transaction, sql: str) -> None:
    with transaction.raw_connection() as connection:
        await connection.execute(sql)


class Interrupted:
    """Analyses `TEXT`, and fails or waits when this number of batches has been saved."""

    def __init__(self, batches: int, failure: Exception | None = None) -> None:
        self.batches = batches
        self.failure = failure
        self.reached = asyncio.Event()
        self.analyzed: list[int] = []

    async def analyze(self, transaction: Transaction, text: str) -> AnalyzedParts:
        if not TEXT.endswith(text):
            # A job of another test.
            return await _ANALYZE(transaction, text)
        if len(self.analyzed) == self.batches and not self.reached.is_set():
            self.reached.set()
            if self.failure is not None:
                raise self.failure
            await asyncio.Event().wait()
        self.analyzed.append(len(text))
        return await _ANALYZE(transaction, text)


_ANALYZE = text_job._analyze


@pytest.fixture
def one_part_per_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_job, "_PARTS_PER_BATCH", 1)


@pytest.mark.usefixtures("one_part_per_batch")
@pytest.mark.parametrize("batches", [0, 1, 2])
async def test_failed_attempt_is_continued(
    shared: Client, shared_database_url: str, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    interrupted = Interrupted(batches, ValueError("a bug"))
    monkeypatch.setattr(text_job, "_analyze", interrupted.analyze)
    user = f"failing {batches}"
    job = await requested(shared, TEXT, user)
    async with running_worker(shared_database_url, WORK):
        ended = await until(shared_database_url, job)
    assert (ended["status"], ended["attempts"], ended["progress"]) == ("SUCCEEDED", 2, 1)
    parts = await all_parts(shared, job, user)
    assert "".join(part["text"] for part in parts) == TEXT
    # No part was analysed twice.
    assert len(interrupted.analyzed) == len(set(interrupted.analyzed)) == len(parts)
    result = await read(shared, job, user)
    assert (result["sentenceCount"], result["wordCount"]) == (120, 300)


@pytest.mark.usefixtures("one_part_per_batch")
async def test_cancelled_job_stops_and_can_be_retried(
    shared: Client, shared_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted = Interrupted(1)
    monkeypatch.setattr(text_job, "_analyze", interrupted.analyze)
    user = "cancelling"
    job = await requested(shared, TEXT, user)
    change = "mutation($id: ID!) {{ {}(input: {{id: $id}}) {{ job {{ status }} errors {{ code }} }} }}"
    async with running_worker(shared_database_url, WORK), asyncio.timeout(30):
        await interrupted.reached.wait()
        await shared.run(change.format("cancelJob"), {"id": job}, user=user)
        ended = await until(shared_database_url, job)
        assert (ended["status"], await read(shared, job, user)) == ("CANCELLED", None)
        assert 0 < ended["progress"] < 1
        listed = "{ viewer { analyzedTexts { totalCount } } }"
        assert (await shared.run(listed, user=user)).data["viewer"]["analyzedTexts"] == {"totalCount": 0}
        await shared.run(change.format("retryJob"), {"id": job}, user=user)
        assert (await until(shared_database_url, job, "SUCCEEDED"))["status"] == "SUCCEEDED"
    assert "".join(part["text"] for part in await all_parts(shared, job, user)) == TEXT
    assert len(interrupted.analyzed) == len(set(interrupted.analyzed))


async def test_superseded_attempt_saves_nothing(shared: Client, shared_database_url: str, database: Database) -> None:
    """A worker that was disconnected returns when another one has analysed the same part."""
    job = await requested(shared, "一。二。", "superseded")
    id = id_of(job)
    [user] = await _row(shared_database_url, f"select user_id from jobs where id = '{id}'")
    viewer = Viewer(user, Role.LEARNER)
    attempts = []
    for _ in range(2):
        await execute(
            shared_database_url,
            f"update jobs set status = 'RUNNING', attempt_id = gen_random_uuid() where id = '{id}'",
        )
        reads = ReadSession(database, viewer, RequestStatistics())
        row = await reads.row(attempt_by_job_id, job_id=id, viewer_id=user)
        assert row is not None
        attempts.append(Attempt(row, viewer, database))
    first, second = attempts
    text = await first.reads().row(unfinished_text, job_id=id, viewer_id=user)
    assert isinstance(text, UnfinishedTextRow)
    parts = AnalyzedParts(["一。"], 1, 1, 0, "二。")
    await second.write(partial(save_parts, attempt=second.job, text=text, parts=parts))
    with pytest.raises(AttemptSuperseded):
        await first.write(partial(save_parts, attempt=first.job, text=text, parts=parts))
    found = "select text from analyzed_text_parts join analyzed_texts on id = text_id where job_id = "
    assert await column(shared_database_url, f"{found}'{id}'") == ["一。"]
    assert await column(shared_database_url, f"select remaining from analyzed_texts where job_id = '{id}'") == ["二。"]


@pytest.mark.usefixtures("worker")
async def test_oldest_finished_text_is_deleted_for_a_new_one(shared: Client, shared_database_url: str) -> None:
    url, user = shared_database_url, "collector"
    first = await requested(shared, "最初。", user)
    await until(url, first)
    await execute(
        url,
        f"""
        with filled as (
            insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts,
                max_attempts, input, scheduled_for, finished_at)
            select gen_random_uuid(), user_id, kind, 'SUCCEEDED', 1, 1, 1, 1, 4, '{{}}', now(), now()
            from jobs, generate_series(1, 19) where id = '{id_of(first)}' returning id, user_id
        ) insert into analyzed_texts (id, user_id, job_id, length, completed_at)
            select uuid_in(('ffffffff' || right(id::text, 28))::cstring), user_id, id, 1, now() from filled
        """,
    )
    second = await requested(shared, "最後。", user)
    await until(url, second)
    assert await read(shared, first, user) is None
    assert (await read(shared, second, user))["length"] == 3
    count = "select count(*) from analyzed_texts join users on users.id = user_id where subject = 'collector'"
    assert await column(url, count) == [20]


@pytest.mark.usefixtures("worker")
async def test_retry_of_a_deleted_text_fails(shared: Client, shared_database_url: str) -> None:
    job = await requested(shared, "消える。", "deleted")
    await until(shared_database_url, job)
    await execute(shared_database_url, f"delete from analyzed_texts where job_id = '{id_of(job)}'")
    await execute(shared_database_url, f"update jobs set status = 'FAILED' where id = '{id_of(job)}'")
    retry = "mutation($id: ID!) { retryJob(input: {id: $id}) { errors { code } } }"
    await shared.run(retry, {"id": job}, user="deleted")
    ended = await until(shared_database_url, job)
    assert (ended["status"], ended["attempts"]) == ("FAILED", 1)
    error = "{ node(id: $id) { ... on Job { error { code message retryable } } } }"
    found = (await shared.run(f"query($id: ID!) {error}", {"id": job}, user="deleted")).data["node"]["error"]
    assert found == {
        "code": "NOT_FOUND",
        "message": "The text was deleted to store newer ones; request its analysis again.",
        "retryable": False,
    }


async def test_unknown_text_is_null(shared: Client) -> None:
    query = "query($id: ID!) { viewer { analyzedText(id: $id) { id } } }"
    found = await shared.run(query, {"id": global_id("AnalyzedText", uuid4())}, user="reader")
    assert found.data == {"viewer": {"analyzedText": None}}
    refused = await shared.run(query, {"id": global_id("Book", uuid4())}, user="reader")
    assert refused.error_codes == ["BAD_USER_INPUT"]
