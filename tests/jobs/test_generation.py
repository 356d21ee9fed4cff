"""Generation of a textbook writes each chapter once, whatever fails meanwhile."""

import asyncio
from collections.abc import Sequence
from typing import Any

from db.services.chapters import NewChapter
from domain.jobs import JobErrorCode, JobFailed
from domain.textbooks import ChapterPlan, Outline
from jobs.attempts import Attempt
from jobs.textbooks.dictionary_generator import DictionaryCache, DictionaryGenerator
from jobs.textbooks.generator import TextbookRequest
from tests.clients import Client
from tests.databases import column
from tests.workers import GENERATE, JOB, generate, generator_work, id_of, running_worker, until

CHAPTERS = """
    query ($id: ID!) {
        textbook(id: $id) {
            status chapterCount job { status } chapters { position title summary content vocabulary { word } }
        }
    }
"""


async def chapters_of(client: Client, textbook: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.run(CHAPTERS, {"id": textbook}, user="demo")).data["textbook"]
    return found


async def test_chapters_are_written_from_the_dictionary(
    writable: Client, writable_database_url: str, dictionary: DictionaryCache
) -> None:
    textbook, job = await generate(writable, topics=["Travel", "食べ物"], numberOfChapters=4)
    async with running_worker(writable_database_url, dictionary=dictionary):
        await until(writable_database_url, job)
    found = await chapters_of(writable, textbook)
    assert (found["status"], found["chapterCount"], found["job"]["status"]) == ("READY", 4, "SUCCEEDED")
    assert [chapter["title"] for chapter in found["chapters"]] == [
        *("Travel, part 1", "食べ物, part 1", "Travel, part 2", "食べ物, part 2")
    ]
    words = [word["word"] for chapter in found["chapters"] for word in chapter["vocabulary"]]
    assert len(words) == len(set(words)) >= 4 * 6
    of_food = {word["word"] for chapter in found["chapters"][1::2] for word in chapter["vocabulary"]}
    assert {"食べ物", "食べる", "おいしい"} <= of_food
    assert all("## Exercises" in chapter["content"] for chapter in found["chapters"])
    result = (await writable.run(JOB, {"id": job}, user="demo")).data["node"]
    assert result["result"] == {"__typename": "Textbook", "id": textbook, "chapterCount": 4}
    assert (result["progress"], result["completedSteps"], result["error"]) == (1, 4, None)


async def test_job_names_its_textbook_from_the_start(shared: Client) -> None:
    textbook, job = await generate(shared)
    found = (await shared.run(JOB, {"id": job}, user="demo")).data["node"]
    assert (found["status"], found["subject"], found["result"]) == ("QUEUED", {"id": textbook}, None)
    assert found["warnings"] == []


async def test_textbook_has_fewer_chapters_rather_than_other_words(
    writable: Client, writable_database_url: str
) -> None:
    topics = {topic["name"]: topic["wordCount"] for topic in await topics_of(writable, "N5")}
    textbook, job = await generate(writable, topics=["Greetings", "Numbers"], numberOfChapters=30)
    async with running_worker(writable_database_url):
        await until(writable_database_url, job)
    found = await chapters_of(writable, textbook)
    titles = {chapter["title"].partition(",")[0] for chapter in found["chapters"]}
    assert titles == {"Greetings", "Numbers"}
    words = [word["word"] for chapter in found["chapters"] for word in chapter["vocabulary"]]
    assert len(words) == len(set(words)) <= topics["greetings"] + topics["numbers"]
    assert all(6 <= len(chapter["vocabulary"]) <= 16 for chapter in found["chapters"])
    finished = (await writable.run(JOB, {"id": job}, user="demo")).data["node"]
    assert (finished["status"], finished["totalSteps"]) == ("SUCCEEDED", found["chapterCount"])
    warning = finished["warnings"][0]
    count = found["chapterCount"]
    assert warning == {
        "code": "FEWER_CHAPTERS",
        "message": f"The textbook has {count} of 30 chapters: the level has {len(words)} words about the topics.",
    }


