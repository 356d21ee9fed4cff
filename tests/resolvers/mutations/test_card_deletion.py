"""Deleted cards are as if they had never existed, until they are restored."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from db.core.database import owner_connection
from db.maintenance.retention import purge_expired
from domain.ids import global_id
from tests.clients import Client
from tests.databases import column, execute
from tests.device_copies import DeviceCopy
from tests.review_assertions import answer, review, undo

CREATE = """
    mutation($input: CreateCardsInput!) { createCards(input: $input) {
        createdCount errors { code } cards { id vocabulary { id } }
    } }
"""
DELETE = """
    mutation($input: DeleteCardsInput!) { deleteCards(input: $input) { deletedIds errors { code path } } }
"""
RESTORE = """
    mutation($input: RestoreCardsInput!) { restoreCards(input: $input) { cards { id state } errors { code path } } }
"""
# All that a learner sees of cards, except for their logs.
SEEN = """
    query($ids: [ID!]!, $word: ID!) {
        viewer {
            cards { totalCount nodes { id } } dueCards { totalCount nodes { id } } cardTags { tag }
            studySession(filter: {ignoreLimits: true}) { cards { id } newLeft learningLeft reviewsLeft nextDueAt }
            dashboard { dueNow forecast(days: 5) { due } levels { learning mature } }
            continue { dueCards }
        }
        nodes(ids: $ids) { id }
        vocabulary(first: 40, filter: {jlptLevels: [N5], hasCard: true}) { totalCount }
        all: vocabulary(first: 40, filter: {jlptLevels: [N5]}) { nodes { card { id } } }
        books(orderBy: COVERAGE, first: 5) { nodes { id coverage { tokens { known learning } }
            wordsToLearn(first: 5) { vocabulary { id } } } }
        exampleSentences(vocabularyId: $word, first: 5) { nodes { japanese } }
    }
"""


async def run(client: Client, user: str, query: str, **input_: Any) -> Any:
    answered = await client.run(query, {"input": input_}, user=user)
    [payload] = answered.data.values()
    return payload | {"statements": answered.statements}


async def seen(client: Client, user: str, ids: list[str], word: str) -> Any:
    data = (await client.run(SEEN, {"ids": ids, "word": word}, user=user)).data
    data["viewer"].pop("id", None)
    return data


async def make_cards(client: Client, user: str, number: int = 3) -> tuple[list[str], list[str]]:
    """The ids of cards and of their words."""
    cards = (await run(client, user, CREATE, jlptLevel="N5", limit=number))["cards"]
    return [card["id"] for card in cards], [card["vocabulary"]["id"] for card in cards]


DELETED = """
    query($first: Int, $after: String) { viewer { deletedCards(first: $first, after: $after) {
        nodes { deletedAt restorableUntil card { id reviews { totalCount } } } totalCount pageInfo { endCursor }
    } } }
