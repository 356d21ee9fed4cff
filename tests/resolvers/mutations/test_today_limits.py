"""Extensions of the limits of a day: added once, on all devices, until the learner's day ends."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.clients import Client
from tests.databases import column, execute
from tests.resolvers.test_study_limits import PASS_A_DAY, add_new_cards, left
from tests.resolvers.test_study_session import noon_zone, session, sign_up

LIMITS = "date endsAt newCards reviews newLeft reviewsLeft"
EXTEND = f"""
    mutation($input: ExtendTodayLimitsInput!) {{ extendTodayLimits(input: $input) {{
        limits {{ {LIMITS} }} errors {{ code message path }}
    }} }}
"""
UNDO = f"""
    mutation($input: UndoLimitExtensionInput!) {{ undoLimitExtension(input: $input) {{
        limits {{ {LIMITS} }} errors {{ code message path }}
    }} }}
"""
DASHBOARD = f"{{ viewer {{ dashboard {{ limits {{ {LIMITS} }} }} studySession {{ limits {{ {LIMITS} }} }} }} }}"
A_DAY_LATER = "update limit_extensions set day = day - 1 where user_id = '{0}'"


async def extend(client: Client, user: str, key: str | None = None, **numbers: Any) -> Any:
    input_ = {"idempotencyKey": str(uuid4()) if key is None else key, **numbers}
    return (await client.run(EXTEND, {"input": input_}, user=user)).data["extendTodayLimits"]


async def undo(client: Client, user: str, key: str) -> Any:
    return (await client.run(UNDO, {"input": {"idempotencyKey": key}}, user=user)).data["undoLimitExtension"]


async def test_extension_counts_once_and_ends_with_the_day(shared: Client, shared_database_url: str) -> None:
    url, subject = shared_database_url, "extends"
    zone = noon_zone(datetime.now(UTC))
    user = await sign_up(shared, url, subject, new_cards_per_day=2, reviews_per_day=3, time_zone=zone)
    await add_new_cards(url, user, 9)
    assert left(await session(shared, subject)) == (2, 0, 0)
    first = await extend(shared, subject, "device", newCards=4)
    again = await extend(shared, subject, "device", newCards=4)
    assert first == again
    assert (first["errors"], first["limits"]["newCards"], first["limits"]["reviews"]) == ([], 6, 3)
    other = await extend(shared, subject, "other device", newCards=1, reviews=5)
    assert [other["limits"][name] for name in ("newCards", "newLeft", "reviews", "reviewsLeft")] == [7, 7, 8, 8]
    assert left(await session(shared, subject)) == (7, 0, 0)
    shown = (await shared.run(DASHBOARD, user=subject)).data["viewer"]
    assert shown["dashboard"]["limits"] == shown["studySession"]["limits"] == other["limits"]
    settings = await column(url, f"select new_cards_per_day from user_settings where user_id = '{user}'")
    assert settings == [2]
    await execute(url, PASS_A_DAY.format(user) + A_DAY_LATER.format(user))
    assert left(await session(shared, subject)) == (2, 0, 0)
    # A request that is repeated on the next day changes nothing.
    assert (await extend(shared, subject, "device", newCards=4))["limits"]["newCards"] == 2


async def test_extension_is_undone(shared: Client, shared_database_url: str) -> None:
    url, subject = shared_database_url, "undoes extensions"
    zone = noon_zone(datetime.now(UTC))
    user = await sign_up(shared, url, subject, new_cards_per_day=2, reviews_per_day=3, time_zone=zone)
    await add_new_cards(url, user, 9)
    await extend(shared, subject, "kept", newCards=1)
    await extend(shared, subject, "undone", newCards=4, reviews=5)
    for _ in range(2):
        undone = await undo(shared, subject, "undone")
        assert undone["errors"] == []
        assert [undone["limits"][name] for name in ("newCards", "reviews")] == [3, 3]
    # The request of the extension arrives late.
    assert (await extend(shared, subject, "undone", newCards=4, reviews=5))["limits"] == undone["limits"]
    assert left(await session(shared, subject)) == (3, 0, 0)
    shown = (await shared.run(DASHBOARD, user=subject)).data["viewer"]
    assert shown["dashboard"]["limits"] == undone["limits"]
    again = await extend(shared, subject, newCards=9_998)
    assert (again["errors"], again["limits"]["newCards"]) == ([], 10_001)


async def test_only_own_extensions_are_undone(shared: Client, shared_database_url: str) -> None:
    for subject in ("extends own", "undoes others"):
        await sign_up(shared, shared_database_url, subject, new_cards_per_day=2)
    await extend(shared, "extends own", "key of one", newCards=1)
    for key, code in (("key of one", "NOT_FOUND"), ("unknown", "NOT_FOUND"), ("", "REQUIRED")):
        refused = await undo(shared, "undoes others", key)
        assert [(error["code"], error["path"]) for error in refused["errors"]] == [(code, ["idempotencyKey"])]
        assert refused["limits"] is None
    assert (await extend(shared, "extends own", "key of one", newCards=1))["limits"]["newCards"] == 3


async def test_none_can_be_extended(shared: Client, shared_database_url: str) -> None:
    user = await sign_up(shared, shared_database_url, "none extended", new_cards_per_day=0)
    await add_new_cards(shared_database_url, user, 3)
    await extend(shared, "none extended", newCards=1)
    found = await session(shared, "none extended")
    # The day after allows none again.
    assert (*left(found), found["nextDueAt"]) == (1, 0, 0, None)


@pytest.mark.parametrize(
    ("input_", "errors"),
    [
        ({"newCards": 0}, [("OUT_OF_RANGE", "newCards: 0 is outside 1 to 9999.", ["newCards"])]),
        ({"reviews": -3}, [("OUT_OF_RANGE", "reviews: -3 is outside 1 to 9999.", ["reviews"])]),
        (
            {"newCards": 10_000, "reviews": 10_001},
            [
                ("OUT_OF_RANGE", "newCards: 10000 is outside 1 to 9999.", ["newCards"]),
                ("OUT_OF_RANGE", "reviews: 10001 is outside 1 to 9999.", ["reviews"]),
            ],
        ),
        ({}, [("REQUIRED", "One of newCards, reviews is required.", [])]),
        ({"newCards": 1, "key": ""}, [("REQUIRED", "idempotencyKey is empty.", ["idempotencyKey"])]),
    ],
)
async def test_bad_extensions(client: Client, input_: dict[str, Any], errors: list[Any]) -> None:
    payload = await extend(client, "demo", **input_)
    assert payload["limits"] is None
    assert [(error["code"], error["message"], error["path"]) for error in payload["errors"]] == errors


async def test_total_of_a_day_and_reused_keys(shared: Client) -> None:
    subject = "greedy"
    await extend(shared, subject, "first", newCards=9_000, reviews=1)
    too_many = await extend(shared, subject, "second", newCards=1_000, reviews=2)
    assert [(error["code"], error["message"]) for error in too_many["errors"]] == [
        ("OUT_OF_RANGE", "newCards: 1000 after 9000 today exceeds 9999.")
    ]
    conflict = await extend(shared, subject, "first", newCards=9_001)
    assert [(error["code"], error["path"]) for error in conflict["errors"]] == [("CONFLICT", ["idempotencyKey"])]
    # Another learner may use the same key.
    assert (await extend(shared, "modest", "first", reviews=1))["errors"] == []


async def test_concurrent_extensions_add_up(shared: Client) -> None:
    subject = "concurrent extensions"
    before = (await shared.run(DASHBOARD, user=subject)).data["viewer"]["dashboard"]["limits"]["newCards"]
    payloads = await asyncio.gather(*(extend(shared, subject, str(n % 4), newCards=1) for n in range(8)))
    assert [payload["errors"] for payload in payloads] == [[]] * 8
    after = (await shared.run(DASHBOARD, user=subject)).data["viewer"]["dashboard"]["limits"]["newCards"]
    assert after == before + 4
