"""Exercises are graded and saved exactly once, and their solutions are unreadable before."""

import asyncio
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from db.core.database import APPLICATION_ROLE
from domain.ids import global_id, parse_global_id
from tests.clients import Client
from tests.databases import column

EXERCISE = "id kind title task answerLanguage options prompts { text translation } lastAttempt { score }"
OF_CHAPTERS = f"""
    {{ textbooks(first: 1, filter: {{mine: false}}) {{
        nodes {{ chapters {{ id content exercises {{ {EXERCISE} }} }} }}
    }} }}
"""
OF_BOOKS = (
    f"{{ books(first: 40, orderBy: NEWEST) {{ nodes {{ title exercises {{ {EXERCISE} book {{ title }} }} }} }} }}"
)
ANSWER = """
    mutation($attempts: [ExerciseAttemptInput!]!) { answerExercises(input: {attempts: $attempts}) {
        results {
            idempotencyKey duplicate error { code message path }
            exercise { id lastAttempt { correctCount } }
            attempt { answeredAt correctCount score results {
                isCorrect givenOption givenText correctOption answer explanation
            } }
        }
        errors { code path }
    } }
"""


async def exercises_of(client: Client) -> dict[tuple[str, str], dict[str, Any]]:
    """An exercise of each kind and language in the platform's textbooks."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for textbook in (await client.run(OF_CHAPTERS)).data["textbooks"]["nodes"]:
        for chapter in textbook["chapters"]:
            for exercise in chapter["exercises"]:
                found.setdefault((exercise["kind"], exercise["answerLanguage"]), exercise)
    return found


async def answer(client: Client, user: str, *attempts: dict[str, Any]) -> list[dict[str, Any]]:
    payload = (await client.run(ANSWER, {"attempts": list(attempts)}, user=user)).data["answerExercises"]
    assert payload["errors"] == []
    results: list[dict[str, Any]] = payload["results"]
    return results


def attempt(exercise: dict[str, Any], *answers: dict[str, Any], key: str = "") -> dict[str, Any]:
    given = list(answers) or [{"text": "?"}, *({} for _ in exercise["prompts"][1:])]
    return {"exerciseId": exercise["id"], "answers": given, "idempotencyKey": key or uuid4().hex}


async def test_exercises_are_those_of_the_markdown(shared: Client) -> None:
    found = await exercises_of(shared)
    assert set(found) == {
        ("MATCHING", "ENGLISH"),
        ("GAP", "JAPANESE"),
        ("TRANSLATION", "JAPANESE"),
        ("TRANSLATION", "ENGLISH"),
    }
    for textbook in (await shared.run(OF_CHAPTERS)).data["textbooks"]["nodes"]:
        for chapter in textbook["chapters"]:
            assert 3 <= len(chapter["exercises"]) <= 4
            for exercise in chapter["exercises"]:
                assert f"### {exercise['title']}\n\n{exercise['task']}\n" in chapter["content"]
                assert exercise["lastAttempt"] is None
                assert bool(exercise["options"]) == (exercise["kind"] != "TRANSLATION")


async def test_solutions_answer_the_exercise(shared: Client) -> None:
    """Whatever is answered first, the solutions that it returns are right, typed and by option."""
    for exercise in (await exercises_of(shared)).values():
        [wrong] = await answer(shared, "solver", attempt(exercise))
        assert wrong["error"] is None
        assert wrong["attempt"]["correctCount"] == 0
        results = wrong["attempt"]["results"]
        assert len(results) == len(exercise["prompts"])
        if exercise["options"]:
            chosen = [{"option": result["correctOption"]} for result in results]
            assert len({option["option"] for option in chosen}) == len(chosen)
            [right] = await answer(shared, "solver", attempt(exercise, *chosen))
            assert right["attempt"]["score"] == 1
            typed = [{"text": exercise["options"][option["option"]].split("; ")[0]} for option in chosen]
        else:
            typed = [{"text": result["answer"].partition("（")[0]} for result in results]
        [right] = await answer(shared, "solver", attempt(exercise, *typed))
        assert right["attempt"]["score"] == 1, (typed, right)
        assert right["exercise"]["lastAttempt"] == {"correctCount": len(typed)}


async def test_stories_have_their_comprehension_questions(shared: Client) -> None:
    books = (await shared.run(OF_BOOKS)).data["books"]["nodes"]
    stories = [book for book in books if book["exercises"]]
    assert len(stories) == 32
    exercise = next(book for book in stories if book["title"] == "赤いかさ")["exercises"][1]
    assert (exercise["kind"], exercise["book"]) == ("CHOICE", {"title": "赤いかさ"})
    assert exercise["prompts"] == [{"text": "かさの中の紙に、何と書いてありましたか。", "translation": None}]
    assert exercise["options"] == ["山田", "喫茶店", "北川", "赤い"]
    [result] = await answer(shared, "reader", attempt(exercise, {"option": 0}))
    assert result["attempt"]["results"] == [
        {
            "isCorrect": False,
            "givenOption": 0,
            "givenText": None,
            "correctOption": 2,
            "answer": "北川",
            "explanation": "紙には「北川」と書いてあります: the name on the paper is not the narrator's.",
        }
    ]


async def test_solutions_are_hidden_before_an_attempt(shared: Client, shared_database_url: str) -> None:
    exercise = (await exercises_of(shared))["GAP", "JAPANESE"]
    _, id = parse_global_id(exercise["id"])
    await answer(shared, "first", attempt(exercise))
    await shared.run("{ viewer { email } }", user="second")
    select = "select count(*) from exercise_solutions"
    users = [
        await column(shared_database_url, f"select id from users where subject = '{name}'")
        for name in ("first", "second")
    ]
    connection = await asyncpg.connect(shared_database_url, server_settings={"role": APPLICATION_ROLE})
    try:
        for (user,), count, role in ((users[0], 1, "learner"), (users[1], 0, "learner"), (users[1], 0, "editor")):
            async with connection.transaction():
                await connection.execute(
                    "select set_config('app.user_id', $1, true), set_config('app.role', $2, true)", str(user), role
                )
                assert await connection.fetchval(f"{select} where exercise_id = $1", id) == count
        assert await connection.fetchval(select) == 0
    finally:
        await connection.close()
    seen = (
        await shared.run(
            "query($id: ID!) { node(id: $id) { ... on Exercise { lastAttempt { score } } } }",
            {"id": exercise["id"]},
            user="second",
        )
    ).data["node"]
    assert seen == {"lastAttempt": None}


async def test_repeated_attempt_is_saved_once(shared: Client, shared_database_url: str) -> None:
    exercise = (await exercises_of(shared))["MATCHING", "ENGLISH"]
    given = attempt(exercise, key="once")
    batches = await asyncio.gather(*(answer(shared, "twice", given, given) for _ in range(4)))
    results = [result for batch in batches for result in batch]
    assert sum(not result["duplicate"] for result in results) == 1
    assert len({str(result["attempt"]) for result in results}) == 1
    other = {**given, "answers": [{"option": 1}, *given["answers"][1:]]}
    [conflict] = await answer(shared, "twice", other)
    assert (conflict["error"]["code"], conflict["error"]["path"]) == ("CONFLICT", ["attempts", "0", "idempotencyKey"])
    [count] = await column(
        shared_database_url,
        "select count(*) from exercise_attempts join users on users.id = user_id where subject = 'twice'",
    )
    assert count == 1
    # The key of another learner is another key.
    [mine] = await answer(shared, "thrice", other)
    assert (mine["error"], mine["duplicate"]) == (None, False)


async def test_invalid_attempts_do_not_prevent_others(shared: Client) -> None:
    found = await exercises_of(shared)
    gap, typed = found["GAP", "JAPANESE"], found["TRANSLATION", "JAPANESE"]
    blank: list[dict[str, Any]] = [{} for _ in gap["prompts"]]
    results = await answer(
        shared,
        "invalid",
        attempt(gap, *blank),
        attempt(gap, {"text": " "}, *blank[1:]),
        attempt(gap, {"option": 0}),
        attempt(gap, {"option": len(gap["options"])}, *blank[1:]),
        attempt(gap, {"option": -1}, *blank[1:]),
        attempt(gap, {"option": 0, "text": "a"}, *blank[1:]),
        attempt(gap, {"text": "a" * 301}, *blank[1:]),
        attempt(typed, {"option": 0}, *({} for _ in typed["prompts"][1:])),
        {**attempt(gap), "exerciseId": global_id("Exercise", uuid4())},
        {**attempt(gap), "exerciseId": global_id("Card", uuid4())},
        {**attempt(gap), "answeredAt": "1999-01-01T00:00:00Z"},
        {**attempt(gap), "idempotencyKey": ""},
        {**attempt(gap), "answers": []},
        {**attempt(gap), "answers": [{"option": 0}] * 9},
        attempt(gap),
    )
    assert [result["error"] and (result["error"]["code"], result["error"]["path"][2:]) for result in results] == [
        ("REQUIRED", ["answers"]),
        ("REQUIRED", ["answers"]),
        ("INVALID", ["answers"]),
        ("OUT_OF_RANGE", ["answers", "0"]),
        ("OUT_OF_RANGE", ["answers", "0"]),
        ("INVALID", ["answers", "0"]),
        ("TOO_LONG", ["answers", "0"]),
        ("OUT_OF_RANGE", ["answers", "0"]),
        ("NOT_FOUND", ["exerciseId"]),
        ("INVALID", ["exerciseId"]),
        ("OUT_OF_RANGE", ["answeredAt"]),
        ("REQUIRED", ["idempotencyKey"]),
        ("TOO_SHORT", ["answers"]),
        ("TOO_LONG", ["answers"]),
        None,
    ]
    assert all(result["attempt"] is None for result in results[:-1])
    assert results[-1]["attempt"]["score"] == 0


@pytest.mark.parametrize(("count", "code"), [(0, "TOO_SHORT"), (101, "TOO_LONG")])
async def test_size_of_a_batch_is_limited(shared: Client, count: int, code: str) -> None:
    exercise = (await exercises_of(shared))["GAP", "JAPANESE"]
    attempts = [attempt(exercise) for _ in range(count)]
    payload = (await shared.run(ANSWER, {"attempts": attempts}, user="sizes")).data["answerExercises"]
    assert payload == {"results": [], "errors": [{"code": code, "path": ["attempts"]}]}


async def test_number_of_statements_is_constant(shared: Client) -> None:
    exercises = list((await exercises_of(shared)).values())
    counts = []
    for attempts in ([attempt(exercises[0])], [attempt(exercise) for exercise in exercises for _ in range(20)]):
        await answer(shared, "counted", attempt(exercises[0]))
        answered = await shared.run(ANSWER, {"attempts": attempts}, user="counted")
        counts.append(answered.statements)
    assert counts[0] == counts[1] <= 8
