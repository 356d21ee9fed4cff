"""Progress in chapters and textbooks counts what was read and answered, in whatever order devices send it."""

from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.review_assertions import days_ago

PROGRESS = "isRead lastReadAt exerciseCount exercisesDone score"
OF_TEXTBOOK = "chapterCount chaptersRead lastReadAt exerciseCount exercisesDone score"
TEXTBOOK = f"""
    query($id: ID!) {{ textbook(id: $id) {{
        progress {{ id {OF_TEXTBOOK} }}
        chapters {{ id position progress {{ id {PROGRESS} }} exercises {{ id prompts {{ text }} }} }}
    }} }}
"""
UPDATE = f"""
    mutation($input: UpdateChapterProgressInput!) {{ updateChapterProgress(input: $input) {{
        chapter {{ id progress {{ {PROGRESS} }} textbook {{ progress {{ chaptersRead }} }} }} errors {{ code path }}
    }} }}
"""
ANSWER = """
    mutation($attempts: [ExerciseAttemptInput!]!) { answerExercises(input: {attempts: $attempts}) {
        results { attempt { correctCount results { correctOption answer } } error { code } }
    } }
"""
CONTINUE = """
    { viewer { dashboard { dueNow } studySession { newLeft cards { id } } continue {
        book { currentPage book { id } } chapter { id position } dueCards studySession { newLeft cards { id } }
    } } }
"""


@pytest.fixture
async def textbook_id(shared: Client) -> str:
    """A textbook of the platform."""
    found = (await shared.run("{ textbooks(first: 1, filter: {mine: false}) { nodes { id } } }", user="nobody")).data
    id: str = found["textbooks"]["nodes"][0]["id"]
    return id


async def textbook(client: Client, id: str, user: str | None) -> dict[str, Any]:
    found: dict[str, Any] = (await client.run(TEXTBOOK, {"id": id}, user=user)).data["textbook"]
    return found


async def read(client: Client, user: str, chapter: str, *, is_read: bool, at: str | None = None) -> dict[str, Any]:
    variables = {"input": {"chapterId": chapter, "isRead": is_read, "readAt": at}}
    payload: dict[str, Any] = (await client.run(UPDATE, variables, user=user)).data["updateChapterProgress"]
    return payload


async def test_progress_counts_chapters_and_best_attempts(shared: Client, textbook_id: str) -> None:
    before = await textbook(shared, textbook_id, "counter")
    count = len(before["chapters"])
    exercises = sum(len(chapter["exercises"]) for chapter in before["chapters"])
    assert before["progress"] == {
        "id": before["progress"]["id"],
        "chapterCount": count,
        "chaptersRead": 0,
        "lastReadAt": None,
        "exerciseCount": exercises,
        "exercisesDone": 0,
        "score": None,
    }
    first = before["chapters"][0]
    assert first["progress"] == {
        "id": first["progress"]["id"],
        "isRead": False,
        "lastReadAt": None,
        "exerciseCount": len(first["exercises"]),
        "exercisesDone": 0,
        "score": None,
    }
    exercise = first["exercises"][0]
    prompts = len(exercise["prompts"])

    async def answer(answers: list[dict[str, Any]]) -> Any:
        attempt = {"exerciseId": exercise["id"], "answers": answers, "idempotencyKey": uuid4().hex}
        [result] = (await shared.run(ANSWER, {"attempts": [attempt]}, user="counter")).data["answerExercises"][
            "results"
        ]
        assert result["error"] is None
        return result["attempt"]

    solved = (await answer([{"text": "?"}, *[{}] * (prompts - 1)]))["results"]
    assert (await textbook(shared, textbook_id, "counter"))["progress"]["score"] == 0
    right = [{"option": result["correctOption"]} for result in solved]
    for count_right in (2, prompts, 1):
        await answer([*right[:count_right], *[{}] * (prompts - count_right)])
        found = await textbook(shared, textbook_id, "counter")
        expected = 1 if count_right != 2 else 2 / prompts
        for progress in (found["progress"], found["chapters"][0]["progress"]):
            assert progress["exercisesDone"] == 1
            assert progress["score"] == pytest.approx(expected)
    payload = await read(shared, "counter", first["id"], is_read=True)
    assert payload["errors"] == []
    assert payload["chapter"]["progress"]["isRead"]
    assert payload["chapter"]["textbook"] == {"progress": {"chaptersRead": 1}}
    # Nobody else has progress.
    assert (await textbook(shared, textbook_id, "another"))["progress"] == {
        **before["progress"],
        "id": before["progress"]["id"],
    }
    assert (await textbook(shared, textbook_id, None))["progress"] is None
    node = await shared.run(
        f"query($id: ID!) {{ node(id: $id) {{ ... on ChapterProgress {{ {PROGRESS} }} }} }}",
        {"id": first["progress"]["id"]},
        user="counter",
    )
    assert node.data["node"] == payload["chapter"]["progress"]


