"""Cards have flags and tags, by which lists and sessions are filtered."""

from typing import Any
from uuid import uuid4

import pytest

from domain.card_tags import MAX_TAGS_OF_LEARNER
from domain.ids import CardId, global_id, parse_global_id_as
from tests.clients import Client
from tests.databases import execute

CARD = "id version flag tags"
READ = f"""
    query($filter: CardFilter, $session: StudySessionFilter) {{ viewer {{
        cards(filter: $filter) {{ nodes {{ {CARD} }} }}
        studySession(filter: $session) {{ cards {{ id }} newLeft }}
        cardTags {{ tag cardCount }}
    }} }}
"""
CREATE = "mutation { createCards(input: {jlptLevel: N5, limit: 60}) { cards { id } } }"


async def make_cards(client: Client, user: str) -> list[str]:
    cards = (await client.run(CREATE, user=user)).data["createCards"]["cards"]
    return [card["id"] for card in cards]


async def mutate(client: Client, user: str, name: str, ids: list[str], **values: Any) -> Any:
    type_name = name[0].upper() + name[1:]
    query = f"""mutation($input: {type_name}Input!) {{ {name}(input: $input) {{
        cards {{ {CARD} }} errors {{ code path message }}
    }} }}"""
    answered = await client.run(query, {"input": {"cardIds": ids, **values}}, user=user)
    return answered.data[name] | {"statements": answered.statements}


async def read(client: Client, user: str, session: dict[str, Any] | None = None, **filter: Any) -> Any:
    return (await client.run(READ, {"filter": filter, "session": session or {}}, user=user)).data["viewer"]


async def test_flag_is_shown_and_filtered(shared: Client) -> None:
    one, two, three, *_ = await make_cards(shared, "flags")
    flagged = await mutate(shared, "flags", "flagCards", [two, one, two], flag=3)
    assert flagged["cards"] == [{"id": id, "version": 2, "flag": 3, "tags": []} for id in (two, one)]
    again = await mutate(shared, "flags", "flagCards", [one, three], flag=3)
    assert [(card["flag"], card["version"]) for card in again["cards"]] == [(3, 2), (3, 2)]
    await mutate(shared, "flags", "flagCards", [one], flag=0)
    found = await read(shared, "flags", flags=[3, 7])
    assert {card["id"] for card in found["cards"]["nodes"]} == {two, three}


async def test_tags_are_shown_counted_and_filtered(shared: Client) -> None:
    one, two, three, *_ = await make_cards(shared, "tags")
    tagged = await mutate(shared, "tags", "tagCards", [one, two], tags=["食べ物", " ｔｒａｖｅｌ ", "travel"])
    assert [(card["tags"], card["version"]) for card in tagged["cards"]] == [(["travel", "食べ物"], 2)] * 2
    again = await mutate(shared, "tags", "tagCards", [three, one], tags=["travel"])
    assert [(card["tags"], card["version"]) for card in again["cards"]] == [(["travel"], 2), (["travel", "食べ物"], 2)]
    found = await read(shared, "tags", session={"tags": ["食べ物", "nothing"]}, tags=["travel"])
    assert found["cardTags"] == [{"tag": "travel", "cardCount": 3}, {"tag": "食べ物", "cardCount": 2}]
    assert {card["id"] for card in found["cards"]["nodes"]} == {one, two, three}
    assert {card["id"] for card in found["studySession"]["cards"]} == {one, two}
    assert found["studySession"]["newLeft"] == 2
    removed = await mutate(shared, "tags", "untagCards", [one, three, two], tags=["食べ物", "nothing"])
    assert [(card["tags"], card["version"]) for card in removed["cards"]] == [(["travel"], v) for v in (3, 2, 3)]
    assert (await read(shared, "tags"))["cardTags"] == [{"tag": "travel", "cardCount": 3}]
    assert (await read(shared, "strangers to tags"))["cardTags"] == []


async def test_statements_do_not_grow(shared: Client) -> None:
    cards = await make_cards(shared, "many tags")
    for name, values, statements in (
        ("flagCards", {"flag": 1}, 3),
        ("tagCards", {"tags": ["a", "b"]}, 7),
        ("untagCards", {"tags": ["a"]}, 4),
    ):
        counts = [(await mutate(shared, "many tags", name, ids, **values))["statements"] for ids in (cards[:1], cards)]
        assert counts == [statements] * 2, name


async def test_numbers_of_tags_are_limited(shared: Client, shared_database_url: str) -> None:
    one, two, three, *_ = await make_cards(shared, "limits")
    await mutate(shared, "limits", "tagCards", [two], tags=[f"t{n}" for n in range(10)])
    refused = await mutate(shared, "limits", "tagCards", [one, two], tags=["t1", "more"])
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [("LIMIT_REACHED", ["cardIds", "1"])]
    await execute(
        shared_database_url,
        "insert into card_tags (card_id, tag, user_id) select id, 'x' || n, user_id"
        f" from generate_series(1, {MAX_TAGS_OF_LEARNER - 11}) as n, cards"
        f" where id = '{parse_global_id_as(CardId, three)}'",
    )
    assert (await mutate(shared, "limits", "tagCards", [one], tags=["t1", "last"]))["errors"] == []
    refused = await mutate(shared, "limits", "tagCards", [one], tags=["t1", "too many"])
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [("LIMIT_REACHED", ["tags"])]


@pytest.mark.parametrize(
    ("name", "values", "code", "path"),
    [
        ("flagCards", {"flag": 8}, "OUT_OF_RANGE", ["flag"]),
        ("flagCards", {"flag": -1}, "OUT_OF_RANGE", ["flag"]),
        ("tagCards", {"tags": []}, "TOO_SHORT", ["tags"]),
        ("tagCards", {"tags": ["a"] * 11}, "TOO_LONG", ["tags"]),
        ("tagCards", {"tags": ["a", " "]}, "REQUIRED", ["tags", "1"]),
        ("tagCards", {"tags": ["あ" * 51]}, "TOO_LONG", ["tags", "0"]),
        ("tagCards", {"tags": ["a\nb"]}, "INVALID", ["tags", "0"]),
        ("untagCards", {"tags": []}, "TOO_SHORT", ["tags"]),
        ("untagCards", {"tags": ["a"], "cardIds": []}, "TOO_SHORT", ["cardIds"]),
        ("tagCards", {"tags": ["a"], "cardIds": [global_id("Card", uuid4())]}, "NOT_FOUND", ["cardIds", "0"]),
        ("flagCards", {"flag": 1, "cardIds": [global_id("Card", uuid4())] * 1_001}, "TOO_LONG", ["cardIds"]),
    ],
)
async def test_bad_input(shared: Client, name: str, values: dict[str, Any], code: str, path: list[str]) -> None:
    cards = await make_cards(shared, "bad tags")
    refused = await mutate(shared, "bad tags", name, cards[:1], **values)
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [(code, path)]


@pytest.mark.parametrize("filter", [{"tags": []}, {"tags": ["a"] * 11}, {"flags": [8]}])
async def test_bad_filter(shared: Client, filter: dict[str, Any]) -> None:
    answered = await shared.run(READ, {"filter": filter, "session": {}}, user="bad tags")
    assert answered.error_codes == ["BAD_USER_INPUT"]