"""


async def test_list_of_deleted_cards(shared: Client, shared_database_url: str) -> None:
    """Newest deletions first, with the time until which they can be restored."""
    user = "lists deleted cards"
    ids, _ = await make_cards(shared, user, 5)
    await review(shared, [answer(ids[1], "before it was deleted")], user)
    for chosen in (ids[1:2], ids[:3]):
        await run(shared, user, DELETE, cardIds=chosen)
    found, after = [], None
    for size in (2, 1, 1):
        data = (await shared.run(DELETED, {"first": size, "after": after}, user=user)).data
        page = data["viewer"]["deletedCards"]
        assert page["totalCount"] == 3
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
    assert {node["card"]["id"] for node in found[:2]} == {ids[0], ids[2]}
    assert found[2]["card"] == {"id": ids[1], "reviews": {"totalCount": 1}}
    for node in found:
        deleted_at, until = (datetime.fromisoformat(node[name]) for name in ("deletedAt", "restorableUntil"))
        assert until - deleted_at == timedelta(days=30)
    await run(shared, user, RESTORE, cardIds=ids[:1])
    data = (await shared.run(DELETED, user=user)).data
    assert [node["card"]["id"] for node in data["viewer"]["deletedCards"]["nodes"]] == [ids[2], ids[1]]
    other = (await shared.run(DELETED, user="has deleted nothing")).data
    assert other["viewer"]["deletedCards"]["nodes"] == []


async def test_deleted_cards_are_nowhere(shared: Client, shared_database_url: str) -> None:
    user, nobody = "deletes all", "has no cards"
    ids, words = await make_cards(shared, user, 40)
    tag = 'mutation($ids: [ID!]!) { tagCards(input: {cardIds: $ids, tags: ["x"]}) { errors { code } } }'
    await shared.run(tag, {"ids": ids}, user=user)
    await execute(
        shared_database_url,
        "update cards set state = 'REVIEW', interval_days = 30 where user_id ="
        f" (select id from users where subject = '{user}')",
    )
    before = await seen(shared, user, ids, words[0])
    assert (await run(shared, user, DELETE, cardIds=ids))["deletedIds"] == ids
    after = await seen(shared, user, ids, words[0])
    assert after == await seen(shared, nobody, ids, words[0])
    # Every field had shown them.
    for field in ("cards", "dueCards", "cardTags", "studySession", "dashboard", "continue"):
        assert before["viewer"][field] != after["viewer"][field], field
    for field in ("nodes", "vocabulary", "all", "books"):
        assert before[field] != after[field], field
    assert [card["id"] for card in (await run(shared, user, RESTORE, cardIds=ids))["cards"]] == ids
    assert await seen(shared, user, ids, words[0]) == before


async def test_deletion_and_restoration_are_idempotent(shared: Client) -> None:
    ids, _ = await make_cards(shared, "idempotent", 50)
    for query in (DELETE, RESTORE):
        payloads = [await run(shared, "idempotent", query, cardIds=cards) for cards in (ids[:1], ids, ids[::-1])]
        assert [payload["errors"] for payload in payloads] == [[]] * 3
        assert [payload["statements"] for payload in payloads] == [2] * 3
    twice = await run(shared, "idempotent", DELETE, cardIds=[ids[1], ids[0], ids[1]])
    assert twice["deletedIds"] == [ids[1], ids[0]]


async def test_create_restores_deleted_cards_with_their_history(shared: Client) -> None:
    [one, other], words = await make_cards(shared, "creates again", 2)
    [result] = (await review(shared, [answer(one, "k", 5)], "creates again"))["results"]
    await run(shared, "creates again", DELETE, cardIds=[one])
    payload = await run(shared, "creates again", CREATE, vocabularyIds=[words[1], words[0]])
    assert (payload["createdCount"], [card["id"] for card in payload["cards"]]) == (0, [other, one])
    query = "query($id: ID!) { node(id: $id) { ... on Card { lastReviewedAt } } }"
    card = (await shared.run(query, {"id": one}, user="creates again")).data["node"]
    assert card["lastReviewedAt"] == result["review"]["reviewedAt"]


async def test_log_of_a_deleted_card_cannot_change(shared: Client) -> None:
    [id], _ = await make_cards(shared, "log", 1)
    [result] = (await review(shared, [answer(id, "k")], "log"))["results"]
    await run(shared, "log", DELETE, cardIds=[id])
    # Also a review that is sent again.
    results = (await review(shared, [answer(id, "k"), answer(id, "l")], "log"))["results"]
    assert [found["error"]["code"] for found in results] == ["NOT_FOUND"] * 2
    refused = await undo(shared, [result["review"]["id"]], "log")
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [("NOT_FOUND", ["reviewIds", "0"])]
    # What was done is still shown.
    query = '{ viewer { reviews { nodes { id card { id } } } dashboard { reviewsToday } } node(id: "%s") { id } }'
    data = (await shared.run(query % id, user="log")).data
    assert data["node"] is None
    assert data["viewer"]["reviews"]["nodes"] == [{"id": result["review"]["id"], "card": {"id": id}}]
    assert data["viewer"]["dashboard"]["reviewsToday"] == 1


async def test_changes_have_deleted_and_restored_cards(shared: Client, shared_database_url: str) -> None:
    [one, other], _ = await make_cards(shared, "device", 2)
    device = DeviceCopy(shared, "device", types=["CARD"])
    await device.catch_up(shared_database_url)
    await run(shared, "device", DELETE, cardIds=[one])
    changes = await device.catch_up(shared_database_url)
    assert [(change["objectId"], change["deleted"]) for change in changes] == [(one, True)]
    new_device = DeviceCopy(shared, "device", types=["CARD"])
    await new_device.catch_up(shared_database_url)
    assert set(device.objects) == set(new_device.objects) == {other}
    await run(shared, "device", RESTORE, cardIds=[one])
    await device.catch_up(shared_database_url)
    assert set(device.objects) == {one, other}


async def test_deleted_cards_are_purged_after_30_days(shared: Client, shared_database_url: str) -> None:
    [kept, purged], words = await make_cards(shared, "purge", 2)
    await review(shared, [answer(purged, "k")], "purge")
    await run(shared, "purge", DELETE, cardIds=[kept, purged])
    own = "user_id = (select id from users where subject = 'purge')"
    async with owner_connection(shared_database_url) as owner:
        await owner.execute(
            "update cards set deleted_at = now()"
            f" - make_interval(days => case when last_entry_at is null then 29 else 31 end) where {own}"
        )
        await purge_expired(owner)
    assert await column(shared_database_url, f"select count(*) from reviews where {own}") == [0]
    refused = await run(shared, "purge", RESTORE, cardIds=[kept, purged])
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [("NOT_FOUND", ["cardIds", "1"])]
    assert (await run(shared, "purge", RESTORE, cardIds=[kept]))["errors"] == []
    assert (await run(shared, "purge", CREATE, vocabularyIds=words))["createdCount"] == 1


@pytest.mark.parametrize("query", [DELETE, RESTORE])
@pytest.mark.parametrize(
    ("ids", "code", "path"),
    [
        ([], "TOO_SHORT", ["cardIds"]),
        (["no id"], "INVALID", ["cardIds", "0"]),
        ([global_id("Review", uuid4())], "INVALID", ["cardIds", "0"]),
        ([global_id("Card", uuid4())], "NOT_FOUND", ["cardIds", "0"]),
        ([global_id("Card", uuid4())] * 1_001, "TOO_LONG", ["cardIds"]),
    ],
)
async def test_bad_input(shared: Client, query: str, ids: list[str], code: str, path: list[str]) -> None:
    refused = await run(shared, "bad ids", query, cardIds=ids)
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [(code, path)]
