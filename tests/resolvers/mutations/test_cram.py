"""Answers that move no schedule are logged, and count for nothing else than the time and the streak."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.clients import Client
from tests.databases import column
from tests.resolvers.test_study_limits import add_new_cards, left
from tests.resolvers.test_study_session import noon_zone, session, sign_up
from tests.review_assertions import answer, card_ids, check_learner, days_ago, review, undo

CARD = "state dueAt dueDay intervalDays easeFactor stability difficulty repetitions lapses lastReviewedAt version"
CARDS = f"{{ viewer {{ cards(first: 100) {{ nodes {{ id {CARD} }} }} }} }}"
DASHBOARD = """
    { viewer { dashboard { reviewsToday newToday retention30d studyMinutes7d streakDays limits { newLeft reviewsLeft }
        activity(days: 1) { reviews recalled } } reviews(first: 100) { nodes {
            quality rescheduled undone intervalDaysBefore intervalDaysAfter } } } }
"""


async def viewer(client: Client, query: str, user: str) -> Any:
    return (await client.run(query, user=user)).data["viewer"]


async def learner(client: Client, url: str, subject: str, **settings: Any) -> list[str]:
    """A learner with five new cards; returns their ids."""
    user = await sign_up(client, url, subject, time_zone=noon_zone(datetime.now(UTC)), **settings)
    await add_new_cards(url, user, 5)
    return await card_ids(url, subject, 5)


@pytest.mark.parametrize("scheduler", ["SM2", "FSRS"])
async def test_cards_do_not_move(shared: Client, shared_database_url: str, scheduler: str) -> None:
    url, subject = shared_database_url, f"crams with {scheduler}"
    cards = await learner(shared, url, subject, scheduler=scheduler)
    await review(shared, [answer(cards[0], f"real {n}", 4, reviewedAt=days_ago(9 - 3 * n)) for n in range(3)], subject)
    before, session_before = await viewer(shared, CARDS, subject), await session(shared, subject)
    dashboard = await viewer(shared, DASHBOARD, subject)
    batch = [answer(card, f"cram {card}", 1, reschedule=False, durationMs=30_000) for card in cards]
    late = answer(cards[0], "late cram", 5, reschedule=False, reviewedAt=days_ago(5))
    saved = await review(shared, [*batch, late], subject)
    again = await review(shared, [*batch, late], subject)
    assert [result["error"] for result in saved["results"]] == [None] * 6
    assert [result["duplicate"] for result in again["results"]] == [True] * 6
    assert [result["review"] for result in again["results"]] == [result["review"] for result in saved["results"]]
    assert await viewer(shared, CARDS, subject) == before
    assert await session(shared, subject) == session_before
    after = await viewer(shared, DASHBOARD, subject)
    assert after["dashboard"]["limits"] == dashboard["dashboard"]["limits"]
    assert (after["dashboard"]["retention30d"], after["dashboard"]["newToday"]) == (1, 0)
    assert after["dashboard"]["reviewsToday"] == 5
    assert after["dashboard"]["activity"] == [{"reviews": 5, "recalled": 0}]
    assert after["dashboard"]["streakDays"] == 1
    assert after["dashboard"]["studyMinutes7d"] == pytest.approx(2.5)
    logged = [row for row in after["reviews"]["nodes"] if not row["rescheduled"]]
    assert len(logged) == 6
    assert all(row["intervalDaysBefore"] == row["intervalDaysAfter"] for row in logged)
    assert await check_learner(url, subject) == 9
    # The same answer can be given once more for the schedule, and counts then.
    await review(shared, [answer(cards[1], "for the schedule", 5)], subject)
    assert left(await session(shared, subject))[0] == left(session_before)[0] - 1
    assert (await viewer(shared, DASHBOARD, subject))["dashboard"]["newToday"] == 1
    await check_learner(url, subject)


async def test_key_belongs_to_one_kind_of_answer(shared: Client, shared_database_url: str) -> None:
    cards = await learner(shared, shared_database_url, "one kind")
    await review(shared, [answer(cards[0], "key", 4, reschedule=False)], "one kind")
    [result] = (await review(shared, [answer(cards[0], "key", 4)], "one kind"))["results"]
    assert (result["error"]["code"], result["error"]["path"]) == ("CONFLICT", ["reviews", "0", "idempotencyKey"])


async def test_undo_in_any_order(shared: Client, shared_database_url: str) -> None:
    """An answer that moved nothing is no newer review, and is undone without moving the card."""
    url, subject = shared_database_url, "undoes cram"
    cards = await learner(shared, url, subject)
    sent = [answer(cards[0], "first", 4, reviewedAt=days_ago(4)), answer(cards[0], "second", 4, reviewedAt=days_ago(1))]
    [first, second] = (await review(shared, sent, subject))["results"]
    crammed = [answer(cards[0], f"cram {n}", 4, reschedule=False, reviewedAt=days_ago(n)) for n in (0.5, 2, 3)]
    results = (await review(shared, crammed, subject))["results"]
    before = await viewer(shared, CARDS, subject)
    payload = await undo(shared, [results[1]["review"]["id"]], subject)
    assert (payload["errors"], payload["cards"][0]["version"]) == ([], second["card"]["version"])
    assert await viewer(shared, CARDS, subject) == before
    refused = await undo(shared, [first["review"]["id"], results[0]["review"]["id"]], subject)
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [("CONFLICT", ["reviewIds", "0"])]
    payload = await undo(shared, [first["review"]["id"], second["review"]["id"], results[2]["review"]["id"]], subject)
    assert (payload["errors"], payload["cards"][0]["state"]) == ([], "NEW")
    await check_learner(url, subject)
    new = await column(
        url, f"select sum(new_cards) from review_days join users on users.id = user_id where subject = '{subject}'"
    )
    assert new == [0]
    assert [row["undone"] for row in (await viewer(shared, DASHBOARD, subject))["reviews"]["nodes"]].count(False) == 1
