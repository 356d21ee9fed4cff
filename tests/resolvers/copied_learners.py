"""New learners with copies of their objects, and what changes these."""

from typing import Any
from uuid import UUID, uuid4

from db.core.database import owner_connection
from domain.ids import global_id
from tests.clients import Client
from tests.databases import column, execute
from tests.device_copies import DeviceCopy

READ = "mutation($input: UpdateReadingProgressInput!) { updateReadingProgress(input: $input) { errors { code } } }"
CREATE = "mutation($input: CreateCardsInput!) { createCards(input: $input) { cards { id } errors { code } } }"
READ_CHAPTER = """
    mutation($input: UpdateChapterProgressInput!) { updateChapterProgress(input: $input) { errors { code } } }
"""
ANSWER = """
    mutation($input: AnswerExercisesInput!) { answerExercises(input: $input) { results { error { code } } } }
"""
EXERCISES = """
    select exercises.id, chapter_id, jsonb_array_length(prompts) as size from exercises
        join chapters on chapters.id = chapter_id join textbooks on textbooks.id = textbook_id
    where is_public order by chapter_id, exercises.position
"""


async def learner(client: Client, url: str, cards: int = 6) -> DeviceCopy:
    """The empty copy of a new learner with cards, whom no other test uses."""
    subject = f"changes-{uuid4()}"
    words = await column(url, f"select id from vocabulary order by id limit {cards}")
    ids = [global_id("Vocabulary", id) for id in words]
    await client.run(CREATE, {"input": {"vocabularyIds": ids}}, user=subject)
    return DeviceCopy(client, subject)


async def user_id(copy: DeviceCopy, url: str) -> UUID:
    [id] = await column(url, f"select id from users where subject = '{copy.subject}'")
    found: UUID = id
    return found


async def run_sql(copy: DeviceCopy, url: str, statement: str) -> None:
    """Runs a statement in which `me` is the learner's id."""
    await execute(url, statement.replace("me", f"'{await user_id(copy, url)}'::uuid"))


async def read_book(copy: DeviceCopy, url: str, page: int = 3, offset: int = 0, read_at: str | None = None) -> str:
    """Saves progress in a book with many pages; returns the id of the book."""
    books = "select id from books where published_at is not null and deleted_at is null and page_count > 9 order by id"
    [book] = await column(url, f"{books} offset {offset} limit 1")
    variables = {"input": {"bookId": global_id("Book", book), "currentPage": page, "readAt": read_at}}
    await copy.client.run(READ, variables, user=copy.subject)
    return str(book)


async def answer_exercises(copy: DeviceCopy, url: str, number: int = 1) -> list[UUID]:
    """Answers the first exercises of textbooks; returns the ids of their chapters, once for each exercise."""
    async with owner_connection(url) as connection:
        exercises = await connection.fetch(f"{EXERCISES} limit {number}")
    attempts = [
        {
            "exerciseId": global_id("Exercise", exercise["id"]),
            "answers": [{"text": "?"}] * exercise["size"],
            "idempotencyKey": uuid4().hex,
        }
        for exercise in exercises
    ]
    payload = (await copy.client.run(ANSWER, {"input": {"attempts": attempts}}, user=copy.subject)).data
    assert payload["answerExercises"]["results"] == [{"error": None}] * number
    return [exercise["chapter_id"] for exercise in exercises]


async def read_chapter(copy: DeviceCopy, chapter: UUID) -> None:
    variables = {"input": {"chapterId": global_id("Chapter", chapter), "isRead": True}}
    payload = (await copy.client.run(READ_CHAPTER, variables, user=copy.subject)).data
    assert payload["updateChapterProgress"]["errors"] == []


def summary(changes: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    """The type of each change, and whether the object was deleted."""
    return [(change["type"], change["deleted"]) for change in changes]
