"""The newest reviews of a card are undone."""

from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.databases import column
from tests.review_assertions import LEARNT, NEW, answer, card_ids, dashboard, days_ago, review, undo


async def test_undo_restores_the_card(checked_client: Client, writable_database_url: str) -> None:
    [new] = await card_ids(writable_database_url, "demo", 1, NEW)
    [learnt] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    cards = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Card { state dueAt intervalDays lastReviewedAt } } }"
    before = (await checked_client.run(cards, {"ids": [new, learnt]}, user="demo")).data
    totals = await dashboard(checked_client)
    results = (await review(checked_client, [answer(new, "a"), answer(learnt, "b", 1), answer(learnt, "c", 5)]))[
        "results"
    ]
    payload = await undo(checked_client, [result["review"]["id"] for result in results])
    assert payload["errors"] == []
    assert [card["id"] for card in payload["cards"]] == [new, learnt]
    assert (await checked_client.run(cards, {"ids": [new, learnt]}, user="demo")).data == before
    assert await dashboard(checked_client) == totals


async def test_repeated_undo_changes_nothing(checked_client: Client, writable_database_url: str) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    [result] = (await review(checked_client, [answer(card, "k")]))["results"]
    first = await undo(checked_client, [result["review"]["id"]])
    assert await undo(checked_client, [result["review"]["id"]]) == first


async def test_resent_review_stays_undone(checked_client: Client, writable_database_url: str) -> None:
    [card] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    [result] = (await review(checked_client, [answer(card, "k")]))["results"]
    await undo(checked_client, [result["review"]["id"]])
    [repeated] = (await review(checked_client, [answer(card, "k")]))["results"]
    assert repeated["duplicate"]
    assert repeated["review"] == {**result["review"], "undone": True}


async def test_review_with_later_reviews_is_not_undone(checked_client: Client, writable_database_url: str) -> None:
    one, other = await card_ids(writable_database_url, "demo", 2, LEARNT)
    batch = [answer(one, "a", reviewedAt=days_ago(0.1)), answer(one, "b"), answer(other, "c")]
    older, newer, of_other = (result["review"]["id"] for result in (await review(checked_client, batch))["results"])
    payload = await undo(checked_client, [of_other, older])
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [("CONFLICT", ["reviewIds", "1"])]
    assert payload["cards"] == []
    assert await column(writable_database_url, "select count(*) from reviews where undone") == [0]
    assert (await undo(checked_client, [older, newer]))["errors"] == []
    assert await column(writable_database_url, "select count(*) from reviews where undone") == [2]


async def test_statements_do_not_grow(checked_client: Client, writable_database_url: str) -> None:
    cards = await card_ids(writable_database_url, "demo", 50, LEARNT)
    results = (await review(checked_client, [answer(card, f"k{n}") for n, card in enumerate(cards)]))["results"]
    ids = [result["review"]["id"] for result in results]
    query = "mutation($input: UndoReviewsInput!) { undoReviews(input: $input) { cards { version } } }"
    few = await checked_client.run(query, {"input": {"reviewIds": ids[:1]}}, user="demo")
    many = await checked_client.run(query, {"input": {"reviewIds": ids[1:]}}, user="demo")
    assert few.statements == many.statements == 6


@pytest.mark.parametrize(
    ("ids", "code", "path"),
    [
        ([], "TOO_SHORT", ["reviewIds"]),
        (["no id"], "INVALID", ["reviewIds", "0"]),
        ([global_id("Card", uuid4())], "INVALID", ["reviewIds", "0"]),
        ([global_id("Review", uuid4())], "NOT_FOUND", ["reviewIds", "0"]),
        ([global_id("Review", uuid4())] * 1_001, "TOO_LONG", ["reviewIds"]),
    ],
)
async def test_bad_input(shared: Client, ids: list[str], code: str, path: list[str]) -> None:
    payload = await undo(shared, ids)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