async def test_newest_progress_wins_in_any_order(shared: Client, textbook_id: str) -> None:
    [chapter, *_] = (await textbook(shared, textbook_id, None))["chapters"]
    newest = days_ago(1)
    # At the same time, a read chapter wins.
    writes = [(True, days_ago(3)), (False, days_ago(2)), (True, newest), (False, newest)]
    found = []
    for number, order in enumerate(permutations(writes)):
        for is_read, at in order:
            payload = await read(shared, f"device {number}", chapter["id"], is_read=is_read, at=at)
        progress = payload["chapter"]["progress"]
        found.append((progress["isRead"], progress["lastReadAt"]))
    assert len(found) == 24
    assert set(found) == {(True, found[0][1])}
    again = await read(shared, "device 0", chapter["id"], is_read=False)
    assert not again["chapter"]["progress"]["isRead"]


async def test_viewer_continues_where_they_stopped(shared: Client, textbook_id: str) -> None:
    chapters = (await textbook(shared, textbook_id, None))["chapters"]

    async def stopped() -> dict[str, Any]:
        viewer = (await shared.run(CONTINUE, user="reader")).data["viewer"]
        assert viewer["continue"]["dueCards"] == viewer["dashboard"]["dueNow"]
        found: dict[str, Any] = viewer["continue"]
        assert found.pop("studySession") == viewer["studySession"]
        return found

    assert await stopped() == {"book": None, "chapter": None, "dueCards": 0}
    await read(shared, "reader", chapters[1]["id"], is_read=False, at=days_ago(2))
    assert (await stopped())["chapter"] == {"id": chapters[1]["id"], "position": 2}
    await read(shared, "reader", chapters[2]["id"], is_read=True, at=days_ago(2))
    await read(shared, "reader", chapters[1]["id"], is_read=True, at=days_ago(1))
    assert (await stopped())["chapter"] == {"id": chapters[3]["id"], "position": 4}
    for chapter in chapters:
        await read(shared, "reader", chapter["id"], is_read=True)
    assert (await stopped())["chapter"] is None
    books = (await shared.run("{ books(first: 60) { nodes { id pageCount } } }")).data["books"]["nodes"]
    book = next(book["id"] for book in books if book["pageCount"] > 1)
    update = "mutation($id: ID!) { updateReadingProgress(input: {bookId: $id, currentPage: 1}) { errors { code } } }"
    assert (await shared.run(update, {"id": book}, user="reader")).data == {"updateReadingProgress": {"errors": []}}
    assert (await stopped())["book"] == {"currentPage": 1, "book": {"id": book}}
    words = "mutation { createCards(input: {jlptLevel: N5, limit: 25}) { errors { code } } }"
    await shared.run(words, user="reader")
    settings = "mutation { updateStudySettings(input: {newCardsPerDay: 21}) { errors { code } } }"
    await shared.run(settings, user="reader")
    assert (await stopped())["dueCards"] == 25
    session = (await shared.run(CONTINUE, user="reader")).data["viewer"]["continue"]["studySession"]
    assert (session["newLeft"], len(session["cards"])) == (21, 20)


async def test_viewer_continues_with_what_is_unread(shared: Client) -> None:
    """After the place where they stopped, then before it, then in the textbook that they read before that one."""
    found = (await shared.run("{ textbooks(first: 3, filter: {mine: false}) { nodes { id } } }", user="skipper")).data
    first, second, unopened = [
        [chapter["id"] for chapter in (await textbook(shared, node["id"], "skipper"))["chapters"]]
        for node in found["textbooks"]["nodes"]
    ]
    query = "{ viewer { continue { chapter { id } } } }"

    async def following() -> str | None:
        chapter = (await shared.run(query, user="skipper")).data["viewer"]["continue"]["chapter"]
        return chapter and str(chapter["id"])

    await read(shared, "skipper", first[1], is_read=True, at=days_ago(3))
    await read(shared, "skipper", second[-1], is_read=True, at=days_ago(2))
    expected = [*second[:-1], *first[2:], first[0]]
    passed = []
    while chapter := await following():
        passed.append(chapter)
        # At times before the place where they stopped.
        await read(shared, "skipper", chapter, is_read=True, at=days_ago(4))
    assert passed == expected
    assert not set(passed) & set(unopened)


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"chapterId": global_id("Chapter", uuid4())}, "NOT_FOUND", ["chapterId"]),
        ({"chapterId": global_id("Textbook", uuid4())}, "INVALID", ["chapterId"]),
        ({"chapterId": "x"}, "INVALID", ["chapterId"]),
        ({"readAt": "1999-12-31T00:00:00Z"}, "OUT_OF_RANGE", ["readAt"]),
    ],
)
async def test_invalid_progress_is_rejected(
    shared: Client, textbook_id: str, changes: dict[str, str], code: str, path: list[str]
) -> None:
    [chapter, *_] = (await textbook(shared, textbook_id, None))["chapters"]
    variables = {"input": {"chapterId": chapter["id"], "isRead": True, **changes}}
    payload = (await shared.run(UPDATE, variables, user="invalid")).data["updateChapterProgress"]
    assert payload == {"chapter": None, "errors": [{"code": code, "path": path}]}
