"""Lists of cards: orders are exact under ties and nulls, filters and searches restrict them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from operator import ge, gt
from random import Random
from typing import Any
from uuid import UUID

import pytest
from graphql import get_named_type, is_leaf_type

from db.core.database import owner_connection
from db.queries.card_lists import paged_due_cards
from db.queries.cards import CardFilter
from domain.enums import CardOrder
from domain.ids import global_id, new_id
from domain.pages import page_arguments
from tests.clients import Client
from tests.resolvers.test_study_session import sign_up
from tests.review_assertions import answer, card_ids, days_ago, review
from tests.schema.root_types import object_type
from tests.schema.selections import field_selection

LIST = """
    query($first: Int, $after: String, $filter: CardFilter, $orderBy: CardOrder) { viewer {
        %s(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
            nodes { id createdAt } totalCount pageInfo { endCursor hasNextPage hasPreviousPage }
        }
    } }
"""
KEYS: dict[str, tuple[Callable[[Any], Any], bool]] = {
    "NEWEST": (lambda card: 0, True),
    "OLDEST": (lambda card: 0, False),
    "DUE_FIRST": (lambda card: card["due_at"], False),
    "DUE_LAST": (lambda card: card["due_at"], True),
    "MOST_LAPSES": (lambda card: card["lapses"], True),
    "FEWEST_LAPSES": (lambda card: card["lapses"], False),
    "HARDEST": (lambda card: card["difficulty"] or 0, True),
    "EASIEST": (lambda card: card["difficulty"] or 0, False),
    "WORD": (lambda card: card["reading"], False),
    "WORD_DESCENDING": (lambda card: card["reading"], True),
}


@pytest.fixture(scope="module")
async def cards(shared: Client, shared_database_url: str) -> list[Any]:
    """The cards of the learner "lists": few different values, so that pages end among equal ones."""
    user = await sign_up(shared, shared_database_url, "lists")
    await add_cards(shared_database_url, user, Random(1), 23)
    return await rows(shared_database_url, user)


async def add_cards(url: str, user: UUID, chance: Random, number: int) -> None:
    now = datetime.now(UTC)
    async with owner_connection(url) as owner:
        words = await owner.fetch("select id from vocabulary order by md5(id::text) limit $1", number)
        for word in words:
            await owner.execute(
                "insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, difficulty,"
                " repetitions, lapses, suspended, created_at, updated_at)"
                " values ($1, $2, $3, 'NEW', $4, 0, 2.5, $5, 0, $6, $7, $8, $9)",
                *(new_id(), user, word["id"], now - timedelta(days=chance.choice((-1, 1, 2)))),
                *(chance.choice((None, 3.25, 7.125)), chance.choice((0, 1, 8)), chance.random() < 0.3),
                *(now - timedelta(days=chance.choice((1, 10))), now - timedelta(days=chance.choice((0, 5)))),
            )


async def rows(url: str, user: UUID) -> list[Any]:
    async with owner_connection(url) as owner:
        found: list[Any] = await owner.fetch(
            "select cards.*, reading, word from cards join vocabulary on vocabulary.id = vocabulary_id"
            " where user_id = $1",
            user,
        )
        return found


async def page(client: Client, list_: str, user: str = "lists", **variables: Any) -> Any:
    return (await client.run(LIST % list_, variables, user=user)).data["viewer"][list_]


@pytest.mark.parametrize("order", CardOrder)
async def test_pages_are_exact(shared: Client, cards: list[Any], order: CardOrder) -> None:
    key, descending = KEYS[order.value]
    for list_, filter in product(("cards", "dueCards"), ({}, {"suspended": False, "minLapses": 1})):
        expected = [
            card
            for card in sorted(cards, key=lambda card: (key(card), card["id"]), reverse=descending)
            if (list_ == "cards" or (not card["suspended"] and card["due_at"] <= datetime.now(UTC)))
            and (not filter or (card["lapses"] >= 1 and not card["suspended"]))
        ]
        found: list[str] = []
        after = None
        while True:
            part = await page(shared, list_, first=3, after=after, orderBy=order.value, filter=filter)
            assert part["pageInfo"]["hasPreviousPage"] == (after is not None)
            assert part["totalCount"] == len(expected)
            found += [card["id"] for card in part["nodes"]]
            after = part["pageInfo"]["endCursor"]
            if not part["pageInfo"]["hasNextPage"]:
                break
        assert found == [global_id("Card", card["id"]) for card in expected]


async def test_default_orders_and_cursors(shared: Client, cards: list[Any]) -> None:
    newest, due = [(await page(shared, list_, first=100))["nodes"] for list_ in ("cards", "dueCards")]
    assert newest == (await page(shared, "cards", first=100, orderBy="NEWEST"))["nodes"]
    assert due == (await page(shared, "dueCards", first=100, orderBy="DUE_FIRST"))["nodes"]
    created = {global_id("Card", card["id"]): card["created_at"] for card in cards}
    assert all(datetime.fromisoformat(card["createdAt"]) == created[card["id"]] for card in newest)
    # A cursor belongs to its order and list.
    cursor = (await page(shared, "cards", first=1, orderBy="DUE_FIRST"))["pageInfo"]["endCursor"]
    for list_, order in (("cards", "DUE_LAST"), ("dueCards", "DUE_FIRST"), ("cards", None)):
        answered = await shared.run(LIST % list_, {"first": 1, "after": cursor, "orderBy": order}, user="lists")
        assert answered.error_codes == ["BAD_USER_INPUT"]


async def test_a_page_has_the_columns_of_each_selection(shared: Client, cards: list[Any]) -> None:
    """Every field of cards alone, as nodes and as edges, has the value that it has next to all others."""
    selections = {
        name: name if is_leaf_type(get_named_type(field.type)) else field_selection(f"Card.{name}", field, "__typename")
        for name, field in object_type("Card").fields.items()
    }
    lists = (
        "{ viewer { dueCards(first: 9) { nodes { %s } } cards(first: 9, orderBy: WORD) { edges { node { %s } } } } }"
    )

    async def rows_with(selection: str) -> list[Any]:
        query = lists % (selection, selection)
        # The second run is compiled.
        answers = [(await shared.run(query, user="lists")).data["viewer"] for _ in range(2)]
        assert answers[0] == answers[1]
        return [*answers[0]["dueCards"]["nodes"], *(edge["node"] for edge in answers[0]["cards"]["edges"])]

    full = await rows_with(" ".join(selections.values()))
    assert len(full) > 9
    for name, selection in selections.items():
        # The preview starts at the time of the request.
        if name != "nextReviews":
            assert await rows_with(selection) == [{name: row[name]} for row in full]
    assert await rows_with("__typename") == [{"__typename": "Card"}] * len(full)


def test_pages_have_selected_columns_only() -> None:
    list_ = paged_due_cards(CardFilter(), CardOrder.HARDEST)
    for columns, has_all in ((None, True), (frozenset(("id", "created_at")), True), (frozenset(("due_at",)), False)):
        sql = list_.with_columns(columns).page(page_arguments(5)).sql
        assert ("created_at" in sql.partition("FROM")[0]) == has_all


async def test_filters_of_time(shared: Client, cards: list[Any]) -> None:
    for name, column, holds in (("createdAfter", "created_at", gt), ("updatedSince", "updated_at", ge)):
        bound = (min if holds is gt else max)(card[column] for card in cards)
        found = await page(shared, "cards", first=100, filter={name: bound.isoformat()})
        expected = {global_id("Card", card["id"]) for card in cards if holds(card[column], bound)}
        assert {card["id"] for card in found["nodes"]} == expected
        assert 0 < len(expected) < len(cards)


async def test_search_is_that_of_words(shared: Client, cards: list[Any]) -> None:
    words = "query($query: String!) { searchVocabulary(query: $query, first: 100) { nodes { id } } }"
    total = 0
    queries = [*(card[name] for card in cards[:4] for name in ("word", "reading")), "to", "ＴＡ", "ごはん"]
    for query in queries:
        matching = {
            node["id"] for node in (await shared.run(words, {"query": query})).data["searchVocabulary"]["nodes"]
        }
        found = {card["id"] for card in (await page(shared, "cards", first=100, filter={"search": query}))["nodes"]}
        expected = {
            global_id("Card", c["id"]) for c in cards if global_id("Vocabulary", c["vocabulary_id"]) in matching
        }
        # The search lists a hundred words at most.
        assert expected <= found
        assert len(matching) == 100 or found == expected
        total += len(found)
    assert total >= 8
    ordered = await page(shared, "cards", first=100, filter={"search": "to"}, orderBy="WORD")
    assert ordered["totalCount"] == len(ordered["nodes"])


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ({"minLapses": -1}, "minLapses: -1 is outside 0 to 1000000."),
        ({"search": "  "}, "search: '  ' has no letters or digits."),
        ({"search": "a" * 101}, "search has 101 characters; the maximum is 100."),
    ],
)
async def test_bad_filters(shared: Client, filter: dict[str, Any], message: str) -> None:
    answered = await shared.run(LIST % "cards", {"filter": filter}, user="lists")
    assert (answered.error_codes, answered.messages) == (["BAD_USER_INPUT"], [message])


async def test_reviews_of_cards(shared: Client, shared_database_url: str) -> None:
    """The newest first, in a number of statements that does not depend on the number of cards."""
    subject = "reviews of cards"
    user = await sign_up(shared, shared_database_url, subject)
    await add_cards(shared_database_url, user, Random(2), 30)
    ids = await card_ids(shared_database_url, subject, 30)
    batch = [answer(id, f"{id} {n}", 4, reviewedAt=days_ago(n + 1)) for id in ids for n in (3, 0, 7)]
    saved = (await review(shared, batch, subject))["results"]
    await review(shared, [answer(ids[0], "cram", 1, reschedule=False)], subject)
    query = """query($first: Int, $reviews: Int, $after: String) { viewer { cards(first: $first) { nodes { id
        reviews(first: $reviews, after: $after) { nodes { id quality reviewedAt } totalCount
            pageInfo { hasNextPage endCursor } } } } } }"""
    one, all_ = [await shared.run(query, {"first": first, "reviews": 2}, user=subject) for first in (1, 30)]
    assert one.statements == all_.statements == 3
    by_id = {card["id"]: card["reviews"] for card in all_.data["viewer"]["cards"]["nodes"]}
    assert [by_id[id]["totalCount"] for id in ids] == [4] + [3] * 29
    for number, id in enumerate(ids[1:], 1):
        newest = [saved[3 * number + n]["review"]["id"] for n in (1, 0)]
        assert [row["id"] for row in by_id[id]["nodes"]] == newest
        assert by_id[id]["pageInfo"]["hasNextPage"]
    rest = await shared.run(
        query, {"first": 30, "reviews": 2, "after": by_id[ids[5]]["pageInfo"]["endCursor"]}, user=subject
    )
    of_card = next(card for card in rest.data["viewer"]["cards"]["nodes"] if card["id"] == ids[5])["reviews"]
    assert [row["id"] for row in of_card["nodes"]] == [saved[3 * 5 + 2]["review"]["id"]]
