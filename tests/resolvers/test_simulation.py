"""Simulations of a learner's next days."""

from statistics import median
from typing import Any

import pytest

from db.core.database import owner_connection
from db.queries.simulation import answer_statistics, drawn_cards
from tests.clients import Client

SIMULATE = """
    query($days: Int, $new: Int, $retention: Float) { viewer { scheduling {
        simulate(days: $days, newPerDay: $new, retention: $retention) { date reviews newCards minutes known }
    } } }
"""


async def simulate(client: Client, user: str = "demo", **variables: Any) -> Any:
    return await client.run(SIMULATE, variables, user=user)


async def test_days_of_the_demo_learner(shared: Client) -> None:
    response = await simulate(shared, days=365, new=7, retention=0.85)
    days = response.data["viewer"]["scheduling"]["simulate"]
    assert len(days) == 365
    assert [day["date"] for day in days] == sorted({day["date"] for day in days})
    assert {day["newCards"] for day in days} == {7}
    assert days[-1]["known"] > days[0]["known"] > 0
    assert all(0 < day["minutes"] < day["reviews"] for day in days[1:])
    # The settings are the defaults of the arguments.
    defaults = "{ viewer { settings { newCardsPerDay } scheduling { simulate { newCards } } } }"
    data = (await shared.run(defaults, user="demo")).data
    assert [day["newCards"] for day in data["viewer"]["scheduling"]["simulate"]] == [
        data["viewer"]["settings"]["newCardsPerDay"]
    ] * 30


async def test_learner_without_cards(shared: Client) -> None:
    days = (await simulate(shared, "beginner without cards", days=3, new=0)).data["viewer"]["scheduling"]["simulate"]
    assert [(day["reviews"], day["minutes"], day["known"]) for day in days] == [(0, 0, 0)] * 3


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"days": 0}, "days: 0 "),
        ({"days": 366}, "days: 366 "),
        ({"new": -1}, "newPerDay: -1 "),
        ({"new": 10_000}, "newPerDay: 10000 "),
        ({"retention": 0.69}, "retention: 0.69 "),
        ({"retention": 0.98}, "retention: 0.98 "),
    ],
)
async def test_arguments_are_bounded(shared: Client, variables: dict[str, Any], message: str) -> None:
    response = await simulate(shared, **variables)
    [error] = response.body["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert message in error["message"]


async def test_habits_and_drawn_cards_equal_a_count_by_hand(shared_database_url: str) -> None:
    async with owner_connection(shared_database_url) as owner:
        id = await owner.fetchval("select id from users where subject = 'demo'")
        found = await owner.fetch(
            answer_statistics.sql, *answer_statistics.arguments({"viewer_id": id, "most": 100_000})
        )
        reviews = await owner.fetch("select * from reviews where user_id = $1 and not undone", id)
        cards = await owner.fetch(
            "select id, stability, due_at from cards where user_id = $1 and not suspended and deleted_at is null"
            " and state <> 'NEW' order by due_at, id",
            id,
        )
        for most in (7, len(cards), 100_000):
            drawn = await owner.fetch(drawn_cards.sql, *drawn_cards.arguments({"viewer_id": id, "most": most}))
            assert len(drawn) == min(most, len(cards))
            assert {row["total"] for row in drawn} == {len(cards)}
            assert [row["due_at"] for row in drawn] == sorted(row["due_at"] for row in drawn)
    by_kind: dict[tuple[str, int], list[int | None]] = {}
    for review in reviews:
        interval = review["interval_days_before"]
        queue = "REVIEW" if interval >= 1 else "LEARNING" if interval > 0 else "NEW"
        by_kind.setdefault((queue, max(review["quality"], 2) - 2), []).append(review["duration_ms"])
    assert len(found) == len(by_kind)
    for row in found:
        durations = by_kind[row["queue"], row["rating"]]
        timed = [duration for duration in durations if duration is not None]
        assert (row["answers"], row["timed"]) == (len(durations), len(timed))
        assert row["median_ms"] == median(timed)
