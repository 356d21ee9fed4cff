"""Chapters and exercises are written by hand, reordered, restored, and copied into the library."""

import asyncio
from typing import Any

import pytest

from domain.list_sizes import MAX_STORED_CHAPTERS, MAX_STORED_TEXTBOOKS
from tests.clients import Client
from tests.databases import column, execute

TEXTBOOK = "textbook { id version chapters { id position title } owner { id } } errors { code path }"
CHAPTER = f"chapter {{ id position title summary content vocabulary {{ id }} }} {TEXTBOOK}"
PAYLOADS = dict.fromkeys(("createTextbook", "generateTextbook", "reorderChapters", "copyTextbookToLibrary"), TEXTBOOK)
ANSWER = """
    mutation($input: AnswerExercisesInput!) { answerExercises(input: $input) {
        results { error { code } attempt { score results { answer } } }
    } }
"""
TEXTS = {"summary": "About cats.", "content": "# Cats"}


async def run(client: Client, name: str, user: str = "demo", **input_: Any) -> Any:
    selection = PAYLOADS.get(name, CHAPTER)
    query = f"""
        mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ {selection} }} }}
    """
    return (await client.run(query, {"input": input_}, user=user)).data[name]


async def new_textbook(client: Client, chapters: int, *, is_public: bool = False) -> tuple[str, list[str]]:
    """A textbook of the demo learner and its chapters; its version is 1 more than their number."""
    values: dict[str, Any] = {"title": "猫の本", "jlptLevel": "N5", "topics": ["Animals"], "isPublic": is_public}
    id = (await run(client, "createTextbook", **values))["textbook"]["id"]
    created = [
        await run(client, "createChapter", textbookId=id, expectedVersion=number, title=f"第{number}章", **TEXTS)
        for number in range(1, chapters + 1)
    ]
    assert [one["chapter"]["position"] for one in created] == [*range(1, chapters + 1)]
    return id, [one["chapter"]["id"] for one in created]


async def test_chapters_are_written_reordered_deleted_and_restored(writable: Client) -> None:
    id, [first, second, third] = await new_textbook(writable, 3)
    words = (await writable.run("{ vocabulary(first: 2) { nodes { id } } }")).data["vocabulary"]["nodes"]
    wanted = [word["id"] for word in words]
    updated = await run(
        writable, "updateChapter", id=second, expectedVersion=4, title="二", vocabularyIds=wanted, content="# 新"
    )
    assert updated["errors"] == []
    assert updated["chapter"] == {
        "id": second,
        "position": 2,
        "title": "二",
        "summary": "About cats.",
        "content": "# 新",
        "vocabulary": words,
    }
    assert (await run(writable, "updateChapter", id=second, expectedVersion=5, title="二"))["textbook"]["version"] == 5
    conflict = await run(writable, "deleteChapter", id=second, expectedVersion=4)
    assert (conflict["textbook"]["version"], conflict["errors"][0]["code"]) == (5, "CONFLICT")

    order = [third, first, second]
    reordered = await run(writable, "reorderChapters", textbookId=id, expectedVersion=5, chapterIds=order)
    found = reordered["textbook"]["chapters"]
    assert [(chapter["id"], chapter["position"]) for chapter in found] == [(third, 1), (first, 2), (second, 3)]
    for wrong in ([third, first], [third, third, first]):
        refused = await run(writable, "reorderChapters", textbookId=id, expectedVersion=6, chapterIds=wrong)
        assert refused["errors"] == [{"code": "INVALID", "path": ["chapterIds"]}]

    deleted = await run(writable, "deleteChapter", id=third, expectedVersion=6)
    assert (deleted["chapter"], [chapter["id"] for chapter in deleted["textbook"]["chapters"]]) == (None, order[1:])
    restored = await run(writable, "restoreChapter", id=third, expectedVersion=7)
    assert [chapter["id"] for chapter in restored["textbook"]["chapters"]] == [first, second, third]
    assert (restored["chapter"]["position"], restored["textbook"]["version"]) == (4, 8)


async def test_new_chapters_use_the_positions_of_deleted_ones(writable: Client, writable_database_url: str) -> None:
    id, [first, second] = await new_textbook(writable, 2)
    await execute(writable_database_url, "update chapters set position = 50 where title = '第2章'")
    created = await run(writable, "createChapter", textbookId=id, expectedVersion=3, title="三", **TEXTS)
    assert [chapter["position"] for chapter in created["textbook"]["chapters"]] == [1, 2, 3]
    assert [chapter["id"] for chapter in created["textbook"]["chapters"]][:2] == [first, second]


