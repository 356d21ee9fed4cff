"""Cards are created once for each word, and suspended."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.databases import column
from tests.review_assertions import LEARNT, answer, card_ids, dashboard, review

CREATE = """
    mutation($input: CreateCardsInput!) { createCards(input: $input) {
        cards { id state vocabulary { id jlptLevel } } createdCount errors { code message path }
    } }
"""
SUSPEND = """
    mutation($input: SetCardsSuspendedInput!) { setCardsSuspended(input: $input) {
        cards { id suspended version } errors { code path }
    } }
"""
WORD = global_id("Vocabulary", uuid4())


async def create(client: Client, user: str = "editor", **input_: Any) -> Any:
    return (await client.run(CREATE, {"input": input_}, user=user)).data["createCards"]


async def suspend(client: Client, ids: list[str], suspended: bool) -> Any:
    variables = {"input": {"cardIds": ids, "suspended": suspended}}
    return (await client.run(SUSPEND, variables, user="demo")).data["setCardsSuspended"]


async def word_ids(client: Client, level: str, number: int) -> list[str]:
    query = (
        "query($level: JlptLevel!, $n: Int) { vocabulary(first: $n, filter: {jlptLevels: [$level]}) { nodes { id } } }"
    )
    nodes = (await client.run(query, {"level": level, "n": number})).data["vocabulary"]["nodes"]
    return [node["id"] for node in nodes]


async def test_create_by_words(checked_client: Client) -> None:
    words = await word_ids(checked_client, "N3", 4)
    first = await create(checked_client, vocabularyIds=words[:2])
    assert (first["createdCount"], first["errors"]) == (2, [])
    payload = await create(checked_client, vocabularyIds=[words[3], words[1], words[3], words[0]])
    assert payload["createdCount"] == 1
    assert [card["vocabulary"]["id"] for card in payload["cards"]] == [words[3], words[1], words[0]]
    assert payload["cards"][2] == first["cards"][0]
    due = (await checked_client.run("{ viewer { dueCards { totalCount } } }", user="editor")).data["viewer"]["dueCards"]
    assert due == {"totalCount": 3}


async def test_create_by_chapter(checked_client: Client) -> None:
    query = "{ textbooks(first: 1) { nodes { chapters { id vocabulary { id } } } } }"
    chapter = (await checked_client.run(query)).data["textbooks"]["nodes"][0]["chapters"][0]
    words = [word["id"] for word in chapter["vocabulary"]]
    payload = await create(checked_client, chapterId=chapter["id"])
    assert [card["vocabulary"]["id"] for card in payload["cards"]] == words
    assert payload["createdCount"] == len(words) > 3
    limited = await create(checked_client, user="admin", chapterId=chapter["id"], limit=3)
    assert [card["vocabulary"]["id"] for card in limited["cards"]] == words[:3]


async def test_create_by_level_repeatedly(checked_client: Client) -> None:
    words = await word_ids(checked_client, "N4", 30)
    payload = await create(checked_client, jlptLevel="N4", limit=20)
    assert [card["vocabulary"]["id"] for card in payload["cards"]] == words[:20]
    assert payload["createdCount"] == 20
    again = await create(checked_client, jlptLevel="N4", limit=20)
    assert (again["createdCount"], again["cards"]) == (0, payload["cards"])
    more = await create(checked_client, jlptLevel="N4", limit=30)
    assert (more["createdCount"], len(more["cards"])) == (10, 30)


async def test_cards_of_a_level(checked_client: Client, writable_database_url: str) -> None:
    [words] = await column(writable_database_url, "select count(*) from vocabulary where jlpt_level = 'N1'")
    query = "mutation($input: CreateCardsInput!) { createCards(input: $input) { createdCount } }"
    answered = await checked_client.run(query, {"input": {"jlptLevel": "N1"}}, user="editor")
    assert answered.data["createCards"] == {"createdCount": words}
    assert answered.statements == 3


@pytest.mark.usefixtures("unknown_words")
async def test_statements_do_not_grow_with_the_cards(checked_client: Client) -> None:
    below = "cards { vocabulary { examples { english } kanji { meanings } card { id } } nextReviews { quality } }"
    create_cards = f"mutation($input: CreateCardsInput!) {{ createCards(input: $input) {{ {below} }} }}"
    suspend_cards = f"mutation($input: SetCardsSuspendedInput!) {{ setCardsSuspended(input: $input) {{ {below} }} }}"
    made, suspended = set(), set()
    for level, number in (("N4", 1), ("N3", 50)):
        words: dict[str, Any] = {"vocabularyIds": await word_ids(checked_client, level, number)}
        made.add((await checked_client.run(create_cards, {"input": words}, user="editor")).statements)
        ids = [card["id"] for card in (await create(checked_client, **words))["cards"]]
        variables = {"input": {"cardIds": ids, "suspended": True}}
        suspended.add((await checked_client.run(suspend_cards, variables, user="editor")).statements)
    assert (made, suspended) == ({8}, {7})


async def test_concurrent_mutations_create_each_card_once(checked_client: Client) -> None:
    words = await word_ids(checked_client, "N2", 40)
    batches = (words[:30], words[10:][::-1]) * 4
    payloads = await asyncio.gather(*(create(checked_client, vocabularyIds=batch) for batch in batches))
    assert sum(payload["createdCount"] for payload in payloads) == 40
    assert len({card["id"] for payload in payloads for card in payload["cards"]}) == 40


async def test_existing_card_keeps_its_state(checked_client: Client, writable_database_url: str) -> None:
    of_word = f"{LEARNT} and kind = 'RECOGNITION' and vocabulary_id is not null"
    [id] = await card_ids(writable_database_url, "demo", 1, of_word)
    query = "query($id: ID!) { node(id: $id) { ... on Card { vocabulary { id } } } }"
    word = (await checked_client.run(query, {"id": id}, user="demo")).data["node"]["vocabulary"]["id"]
    payload = await create(checked_client, user="demo", vocabularyIds=[word])
    assert payload["createdCount"] == 0
    assert [(card["id"], card["state"]) for card in payload["cards"]] == [(id, "REVIEW")]


@pytest.mark.parametrize(
    ("input_", "code", "path"),
    [
        ({}, "REQUIRED", []),
        ({"jlptLevel": "N5", "chapterId": global_id("Chapter", uuid4())}, "INVALID", ["jlptLevel"]),
        ({"vocabularyIds": []}, "TOO_SHORT", ["vocabularyIds"]),
        ({"vocabularyIds": [WORD] * 1_001}, "TOO_LONG", ["vocabularyIds"]),
        ({"vocabularyIds": [WORD]}, "NOT_FOUND", ["vocabularyIds", "0"]),
        ({"vocabularyIds": ["no id"]}, "INVALID", ["vocabularyIds", "0"]),
        ({"chapterId": WORD}, "INVALID", ["chapterId"]),
        ({"chapterId": global_id("Chapter", uuid4())}, "NOT_FOUND", ["chapterId"]),
        ({"jlptLevel": "N5", "limit": 0}, "OUT_OF_RANGE", ["limit"]),
        ({"jlptLevel": "N5", "limit": 5_001}, "OUT_OF_RANGE", ["limit"]),
    ],
)
async def test_bad_input_creates_no_card(shared: Client, input_: dict[str, Any], code: str, path: list[str]) -> None:
    payload = await create(shared, **input_)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
    assert (payload["cards"], payload["createdCount"]) == ([], 0)


async def test_unknown_word_creates_no_cards(shared: Client) -> None:
    words = await word_ids(shared, "N3", 2)
    payload = await create(shared, vocabularyIds=[words[0], WORD, words[1]])
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [("NOT_FOUND", ["vocabularyIds", "1"])]
    assert (await shared.run("{ viewer { cards { totalCount } } }", user="editor")).data["viewer"]["cards"][
        "totalCount"
    ] == 0


async def test_suspended_card_is_not_due(checked_client: Client, writable_database_url: str) -> None:
    ids = await card_ids(writable_database_url, "demo", 3, "not suspended and due_at <= now()")
    due = (await dashboard(checked_client))["dueNow"]
    payload = await suspend(checked_client, [ids[2], ids[0], ids[2]], True)
    assert [(card["id"], card["suspended"]) for card in payload["cards"]] == [(ids[2], True), (ids[0], True)]
    assert (await dashboard(checked_client))["dueNow"] == due - 2
    again = await suspend(checked_client, ids, True)
    assert [card["version"] for card in again["cards"]] == [
        payload["cards"][1]["version"],
        again["cards"][1]["version"],
        payload["cards"][0]["version"],
    ]
    await suspend(checked_client, ids, False)
    assert (await dashboard(checked_client))["dueNow"] == due


async def test_suspended_card_can_be_reviewed(checked_client: Client, writable_database_url: str) -> None:
    """By a device that was offline when the card was suspended."""
    [id] = await card_ids(writable_database_url, "demo", 1, LEARNT)
    await suspend(checked_client, [id], True)
    [result] = (await review(checked_client, [answer(id, "k")]))["results"]
    assert result["error"] is None


@pytest.mark.parametrize(
    ("ids", "code", "path"),
    [
        ([], "TOO_SHORT", ["cardIds"]),
        ([WORD], "INVALID", ["cardIds", "0"]),
        ([global_id("Card", uuid4())], "NOT_FOUND", ["cardIds", "0"]),
    ],
)
async def test_bad_input_suspends_nothing(
    shared: Client, shared_database_url: str, ids: list[str], code: str, path: list[str]
) -> None:
    payload = await suspend(shared, ids, True)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]


async def test_unknown_card_suspends_no_cards(shared: Client, shared_database_url: str) -> None:
    [id] = await card_ids(shared_database_url, "demo", 1, LEARNT)
    assert (await suspend(shared, [id, global_id("Card", uuid4())], True))["cards"] == []
    assert await card_ids(shared_database_url, "demo", 1, LEARNT) == [id]
