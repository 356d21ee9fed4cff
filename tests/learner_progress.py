"""Progress in books and textbooks, on any database: what a learner and a teacher see, and how copies follow it."""

from typing import Any
from uuid import UUID

from domain.ids import global_id
from tests.clients import Client
from tests.databases import column, execute
from tests.device_copies import DeviceCopy
from tests.distribution import teach
from tests.resolvers.copied_learners import answer_exercises, learner, read_book, read_chapter, summary, user_id

_SEEN = """
    query($book: ID!, $chapter: ID!) {
        book(id: $book) { progress { currentPage } }
        books(first: 3, filter: {status: READING}) { nodes { id progress { currentPage } } totalCount }
        unread: books(filter: {status: NOT_STARTED}) { totalCount }
        all: books { totalCount }
        node(id: $chapter) { ... on Chapter {
            progress { isRead exercisesDone score }
            textbook { progress { chaptersRead exercisesDone } }
            exercises { lastAttempt { correctCount results { isCorrect answer } } }
        } }
        viewer {
            readingProgress(first: 5, status: READING) { nodes { book { id } } totalCount }
            continue { book { book { id } } chapter { textbook { progress { chaptersRead } } } }
            dashboard { currentlyReading { book { id } } }
        }
    }
"""
_MEMBERS = """
    query ($id: ID!) { node(id: $id) { ... on Group { assignments { nodes { memberProgress { percent score } } } } } }
"""
_ASSIGN = "mutation($input: AssignToGroupInput!) { assignToGroup(input: $input) { errors { code } } }"
_OWN_ASSIGNMENTS = "{ viewer { assignments { nodes { progress { percent } } } } }"


async def check_progress(client: Client, url: str, due_at: str) -> None:
    """Of a new learner, who reads, answers exercises and has a teacher. `due_at`: of assignments."""
    copy = await learner(client, url)
    subject = copy.subject
    book = global_id("Book", UUID(await read_book(copy, url)))
    # The page that arrives later was read before.
    await read_book(copy, url, page=2, read_at="2026-01-01T00:00:00Z")
    [answered, _] = await answer_exercises(copy, url, 2)
    await read_chapter(copy, answered)
    chapter = global_id("Chapter", answered)
    seen = (await client.run(_SEEN, {"book": book, "chapter": chapter}, user=subject)).data
    assert seen["book"] == {"progress": {"currentPage": 3}}
    assert seen["books"] == {"nodes": [{"id": book, "progress": {"currentPage": 3}}], "totalCount": 1}
    assert seen["unread"]["totalCount"] == seen["all"]["totalCount"] - 1
    found = seen["node"]
    assert found["progress"] == {"isRead": True, "exercisesDone": 2, "score": 0}
    assert found["textbook"]["progress"] == {"chaptersRead": 1, "exercisesDone": 2}
    attempts = [exercise["lastAttempt"] for exercise in found["exercises"]]
    assert [attempt is not None for attempt in attempts] == [True, True] + [False] * (len(attempts) - 2)
    assert all(result["answer"] for attempt in attempts[:2] for result in attempt["results"])
    viewer = seen["viewer"]
    assert viewer["readingProgress"] == {"nodes": [{"book": {"id": book}}], "totalCount": 1}
    assert viewer["continue"]["book"] == {"book": {"id": book}}
    assert viewer["continue"]["chapter"] == {"textbook": {"progress": {"chaptersRead": 1}}}
    await _check_assignments(client, subject, {"bookId": book}, {"chapterId": chapter}, due_at)


async def _check_assignments(client: Client, subject: str, book: Any, chapter: Any, due_at: str) -> None:
    """The learner, and a teacher, see the progress in an assigned book and an assigned chapter."""
    teacher = f"teacher of {subject}"
    group = await teach(client, teacher, [subject])
    for content in (book, chapter):
        given = {"groupId": group, "dueAt": due_at, **content}
        assigned = (await client.run(_ASSIGN, {"input": given}, user=teacher)).data
        assert assigned == {"assignToGroup": {"errors": []}}
    own = (await client.run(_OWN_ASSIGNMENTS, user=subject)).data["viewer"]["assignments"]["nodes"]
    percents = [each["progress"]["percent"] for each in own]
    members = (await client.run(_MEMBERS, {"id": group}, user=teacher)).data["node"]["assignments"]["nodes"]
    assert [each["memberProgress"][0]["percent"] for each in members] == percents
    assert len(percents) == 2
    assert all(0 < percent < 100 for percent in percents)
    assert sorted(str(each["memberProgress"][0]["score"]) for each in members) == ["0.0", "None"]


async def check_visibility_of_book(client: Client, url: str) -> None:
    """Progress is deleted from copies while its book is hidden."""
    copy = await learner(client, url)
    book = await read_book(copy, url, page=9, offset=1)
    await copy.catch_up(url)
    [old_count] = await column(url, f"select page_count from books where id = '{book}'")
    [published_at] = await column(url, f"select published_at from books where id = '{book}'")
    for change, expected in {
        "title = title || '!'": [],
        "published_at = null": [("READING_PROGRESS", True)],
        f"published_at = '{published_at}'": [("READING_PROGRESS", False)],
        "deleted_at = now()": [("READING_PROGRESS", True)],
        "deleted_at = null": [("READING_PROGRESS", False)],
        "page_count = 9": [("READING_PROGRESS", False)],
    }.items():
        await execute(url, f"update books set {change} where id = '{book}'")
        assert summary(await copy.catch_up(url)) == expected, change
    [progress] = copy.of_type("BookProgress")
    assert copy.objects[progress]["percent"] == 100
    await execute(url, f"update books set page_count = {old_count} where id = '{book}'")
    assert copy.objects[progress] != await _changed(copy, url, progress)
    await execute(url, f"delete from books where id = '{book}'")
    assert summary(await copy.catch_up(url)) == [("READING_PROGRESS", True)]
    assert await column(url, f"select id from reading_progress where book_id = '{book}'") == []


async def _changed(copy: DeviceCopy, url: str, id: str) -> Any:
    await copy.catch_up(url)
    return copy.objects[id]


async def check_visibility_of_chapter(client: Client, url: str) -> None:
    """Progress is deleted from copies while its chapter is hidden."""
    copy = await learner(client, url)
    [chapter] = await answer_exercises(copy, url)
    await copy.catch_up(url)
    own = f"id = (select textbook_id from chapters where id = '{chapter}')"
    me, unchanged = await user_id(copy, url), ("CHAPTER_PROGRESS", False)
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
        await execute(url, statement)
        assert summary(await copy.catch_up(url)) == expected, statement
        fresh = DeviceCopy(client, copy.subject)
        await fresh.catch_up(url)
        assert fresh.objects == copy.objects, statement