def choice(prompt: str, **values: Any) -> dict[str, Any]:
    return {
        "kind": "CHOICE",
        "title": "Animals",
        "task": "Choose.",
        "answerLanguage": "ENGLISH",
        "options": ["cat", "dog"],
        "prompts": [{"text": prompt, "option": 0}],
        **values,
    }


async def test_exercises_keep_attempts_by_their_id(writable: Client) -> None:
    _, [chapter] = await new_textbook(writable, 1)
    typed = choice(
        "cat",
        kind="TRANSLATION",
        answerLanguage="JAPANESE",
        options=None,
        prompts=[{"text": "cat", "answers": ["猫", "ねこ"]}],
    )
    query = """
        query($id: ID!) { node(id: $id) { ... on Chapter {
            exercises { id prompts { text } lastAttempt { score } }
        } } }
    """

    async def exercises() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await writable.run(query, {"id": chapter}, user="demo")).data["node"][
            "exercises"
        ]
        return found

    saved = await run(
        writable, "setChapterExercises", chapterId=chapter, expectedVersion=2, exercises=[choice("猫"), typed]
    )
    assert saved["errors"] == []
    first, second = await exercises()
    attempt = {"exerciseId": second["id"], "answers": [{"text": "neko"}], "idempotencyKey": "k"}
    answered = await writable.run(ANSWER, {"input": {"attempts": [attempt]}}, user="demo")
    assert answered.data["answerExercises"]["results"][0]["attempt"] == {"score": 1.0, "results": [{"answer": "猫"}]}

    typed["prompts"][0]["text"] = "the cat"
    kept = [typed | {"id": second["id"]}, choice("犬")]
    saved = await run(writable, "setChapterExercises", chapterId=chapter, expectedVersion=3, exercises=kept)
    assert saved["errors"] == []
    found = await exercises()
    assert [exercise["prompts"][0]["text"] for exercise in found] == ["the cat", "犬"]
    assert [exercise["lastAttempt"] for exercise in found] == [{"score": 1.0}, None]
    assert (found[0]["id"], first["id"] in str(found)) == (second["id"], False)
    known = typed | {"id": second["id"]}
    invalid_option = [{"text": "猫", "option": 0}, {"text": "犬", "option": 2}]
    for wrong, code, path in (
        ([choice("猫", id=second["id"])], "INVALID", ["0", "id"]),
        ([choice("猫", id=first["id"])], "NOT_FOUND", ["0", "id"]),
        ([known, known], "INVALID", ["1", "id"]),
        ([choice("猫", options=None)], "INVALID", ["0", "options"]),
        ([choice("猫", options=["cat", "cat"])], "INVALID", ["0", "options", "1"]),
        ([choice("猫", options=["cat", ""])], "REQUIRED", ["0", "options", "1"]),
        ([choice("猫", prompts=invalid_option)], "OUT_OF_RANGE", ["0", "prompts", "1"]),
        ([typed | {"prompts": [{"text": "cat"}]}], "TOO_SHORT", ["0", "prompts", "0"]),
    ):
        refused = await run(writable, "setChapterExercises", chapterId=chapter, expectedVersion=4, exercises=wrong)
        assert {"code": code, "path": ["exercises", *path]} in refused["errors"]


async def test_exercises_are_reverted_with_their_solutions(shared: Client) -> None:
    _, [chapter] = await new_textbook(shared, 1, is_public=True)
    revisions = """
        query($id: ID!) { node(id: $id) { ... on Chapter {
            exercises { id prompts { text } } revisions(first: 1) { nodes { revisionId action isRevertible } }
        } } }
    """
    revert = """
        mutation($input: RevertTextbookRevisionInput!) {
            revertTextbookRevision(input: $input) { textbook { version } errors { code } }
        }
    """

    async def read() -> Any:
        return (await shared.run(revisions, {"id": chapter}, user="editor")).data["node"]

    values: dict[str, Any] = {"chapterId": chapter, "exercises": [choice("猫"), choice("犬")]}
    assert (await run(shared, "setChapterExercises", expectedVersion=2, **values))["errors"] == []
    before = await read()
    await run(shared, "setChapterExercises", expectedVersion=3, chapterId=chapter, exercises=[choice("鳥")])
    [revision] = (await read())["revisions"]["nodes"]
    assert (revision["action"], revision["isRevertible"]) == ("setExercises", True)
    reverted = await shared.run(
        revert, {"input": {"revisionId": revision["revisionId"], "expectedVersion": 4}}, user="editor"
    )
    assert reverted.data["revertTextbookRevision"] == {"textbook": {"version": 5}, "errors": []}
    assert (await read())["exercises"] == before["exercises"]
    attempt = {"exerciseId": before["exercises"][0]["id"], "answers": [{"option": 0}], "idempotencyKey": "reverted"}
    answered = await shared.run(ANSWER, {"input": {"attempts": [attempt]}}, user="demo")
    assert answered.data["answerExercises"]["results"][0]["attempt"]["score"] == 1.0


