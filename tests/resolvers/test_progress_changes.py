"""Progress is deleted from copies while its book or chapter is hidden."""

from tests.clients import Client
from tests.databases import execute
from tests.device_copies import DeviceCopy
from tests.resolvers.copied_learners import answer_exercises, learner, read_book, summary, user_id


async def test_progress_follows_the_visibility_of_its_book(writable: Client, writable_database_url: str) -> None:
    copy = await learner(writable, writable_database_url)
    book = await read_book(copy, writable_database_url, page=9)
    await copy.catch_up(writable_database_url)
    for change, expected in {
        "title = title || '!'": [],
        "published_at = null": [("READING_PROGRESS", True)],
        "published_at = now()": [("READING_PROGRESS", False)],
        "deleted_at = now()": [("READING_PROGRESS", True)],
        "deleted_at = null": [("READING_PROGRESS", False)],
        "page_count = 9": [("READING_PROGRESS", False)],
    }.items():
        await execute(writable_database_url, f"update books set {change} where id = '{book}'")
        assert summary(await copy.catch_up(writable_database_url)) == expected, change
    [progress] = copy.of_type("BookProgress")
    assert copy.objects[progress]["percent"] == 100


async def test_progress_follows_the_visibility_of_its_chapter(writable: Client, writable_database_url: str) -> None:
    copy = await learner(writable, writable_database_url)
    [chapter] = await answer_exercises(copy, writable_database_url)
    await copy.catch_up(writable_database_url)
    own = f"id = (select textbook_id from chapters where id = '{chapter}')"
    me, unchanged = await user_id(copy, writable_database_url), ("CHAPTER_PROGRESS", False)
    deleted = ("CHAPTER_PROGRESS", True)
    exercise = "gen_random_uuid(), chapter_id, 3, kind, title, task, answer_language, prompts, options"
    for statement, expected in {
        f"update chapters set title = title || '!' where id = '{chapter}'": [],
        f"update chapters set deleted_at = now() where id = '{chapter}'": [deleted],
        f"update chapters set deleted_at = null where id = '{chapter}'": [unchanged],
        f"update textbooks set is_public = false where {own}": [deleted],
        f"update textbooks set owner_id = '{me}' where {own}": [unchanged],
        f"update textbooks set is_public = true, owner_id = null where {own}": [unchanged],
        f"update textbooks set deleted_at = now() where {own}": [deleted],
        f"update textbooks set deleted_at = null where {own}": [unchanged],
        f"delete from exercises where chapter_id = '{chapter}' and position = 3": [unchanged],
        "insert into exercises (id, chapter_id, position, kind, title, task, answer_language, prompts, options)"
        f" select {exercise} from exercises where chapter_id = '{chapter}' and position = 0": [unchanged],
        f"delete from exercises where chapter_id = '{chapter}'": [("EXERCISE_ATTEMPT", True), unchanged],
        f"delete from chapters where id = '{chapter}'": [deleted],
    }.items():
        await execute(writable_database_url, statement)
        assert summary(await copy.catch_up(writable_database_url)) == expected, statement
        fresh = DeviceCopy(writable, copy.subject)
        await fresh.catch_up(writable_database_url)
        assert fresh.objects == copy.objects, statement
