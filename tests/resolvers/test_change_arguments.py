"""Types select the changes that a client reads, and only its own tokens continue a copy."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.changes import ChangesToken
from domain.ids import global_id, parse_global_id
from tests.clients import Client
from tests.device_copies import CHANGES, DeviceCopy
from tests.resolvers.copied_learners import answer_exercises, learner, read_book, run_sql
from tests.review_assertions import answer, card_ids, review


@pytest.mark.parametrize(
    "types",
    [["EXERCISE_ATTEMPT"], ["CARD"], ["SETTINGS", "REVIEW", "REVIEW"], ["READING_PROGRESS", "CHAPTER_PROGRESS"]],
)
async def test_types_select_objects(shared: Client, shared_database_url: str, types: list[str]) -> None:
    everything = await learner(shared, shared_database_url)
    [one, other, *_] = await card_ids(shared_database_url, everything.subject, 6)
    await review(shared, [answer(one, "a"), answer(other, "b")], everything.subject)
    copy = DeviceCopy(shared, everything.subject, types=types)
    assert {change["type"] for change in await copy.catch_up(shared_database_url, 1)} <= set(types)
    await run_sql(copy, shared_database_url, f"delete from cards where id = '{parse_global_id(one)[1]}'")
    await read_book(copy, shared_database_url)
    await answer_exercises(copy, shared_database_url)
    seen = {change["type"] for change in await copy.catch_up(shared_database_url, 1)}
    assert seen == set(types) - {"SETTINGS"}


async def test_token_that_cannot_be_continued_starts_again(shared: Client, shared_database_url: str) -> None:
    copy = await learner(shared, shared_database_url)
    other = await learner(shared, shared_database_url)
    for reader in (copy, other):
        await reader.catch_up(shared_database_url)
    assert copy.token is not None
    assert other.token is not None
    token = ChangesToken.parse(copy.token)
    first = {
        "MALFORMED": ["", "x", "é", copy.token[:-5], copy.token + "AAAA", "x" * 100_000, global_id("Card", uuid4())],
        "OTHER_USER": [other.token],
        "OTHER_TYPES": [replace(token, types=1).encode()],
        "OTHER_DATABASE": [replace(token, database=token.database ^ 1).encode()],
        "EXPIRED": [replace(token, as_of=token.as_of - timedelta(days=89, seconds=1)).encode()],
    }
    first["MALFORMED"] += [
        changed.encode()
        for changed in (
            *(replace(token, types=types) for types in (0, 64)),
            *(replace(token, rank=rank) for rank in (-1, 7)),
            replace(token, transaction=-1),
        )
    ]
    for reason, tokens in first.items():
        for value in tokens:
            reader = DeviceCopy(shared, copy.subject)
            reader.token, reader.objects = value, {"left": None}
            await reader.read_all(4)
            assert reader.resets == [reason], value
            assert reader.objects == copy.objects
    almost = DeviceCopy(shared, copy.subject)
    almost.token = replace(token, as_of=token.as_of - timedelta(days=88)).encode()
    assert (await almost.read_page())["reset"] is None


async def test_forged_token_shows_own_objects_only(shared: Client, shared_database_url: str) -> None:
    copy = await learner(shared, shared_database_url)
    await copy.catch_up(shared_database_url)
    assert copy.token is not None
    token = ChangesToken.parse(copy.token)
    for forged in (replace(token, transaction=0), replace(token, transaction=(1 << 63) - 1), replace(token, rank=4)):
        reader = DeviceCopy(shared, copy.subject)
        reader.token = forged.encode()
        await reader.read_all()
        assert set(reader.objects) <= set(copy.objects)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 0}, "first: 0 is outside 1 to 500."),
        ({"first": 501}, "first: 501 is outside 1 to 500."),
        ({"types": []}, "types is empty; omit it for all types."),
    ],
)
async def test_bad_arguments_are_rejected(client: Client, arguments: dict[str, Any], message: str) -> None:
    answer = await client.run(CHANGES, arguments, user="demo")
    assert (answer.error_codes, answer.messages) == (["BAD_USER_INPUT"], [message])
    assert answer.body["errors"][0]["path"] == ["viewer", "changes"]