@pytest.mark.parametrize("is_public", [True, False])
async def test_editors_copy_public_textbooks_into_the_library(
    writable: Client, writable_database_url: str, is_public: bool
) -> None:
    id, [chapter, _] = await new_textbook(writable, 2, is_public=is_public)
    await run(writable, "setChapterExercises", chapterId=chapter, expectedVersion=3, exercises=[choice("猫")])
    copied = await run(writable, "copyTextbookToLibrary", "editor", id=id, expectedVersion=4)
    if not is_public:
        assert copied["errors"] == [{"code": "NOT_FOUND", "path": ["id"]}]
        return
    assert copied["errors"] == []
    copy = copied["textbook"]
    assert (copy["owner"], copy["version"], len(copy["chapters"])) == (None, 1, 2)
    assert copy["id"] != id
    solutions = (
        "select count(*)::int from exercise_solutions join exercises on id = exercise_id join chapters"
        " on chapters.id = chapter_id where chapters.title = '第1章'"
    )
    assert await column(writable_database_url, solutions) == [2]
    await writable.run("mutation($id: ID!) { deleteTextbook(input: {id: $id}) { deletedId } }", {"id": id}, user="demo")
    shown = await writable.run("query($id: ID!) { textbook(id: $id) { title } }", {"id": copy["id"]})
    assert shown.data["textbook"] == {"title": "猫の本"}


ADD_TEXTBOOKS = """
    insert into textbooks (id, owner_id, title, description, jlpt_level, topics, status, search_terms, deleted_at)
    select gen_random_uuid(), id, 'old', 'old', 'N5', '{{}}', 'READY', '', now()
    from users, generate_series(1, {}) where subject = 'collector'
"""
ADD_CHAPTERS = """
    insert into chapters (id, textbook_id, position, title, summary, content, deleted_at)
    select gen_random_uuid(), textbooks.id, number % 50 + 1, 'old', 'old', 'old', now()
    from textbooks join users on users.id = owner_id, generate_series(1, {}) as number where subject = 'collector'
"""


async def test_number_of_textbooks_is_limited(shared: Client, shared_database_url: str) -> None:
    """Also of those that are created concurrently; deleted ones count."""
    user, values = "collector", {"title": "本", "jlptLevel": "N5", "topics": ["Animals"]}
    await shared.run("{ viewer { id } }", user=user)
    await execute(shared_database_url, ADD_TEXTBOOKS.format(MAX_STORED_TEXTBOOKS - 2))
    created = await asyncio.gather(*(run(shared, "createTextbook", user, **values) for _ in range(4)))
    assert sorted(len(payload["errors"]) for payload in created) == [0, 0, 1, 1]
    refused = next(payload for payload in created if payload["errors"])
    assert refused == {"textbook": None, "errors": [{"code": "LIMIT_REACHED", "path": []}]}
    generated = await run(shared, "generateTextbook", user, **values, numberOfChapters=1)
    assert generated["errors"] == [{"code": "LIMIT_REACHED", "path": []}]


async def test_number_of_stored_chapters_is_limited(writable: Client, writable_database_url: str) -> None:
    values = {"title": "本", "jlptLevel": "N5", "topics": ["Animals"]}
    id = (await run(writable, "createTextbook", "collector", **values))["textbook"]["id"]
    await execute(writable_database_url, ADD_CHAPTERS.format(MAX_STORED_CHAPTERS - 1))
    created = [
        await run(writable, "createChapter", "collector", textbookId=id, expectedVersion=version, title="章", **TEXTS)
        for version in (1, 2)
    ]
    assert [payload["errors"] for payload in created] == [[], [{"code": "LIMIT_REACHED", "path": ["textbookId"]}]]
