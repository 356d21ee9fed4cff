"""Bad input gets the documented code and a message that names the value; never status 500."""

from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client

BOOK = global_id("Book", uuid4())
KANJI = global_id("Kanji", uuid4())

# An operation, its variables, and the expected part of the message.
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "id of another type": ("query($id: ID!) { book(id: $id) { id } }", {"id": KANJI}, KANJI[:20]),
    "an id that is no id": ("query($id: ID!) { book(id: $id) { id } }", {"id": "no id"}, "no id"),
    "an id of no type": ("query($id: ID!) { node(id: $id) { id } }", {"id": global_id("Ghost", uuid4())}, "Ghost"),
    "a long id": ("query($id: ID!) { book(id: $id) { id } }", {"id": "x" * 10_000}, "xxx"),
    "101 ids": ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [BOOK] * 101}, "101"),
    "a malformed cursor": ('{ books(after: "%%%") { totalCount } }', {}, "%%%"),
    "a cursor of numbers": ('{ books(after: "WzEsMl0") { totalCount } }', {}, "WzEsMl0"),
    "first: 0": ("{ books(first: 0) { totalCount } }", {}, "0"),
    "first: 101": ("{ books(first: 101) { totalCount } }", {}, "101"),
    "first: -1": ("{ books(first: -1) { totalCount } }", {}, "-1"),
    "last: 0": ("{ books(last: 0) { totalCount } }", {}, "0"),
    "first and last": ("{ books(first: 3, last: 4) { totalCount } }", {}, "3"),
    "an empty search": ('{ searchVocabulary(query: "") { totalCount } }', {}, "query"),
    "a search of blanks": ('{ searchVocabulary(query: "  　") { totalCount } }', {}, "query"),
    "a search of signs": ('{ searchVocabulary(query: "!?") { totalCount } }', {}, "!?"),
    "a search of a million characters": (
        "query($q: String!) { searchVocabulary(query: $q) { totalCount } }",
        {"q": "あ" * 350_000},
        "350000",
    ),
    "a book search of blanks": ('{ books(filter: {search: " "}) { totalCount } }', {}, "search"),
    "a kanji of two characters": ('{ kanji(character: "日本") { id } }', {}, "日本"),
    "a kanji of none": ('{ kanji(character: "") { id } }', {}, "character"),
    "a null byte": ("query($q: String!) { searchVocabulary(query: $q) { totalCount } }", {"q": "a\x00b"}, "q"),
    "a null byte in the document": ('{ kanji(character: "\\u0000") { id } }', {}, "character"),
    "a null byte in a filter": ('{ textbooks(filter: {topic: "a\\u0000b"}) { totalCount } }', {}, "topic"),
    "forecast of no days": ("{ viewer { dashboard { forecast(days: 0) { due } } } }", {}, "0"),
    "forecast of 91 days": ("{ viewer { dashboard { forecast(days: 91) { due } } } }", {}, "91"),
    "activity of 367 days": ("{ viewer { dashboard { activity(days: 367) { reviews } } } }", {}, "367"),
    "a moment without an offset": (
        "query($from: DateTime) { viewer { reviews(from: $from) { totalCount } } }",
        {"from": "2026-01-01T00:00:00"},
        "2026-01-01T00:00:00",
    ),
    "a moment that is none": (
        "query($from: DateTime) { viewer { reviews(from: $from) { totalCount } } }",
        {"from": "yesterday"},
        "yesterday",
    ),
    "a number beyond 32 bits": ("query($n: Int) { books(first: $n) { totalCount } }", {"n": 2**31}, "2147483648"),
    "a level that is none": (
        "query($l: [JlptLevel!]) { books(filter: {jlptLevels: $l}) { totalCount } }",
        {"l": ["N6"]},
        "N6",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_error_names_the_bad_value(client: Client, case: str) -> None:
    query, variables, named = REFUSED[case]
    answer = await client.run(query, variables, user="demo")
    assert answer.status < 500
    assert answer.error_codes == ["BAD_USER_INPUT"], answer.body
    assert named in answer.messages[0]
    for secret in ("Traceback", "select ", "asyncpg", "vocabulary_kanji"):
        assert secret not in answer.messages[0]


async def test_unknown_object_is_null(client: Client) -> None:
    for query in (
        f'{{ book(id: "{BOOK}") {{ id }} }}',
        f'{{ node(id: "{KANJI}") {{ id }} }}',
        f'{{ textbook(id: "{global_id("Textbook", uuid4())}") {{ id }} }}',
        '{ kanji(character: "x") { id } }',
    ):
        assert list((await client.run(query, user="demo")).data.values()) == [None]


async def test_lone_surrogate_is_rejected(client: Client) -> None:
    body = (
        b'{"query": "query($q: String!) { searchVocabulary(query: $q) { totalCount } }", "variables": {"q": "\\ud800"}}'
    )
    response = await client.http.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code < 500
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_anonymous_client_is_unauthenticated(client: Client) -> None:
    for filter_ in (
        "books(filter: {status: READING})",
        "vocabulary(filter: {hasCard: true})",
        "textbooks(filter: {mine: true})",
    ):
        assert (await client.run(f"{{ {filter_} {{ totalCount }} }}")).error_codes == ["UNAUTHENTICATED"]
    data = (
        await client.run(
            "{ viewer { email } admin { health { status } } books(first: 1) { nodes { progress { id } } } }"
        )
    ).data
    assert data == {"viewer": None, "admin": None, "books": {"nodes": [{"progress": None}]}}
