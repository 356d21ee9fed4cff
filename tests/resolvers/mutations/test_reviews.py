"""Reviews are saved once, in whatever order and however often they are sent."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.databases import column, execute
from tests.review_assertions import (
    LEARNT,
    NEW,
    REVIEW,
    answer,
    card_ids,
    check_learner,
    dashboard,
    days_ago,
    review,
    undo,
)


async def test_payload_has_the_state_after_the_batch(checked_client: Client, writable_database_url: str) -> None:
    before = await dashboard(checked_client)
    new = await card_ids(writable_database_url, "demo", 2, NEW)
    payload = await review(checked_client, [answer(new[0], "a"), answer(new[1], "b", 1)])
    assert payload["errors"] == []
    assert [result["card"]["state"] for result in payload["results"]] == ["LEARNING", "LEARNING"]
    assert [result["card"]["version"] for result in payload["results"]] == [2, 2]
    assert payload["dashboard"] == {
        "dueNow": before["dueNow"] - 2,
        "reviewsToday": before["reviewsToday"] + 2,
        "newToday": before["newToday"] + 2,
    }


async def test_payload_is_what_is_stored(checked_client: Client, writable_database_url: str) -> None:
    """It is not read again after the batch."""
    new, once, twice, late = await card_ids(writable_database_url, "demo", 4)
    reviews = [
        *(answer(new, "a", 1), answer(once, "b", reviewedAt=days_ago(0.5)), answer(twice, "c", 5)),
        *(answer(twice, "d", 2, durationMs=70_000), answer(late, "e", reviewedAt=days_ago(100))),
    ]
    fields = """
        id
        ... on Card {
            vocabulary { word } state dueAt dueDay intervalDays easeFactor stability difficulty repetitions lapses
            suspended lastReviewedAt version context { text } nextReviews { dueAt intervalDays }
        }
        ... on Review {
            quality reviewedAt intervalDaysBefore intervalDaysAfter durationMs undone cardId card { version }
        }
    """
    query = f"""
        mutation($input: ReviewCardsInput!) {{ reviewCards(input: $input) {{
            results {{ card {{ ...fields }} review {{ ...fields }} }} }} }}
        fragment fields on Node {{ {fields} }}
    """
    answered = await checked_client.run(query, {"input": {"reviews": reviews}}, user="demo")
    shown = [node for result in answered.data["reviewCards"]["results"] for node in (result["card"], result["review"])]
    ids = {"ids": [node["id"] for node in shown]}
    stored = await checked_client.run(f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {fields} }} }}", ids, user="demo")
    assert shown == stored.data["nodes"]
    undo = f"""
        mutation($ids: [ID!]!) {{ undoReviews(input: {{reviewIds: $ids}}) {{ cards {{ ...fields }} }} }}
        fragment fields on Node {{ {fields} }}
    """
    undone = await checked_client.run(undo, {"ids": ids["ids"][1:4:2]}, user="demo")
    shown = undone.data["undoReviews"]["cards"]
    ids = {"ids": [node["id"] for node in shown]}
    stored = await checked_client.run(f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {fields} }} }}", ids, user="demo")
    assert shown == stored.data["nodes"]


async def test_second_mutation_of_an_operation_reads_the_first(
    checked_client: Client, writable_database_url: str
) -> None:
    first, second = await card_ids(writable_database_url, "demo", 2, NEW)
    query = """
        mutation($a: ReviewCardsInput!, $b: ReviewCardsInput!) {
            a: reviewCards(input: $a) { dashboard { reviewsToday } }
            b: reviewCards(input: $b) { dashboard { reviewsToday } results { review { card { version } } } }
        }
    """
    variables = {"a": {"reviews": [answer(first, "a")]}, "b": {"reviews": [answer(first, "b"), answer(second, "c")]}}
    data = (await checked_client.run(query, variables, user="demo")).data
    assert [data[name]["dashboard"]["reviewsToday"] for name in "ab"] == [1, 3]
    assert [result["review"]["card"]["version"] for result in data["b"]["results"]] == [3, 2]


@pytest.mark.parametrize("number", [1, 50, 1_000])
async def test_statements_do_not_grow_with_the_batch(
    checked_client: Client, writable_database_url: str, number: int
) -> None:
    """New reviews, late ones, and late ones of which half were sent before."""
    cards = await card_ids(writable_database_url, "demo", min(number, 300), LEARNT)
    query = "mutation($input: ReviewCardsInput!) { reviewCards(input: $input) { results { error { code } } } }"

    def batch(name: str, moment: str | None) -> list[dict[str, Any]]:
        return [answer(cards[n % len(cards)], f"{name}{n}", reviewedAt=moment) for n in range(number)]

    fresh, late = batch("fresh", None), batch("late", days_ago(40))
    mixed = (batch("later", days_ago(41)) + late)[number // 2 :][:number] if number > 1 else late
    for reviews, statements in ((fresh, 2), (late, 4), (mixed, 6 if number > 1 else 3)):
        answered = await checked_client.run(query, {"input": {"reviews": reviews}}, user="demo")
        assert [result["error"] for result in answered.data["reviewCards"]["results"]] == [None] * number
        assert answered.statements == statements <= 6


async def test_repeated_review_returns_the_saved_one(checked_client: Client, writable_database_url: str) -> None:
    cards = await card_ids(writable_database_url, "demo", 3, LEARNT)
    moments = (None, days_ago(-1), days_ago(0.5))
    reviews = [
        answer(card, f"k{n}", n + 2, reviewedAt=moment, durationMs=n * 1000)
        for n, (card, moment) in enumerate(zip(cards, moments, strict=True))
    ]
    first = await review(checked_client, reviews)
    assert [result["duplicate"] for result in first["results"]] == [False] * 3
    for _ in range(3):
        again = await review(checked_client, reviews)
        assert [result["duplicate"] for result in again["results"]] == [True] * 3
        assert [result["review"] for result in again["results"]] == [result["review"] for result in first["results"]]
        assert [result["card"] for result in again["results"]] == [result["card"] for result in first["results"]]
        assert again["dashboard"] == first["dashboard"]


@pytest.mark.parametrize(
    "other",
    [{"quality": 5}, {"durationMs": 7}, {"reviewedAt": "2026-03-01T00:00:00Z"}, {"cardId": None}],
    ids=["quality", "duration", "moment", "card"],
)
async def test_reused_key_with_other_content_is_a_conflict(
    checked_client: Client, writable_database_url: str, other: dict[str, Any]
) -> None:
    card, another = await card_ids(writable_database_url, "demo", 2, LEARNT)
    sent = answer(card, "k", durationMs=5, reviewedAt="2026-02-01T00:00:00Z")
    changed = {**sent, **{name: value or another for name, value in other.items()}}
    await review(checked_client, [sent])
    for batch in ([changed], [changed, sent], [sent, changed]):
        results = (await review(checked_client, batch))["results"]
        [conflict] = [result for result in results if result["error"]]
        assert conflict["error"]["code"] == "CONFLICT"
        assert conflict["error"]["path"] == ["reviews", str(results.index(conflict)), "idempotencyKey"]
        assert conflict["card"] is conflict["review"] is None


async def test_duplicate_key_in_a_batch(checked_client: Client, writable_database_url: str) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    results = (await review(checked_client, [answer(card, "k"), answer(card, "k"), answer(card, "k", 5)]))["results"]
    assert [(result["duplicate"], result["error"] and result["error"]["code"]) for result in results] == [
        (False, None),
        (True, None),
        (False, "CONFLICT"),
    ]
    assert results[0]["review"] == results[1]["review"]


async def test_keys_are_scoped_to_the_user(checked_client: Client, writable_database_url: str) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    await execute(
        writable_database_url,
        "insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions, lapses)"
        " select gen_random_uuid(), users.id, vocabulary.id, 'NEW', now(), 0, 2.5, 0, 0 from users,"
        " (select id from vocabulary limit 1) as vocabulary where subject = 'editor'",
    )
    [of_editor] = await card_ids(writable_database_url, "editor", 1)
    await review(checked_client, [answer(card, "k")])
    [result] = (await review(checked_client, [answer(of_editor, "k")], user="editor"))["results"]
    assert (result["duplicate"], result["error"]) == (False, None)
    await check_learner(writable_database_url, "editor")


async def test_valid_reviews_are_saved_and_invalid_ones_have_errors(
    checked_client: Client, writable_database_url: str
) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    batch = [
        answer(card, "good 1"),
        answer(global_id("Card", uuid4()), "unknown card"),
        answer(card, "quality", 6),
        answer(card, "negative", -1),
        answer(card, ""),
        answer(card, "   "),
        answer(card, "x" * 201),
        answer(global_id("Book", uuid4()), "another type"),
        answer("no id", "no id"),
        answer(card, "old", reviewedAt="1999-12-31T23:59:59Z"),
        answer(card, "duration", durationMs=-1),
        answer(card, "good 2", 5),
    ]
    results = (await review(checked_client, batch))["results"]
    assert [result["idempotencyKey"] for result in results] == [sent["idempotencyKey"][:200] for sent in batch]
    found = [result["error"] and (result["error"]["code"], result["error"]["path"][1:]) for result in results]
    assert found == [
        None,
        ("NOT_FOUND", ["1", "cardId"]),
        ("OUT_OF_RANGE", ["2", "quality"]),
        ("OUT_OF_RANGE", ["3", "quality"]),
        ("REQUIRED", ["4", "idempotencyKey"]),
        ("REQUIRED", ["5", "idempotencyKey"]),
        ("TOO_LONG", ["6", "idempotencyKey"]),
        ("INVALID", ["7", "cardId"]),
        ("INVALID", ["8", "cardId"]),
        ("OUT_OF_RANGE", ["9", "reviewedAt"]),
        ("OUT_OF_RANGE", ["10", "durationMs"]),
        None,
    ]
    assert "6" in results[2]["error"]["message"]
    saved = await column(
        writable_database_url, "select idempotency_key from reviews where idempotency_key like 'good%'"
    )
    assert sorted(saved) == ["good 1", "good 2"]


async def test_rejected_key_can_be_reused(checked_client: Client, writable_database_url: str) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    [refused, saved] = (await review(checked_client, [answer(card, "k", 6), answer(card, "k", 5)]))["results"]
    assert refused["error"]["code"] == "OUT_OF_RANGE"
    assert (saved["duplicate"], saved["review"]["quality"]) == (False, 5)


@pytest.mark.parametrize(("number", "code"), [(0, "TOO_SHORT"), (1_001, "TOO_LONG")])
async def test_batch_size_is_limited(shared: Client, shared_database_url: str, number: int, code: str) -> None:
    [card] = await card_ids(shared_database_url, "demo", 1, LEARNT)
    before = await dashboard(shared)
    payload = await review(shared, [answer(card, f"k{n}") for n in range(number)])
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, ["reviews"])]
    assert (payload["results"], payload["dashboard"]) == ([], before)


@pytest.mark.parametrize(
    "value", [{"quality": 2**31}, {"quality": 1.5}, {"quality": None}, {"durationMs": 2**40}, {"idempotencyKey": None}]
)
async def test_invalid_types_save_nothing(shared: Client, shared_database_url: str, value: dict[str, Any]) -> None:
    [card] = await card_ids(shared_database_url, "demo", 1, LEARNT)
    batch = [answer(card, "good"), {**answer(card, "bad"), **value}]
    answered = await shared.run(REVIEW, {"input": {"reviews": batch}}, user="demo")
    assert answered.error_codes == ["BAD_USER_INPUT"]
    assert await column(shared_database_url, "select 1 from reviews where idempotency_key = 'good'") == []


async def test_future_timestamp_is_clamped_to_now(checked_client: Client, writable_database_url: str) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    [result] = (await review(checked_client, [answer(card, "k", reviewedAt=days_ago(-300))]))["results"]
    ago = datetime.now(UTC) - datetime.fromisoformat(result["review"]["reviewedAt"])
    assert timedelta(0) <= ago < timedelta(minutes=1)


async def test_any_order_of_arrival_gives_the_same_card(checked_client: Client, writable_database_url: str) -> None:
    """Fourteen reviews of two cards, in order, reversed and shuffled, each batch twice."""
    first, second = await card_ids(writable_database_url, "demo", 2, NEW)
    reviews = [
        answer(card, f"{days}-{card}", quality, reviewedAt=days_ago(days))
        for days, quality in ((60, 3), (59, 4), (53, 5), (40, 1), (39, 4), (33, 4), (10, 5))
        for card in (first, second)
    ]
    states = []
    for ordered in (reviews, reviews[::-1], reviews[::3] + reviews[1::3] + reviews[2::3]):
        ids = []
        for start in range(0, len(ordered), 4):
            for _ in range(2):
                results = (await review(checked_client, ordered[start : start + 4]))["results"]
            ids += [result["review"]["id"] for result in results]
        await check_learner(writable_database_url, "demo")
        states.append(
            await column(
                writable_database_url,
                "select array_agg((cards.id, state, due_at, interval_days, ease_factor, repetitions, lapses)::text"
                " order by id) from cards where last_reviewed_at is not null",
            )
        )
        undone = await undo(checked_client, ids)
        assert undone["errors"] == []
        assert [card["state"] for card in undone["cards"]] == ["NEW", "NEW"]
        await execute(
            writable_database_url,
            "delete from review_keys where review_id in (select id from reviews where undone);"
            " delete from reviews where undone",
        )
    assert states[0] == states[1] == states[2]


async def test_concurrent_batches_with_the_same_keys_are_saved_once(
    checked_client: Client, writable_database_url: str
) -> None:
    cards = await card_ids(writable_database_url, "demo", 20, LEARNT)
    reviews = [answer(card, f"k{n}") for n, card in enumerate(cards)]
    payloads = await asyncio.gather(*(review(checked_client, batch) for batch in (reviews, reviews[::-1]) * 4))
    duplicates = [result["duplicate"] for payload in payloads for result in payload["results"]]
    assert duplicates.count(False) == len(reviews)
    assert duplicates.count(True) == 7 * len(reviews)


async def test_concurrent_reviews_with_one_key_save_one(checked_client: Client, writable_database_url: str) -> None:
    """The cards differ, so it is not their locks but the unique key that serialises the transactions."""
    cards = await card_ids(writable_database_url, "demo", 6, LEARNT)
    payloads = await asyncio.gather(*(review(checked_client, [answer(card, "k")]) for card in cards))
    codes = [payload["results"][0]["error"] and payload["results"][0]["error"]["code"] for payload in payloads]
    assert sorted(codes, key=str) == ["CONFLICT"] * 5 + [None]


async def test_anonymous_client_cannot_review(shared: Client, shared_database_url: str) -> None:
    [card] = await card_ids(shared_database_url, "demo", 1, LEARNT)
    answered = await shared.run(REVIEW, {"input": {"reviews": [answer(card, "k")]}})
    assert answered.error_codes == ["UNAUTHENTICATED"]