async def topics_of(client: Client, level: str) -> list[dict[str, Any]]:
    query = "query($level: JlptLevel!) { textbookTopics(jlptLevel: $level) { name japaneseName wordCount } }"
    found: list[dict[str, Any]] = (await client.run(query, {"level": level})).data["textbookTopics"]
    return found


async def test_topics_of_every_level_have_words(shared: Client) -> None:
    for level in ("N5", "N4", "N3", "N2", "N1"):
        topics = await topics_of(shared, level)
        names = [topic["name"] for topic in topics]
        assert names == sorted(names)
        assert len(names) >= 15, level
        assert all(topic["wordCount"] >= 6 for topic in topics)
    of_n5 = {topic["name"]: topic for topic in await topics_of(shared, "N5")}
    assert {"greetings", "numbers", "food", "travel", "trains", "weather"} <= set(of_n5)
    assert of_n5["food"]["japaneseName"] == "食べ物"


async def test_unknown_topics_are_rejected_with_suggestions(shared: Client) -> None:
    before = (await shared.run("{ viewer { textbooks { totalCount } } }", user="demo")).data
    variables = {
        "input": {"title": "T", "jlptLevel": "N5", "topics": ["Grettings", "数", "elves"], "numberOfChapters": 1}
    }
    payload = (await shared.run(GENERATE, variables, user="demo")).data["generateTextbook"]
    assert (payload["textbook"], payload["job"]) == (None, None)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("NOT_FOUND", ["topics", "0"]),
        ("NOT_FOUND", ["topics", "2"]),
    ]
    assert payload["errors"][0]["message"].startswith(
        'There is no topic "Grettings" at level N5. Topics of this level are, for example, "greetings"'
    )
    assert (await shared.run("{ viewer { textbooks { totalCount } } }", user="demo")).data == before


async def test_equal_requests_generate_equal_textbooks(
    writable: Client, writable_database_url: str, dictionary: DictionaryCache
) -> None:
    one, other = await generate(writable), await generate(writable)
    async with running_worker(writable_database_url, dictionary=dictionary):
        for _, job in (one, other):
            await until(writable_database_url, job)
    assert (await chapters_of(writable, one[0]))["chapters"] == (await chapters_of(writable, other[0]))["chapters"]


class FailingGenerator(DictionaryGenerator):
    """Fails once at each of these positions, after the other chapters were written."""

    def __init__(self, dictionary: DictionaryCache, positions: Sequence[int], failure: Exception) -> None:
        super().__init__(dictionary)
        self.positions = set(positions)
        self.failure = failure
        self.written: list[int] = []
        self.others_are_written = asyncio.Event()
        self.plans = 0

    async def plan(self, attempt: Attempt, request: TextbookRequest) -> Outline:
        self.plans += 1
        return await super().plan(attempt, request)

    async def write(
        self, attempt: Attempt, request: TextbookRequest, plan: Sequence[ChapterPlan], position: int
    ) -> NewChapter:
        if position in self.positions:
            await self.others_are_written.wait()
            self.positions.discard(position)
            raise self.failure
        self.written.append(position)
        return await super().write(attempt, request, plan, position)


