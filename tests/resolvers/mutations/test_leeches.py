"""Cards that are forgotten repeatedly are marked and, by choice, suspended; undo and late reviews are counted."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.enums import LeechAction
from domain.leeches import LeechRule
from tests.clients import Client
from tests.review_assertions import answer, check_learner, undo

CREATE = "mutation { createCards(input: {jlptLevel: N5, limit: 3}) { cards { id } } }"
SETTINGS = """
    mutation($input: UpdateStudySettingsInput!) { updateStudySettings(input: $input) {
        settings { leechThreshold leechAction } errors { code path }
    } }
"""
REVIEW = """
    mutation($reviews: [ReviewInput!]!) { reviewCards(input: {reviews: $reviews}) {
        results { becameLeech review { id } card { lapses leech suspended } error { code } }
    } }
"""
READ = "query($id: ID!) { node(id: $id) { ... on Card { lapses leech suspended } } }"
SUSPEND = """
    mutation($id: ID!, $suspended: Boolean!) { setCardsSuspended(input: {cardIds: [$id], suspended: $suspended}) {
        cards { leech suspended } } }
"""
START = datetime.now(UTC) - timedelta(days=400)


async def prepare(client: Client, user: str, **settings: Any) -> str:
    """A card, with SM-2, which is in review after two successes."""
    await client.run(SETTINGS, {"input": {"scheduler": "SM2", **settings}}, user=user)
    cards = (await client.run(CREATE, user=user)).data["createCards"]["cards"]
    return str(cards[0]["id"])


def lapses(card: str, numbers: range) -> list[dict[str, Any]]:
    """Reviews that make a card lapse once for each number, after two successes, on days of their own."""
    return [
        answer(card, f"{number}-{step}", 1 if step == 2 else 4, reviewedAt=(START + timedelta(days=day)).isoformat())
        for number in numbers
        for step, day in enumerate((number * 10, number * 10 + 2, number * 10 + 9))
    ]


async def review(client: Client, user: str, reviews: list[dict[str, Any]]) -> list[Any]:
    results: list[Any] = (await client.run(REVIEW, {"reviews": reviews}, user=user)).data["reviewCards"]["results"]
    assert [result["error"] for result in results] == [None] * len(results)
    return results


async def read(client: Client, user: str, card: str) -> tuple[int, bool, bool]:
    node = (await client.run(READ, {"id": card}, user=user)).data["node"]
    return node["lapses"], node["leech"], node["suspended"]


def test_marks_are_at_the_threshold_and_after_every_half_of_it() -> None:
    rule = LeechRule(8, LeechAction.SUSPEND)
    assert [lapses for lapses in range(1, 25) if rule.marks(lapses) > rule.marks(lapses - 1)] == [8, 12, 16, 20, 24]
    odd = LeechRule(3, LeechAction.SUSPEND)
    assert [odd.marks(lapses) for lapses in range(8)] == [0, 0, 0, 1, 1, 2, 2, 3]
    assert LeechRule(1, LeechAction.SUSPEND).marks(3) == 3
    assert LeechRule(0, LeechAction.SUSPEND).marks(1_000) == 0


async def test_leech_is_marked_and_not_suspended_by_default(shared: Client) -> None:
    card = await prepare(shared, "marks")
    before = await review(shared, "marks", lapses(card, range(7)))
    assert {result["becameLeech"] for result in before} == {False}
    after = await review(shared, "marks", lapses(card, range(7, 8)))
    assert {result["becameLeech"] for result in after} == {True}
    assert await read(shared, "marks", card) == (8, True, False)
    # A device that got no response learns it from the next one, for the reviews that made the mark.
    for first, expected in ((7, True), (6, False), (0, False)):
        again = await review(shared, "marks", lapses(card, range(first, first + 1)))
        assert {result["becameLeech"] for result in again} == {expected}
    query = "{ viewer { cards(filter: {leech: true}) { nodes { id } } } }"
    assert (await shared.run(query, user="marks")).data["viewer"]["cards"]["nodes"] == [{"id": card}]
    await shared.run(SETTINGS, {"input": {"leechThreshold": 9}}, user="marks")
    assert await read(shared, "marks", card) == (8, False, False)


async def test_every_result_of_a_batch_says_that_the_card_became_a_leech(shared: Client) -> None:
    """Those of other cards do not; those of a review that is in the batch twice, or was saved before, do."""
    card = await prepare(shared, "batch", leechThreshold=2)
    history = lapses(card, range(2))
    await review(shared, "batch", history[:4])
    cards = (await shared.run(CREATE, user="batch")).data["createCards"]["cards"]
    unaffected = [answer(cards[1]["id"], "unaffected", 1)]
    results = await review(shared, "batch", [history[0], *history[4:], *history[4:], *unaffected])
    assert [result["becameLeech"] for result in results] == [True] * 5 + [False]
    # Undone reviews made no mark.
    await undo(shared, [results[2]["review"]["id"]], "batch")
    again = await review(shared, "batch", history[4:])
    assert [result["becameLeech"] for result in again] == [False, False]


async def test_leech_is_suspended_and_resumed_by_undo(shared: Client, shared_database_url: str) -> None:
    card = await prepare(shared, "suspends", leechThreshold=2, leechAction="SUSPEND")
    await review(shared, "suspends", lapses(card, range(1)))
    results = await review(shared, "suspends", lapses(card, range(1, 2)))
    assert results[-1]["card"] == {"lapses": 2, "leech": True, "suspended": True}
    await undo(shared, [results[-1]["review"]["id"]], "suspends")
    assert await read(shared, "suspends", card) == (1, False, False)
    await check_learner(shared_database_url, "suspends")


async def test_order_of_arrival_does_not_matter(shared: Client) -> None:
    """A late review may make a leech, or take the mark away."""
    rule = {"leechThreshold": 2, "leechAction": "SUSPEND"}
    card = await prepare(shared, "late", **rule)
    history = lapses(card, range(3))
    await review(shared, "late", history[6:])
    await review(shared, "late", history[:3])
    assert await read(shared, "late", card) == (2, True, True)
    await review(shared, "late", history[3:6])
    assert await read(shared, "late", card) == (3, True, True)
    # Forgotten in between: the lapse after it is no longer one, and the late review is.
    other = await prepare(shared, "later", **rule)
    await review(shared, "later", lapses(other, range(2)))
    at = (START + timedelta(days=18)).isoformat()
    await review(shared, "later", [answer(other, "late", 1, reviewedAt=at)])
    assert await read(shared, "later", other) == (2, True, True)


async def test_resumed_leech_is_suspended_at_the_next_mark(shared: Client) -> None:
    card = await prepare(shared, "resumes", leechThreshold=4, leechAction="SUSPEND")
    await review(shared, "resumes", lapses(card, range(4)))
    resumed = (await shared.run(SUSPEND, {"id": card, "suspended": False}, user="resumes")).data["setCardsSuspended"]
    assert resumed["cards"] == [{"leech": True, "suspended": False}]
    await review(shared, "resumes", lapses(card, range(4, 5)))
    assert await read(shared, "resumes", card) == (5, True, False)
    [*_, result] = await review(shared, "resumes", lapses(card, range(5, 6)))
    assert (result["becameLeech"], result["card"]["suspended"]) == (True, True)
    # The learner's own suspension stays after an undo.
    await shared.run(SUSPEND, {"id": card, "suspended": True}, user="resumes")
    await undo(shared, [result["review"]["id"]], "resumes")
    assert await read(shared, "resumes", card) == (5, True, True)


async def test_change_of_the_rule_suspends_nothing(shared: Client) -> None:
    card = await prepare(shared, "rules", leechThreshold=2)
    await review(shared, "rules", lapses(card, range(3)))
    await shared.run(SETTINGS, {"input": {"leechAction": "SUSPEND"}}, user="rules")
    assert await read(shared, "rules", card) == (3, True, False)
    await review(shared, "rules", lapses(card, range(3, 4)))
    assert await read(shared, "rules", card) == (4, True, True)
    refused = (await shared.run(SETTINGS, {"input": {"leechThreshold": 100}}, user="rules")).data["updateStudySettings"]
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [("OUT_OF_RANGE", ["leechThreshold"])]