async def test_retry_writes_missing_chapters(
    writable: Client, writable_database_url: str, dictionary: DictionaryCache, connection: Any
) -> None:
    _, job = await generate(writable, numberOfChapters=3)
    hindered = FailingGenerator(
        dictionary, [2], JobFailed(JobErrorCode.MODEL_UNAVAILABLE, "It is busy.", retryable=True)
    )
    async with running_worker(writable_database_url, generator_work(hindered)):
        await until(writable_database_url, job, "RUNNING", steps=2)
        before = await column(writable_database_url, "select id from chapters order by created_at desc limit 2")
        hindered.others_are_written.set()
        ended = await until(writable_database_url, job)
    assert (ended["status"], ended["attempts"]) == ("SUCCEEDED", 2)
    assert sorted(hindered.written) == [1, 2, 3]
    assert hindered.plans == 1
    after = await column(writable_database_url, "select id from chapters order by created_at desc limit 3")
    assert set(before) < set(after)
    events = await connection.fetch(
        "select state->>'status' as status, (state->>'progress')::float8 as progress, state->'error' as error"
        " from job_events where job_id = $1 order by id",
        id_of(job),
    )
    assert list(dict.fromkeys(event["status"] for event in events)) == ["QUEUED", "RUNNING", "RETRYING", "SUCCEEDED"]
    progress = [event["progress"] for event in events]
    assert progress == sorted(progress)
    assert [event["error"] for event in events if event["status"] == "RETRYING"] == [
        '{"code": "MODEL_UNAVAILABLE", "message": "It is busy.", "retryable": true}'
    ]


async def test_failed_generation_keeps_saved_chapters(
    writable: Client, writable_database_url: str, dictionary: DictionaryCache
) -> None:
    textbook, job = await generate(writable, numberOfChapters=3)
    hindered = FailingGenerator(
        dictionary, [3], JobFailed(JobErrorCode.MODEL_REFUSED, "Not about that.", retryable=False)
    )
    async with running_worker(writable_database_url, generator_work(hindered)):
        await until(writable_database_url, job, "RUNNING", steps=2)
        hindered.others_are_written.set()
        ended = await until(writable_database_url, job)
        assert (ended["status"], ended["attempts"]) == ("FAILED", 1)
        assert (await chapters_of(writable, textbook))["status"] == "FAILED"
        assert (await chapters_of(writable, textbook))["chapterCount"] == 2
        failed = (await writable.run(JOB, {"id": job}, user="demo")).data["node"]
        assert failed["error"] == {"code": "MODEL_REFUSED", "message": "Not about that.", "retryable": False}
        retry = "mutation ($id: ID!) { retryJob(input: {id: $id}) { job { status attempts } errors { code } } }"
        again = (await writable.run(retry, {"id": job}, user="demo")).data["retryJob"]
        assert again == {"job": {"status": "QUEUED", "attempts": 0}, "errors": []}
        assert (await until(writable_database_url, job))["status"] == "SUCCEEDED"
    assert sorted(hindered.written) == [1, 2, 3]
    assert (await chapters_of(writable, textbook))["status"] == "READY"


async def test_generation_is_cancelled_within_a_chapter(
    writable: Client, writable_database_url: str, dictionary: DictionaryCache
) -> None:
    textbook, job = await generate(writable, numberOfChapters=4)
    # Two chapters are saved; two are in progress, and would never finish.
    hindered = FailingGenerator(dictionary, [3, 4], JobFailed(JobErrorCode.MODEL_UNAVAILABLE, "Never.", retryable=True))
    async with running_worker(writable_database_url, generator_work(hindered)), asyncio.timeout(30):
        await until(writable_database_url, job, "RUNNING", steps=2)
        cancel = "mutation ($id: ID!) { cancelJob(input: {id: $id}) { job { status progress } errors { code } } }"
        cancelled = (await writable.run(cancel, {"id": job}, user="demo")).data["cancelJob"]
        assert cancelled == {"job": {"status": "CANCELLED", "progress": 0.5}, "errors": []}
        while await column(writable_database_url, "select count(*) from queue.entries") != [0]:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.01)
        found = await chapters_of(writable, textbook)
        assert (found["status"], found["chapterCount"]) == ("FAILED", 2)
        retry = "mutation ($id: ID!) { retryJob(input: {id: $id}) { errors { code } } }"
        hindered.others_are_written.set()
        assert (await writable.run(retry, {"id": job}, user="demo")).data == {"retryJob": {"errors": []}}
        assert (await until(writable_database_url, job))["status"] == "SUCCEEDED"
    assert sorted(hindered.written) == [1, 2, 3, 4]
    assert (await chapters_of(writable, textbook))["status"] == "READY"
