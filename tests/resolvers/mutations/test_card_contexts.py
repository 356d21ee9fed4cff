"""Cards keep the sentence in which their word was met."""

from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.databases import column, execute

CREATE = """
    mutation($input: CreateCardsInput!) { createCards(input: $input) {
        createdCount errors { code message path } cards { vocabulary { id } context { text page book { id } } }
    } }
"""
SAMPLES = (
    "{ vocabulary(first: 5) { nodes { id } } books(first: 1, filter: {hasText: true}) { nodes { id pageCount } } }"
)
TEXT = "傘を貸してくれませんか。"


@pytest.fixture
async def words(shared: Client) -> list[str]:
    return [node["id"] for node in (await shared.run(SAMPLES)).data["vocabulary"]["nodes"]]


@pytest.fixture
async def book(shared: Client) -> dict[str, Any]:
    found: dict[str, Any] = (await shared.run(SAMPLES)).data["books"]["nodes"][0]
    return found


async def create(client: Client, user: str, words: list[str], *contexts: dict[str, Any]) -> Any:
    variables = {"input": {"vocabularyIds": words, "contexts": list(contexts)}}
    return (await client.run(CREATE, variables, user=user)).data["createCards"]


async def test_context_is_shown_on_the_card(shared: Client, words: list[str], book: dict[str, Any]) -> None:
    sources = {"bookId": book["id"], "page": book["pageCount"]}
    contexts = [{"vocabularyId": words[1], "text": f" {TEXT}\n", **sources}, {"vocabularyId": words[2], "text": TEXT}]
    payload = await create(shared, "context", words[:3], *contexts)
    assert payload["errors"] == []
    assert [card["context"] for card in payload["cards"]] == [
        None,
        {"text": TEXT, "page": book["pageCount"], "book": {"id": book["id"]}},
        {"text": TEXT, "page": None, "book": None},
    ]
    # Cards keep theirs, and get one if they have none.
    others = [{"vocabularyId": word, "text": "別の文。"} for word in words[:3]]
    payload = await create(shared, "context", words[:3], *others)
    assert payload["createdCount"] == 0
    assert [card["context"]["text"] for card in payload["cards"]] == ["別の文。", TEXT, TEXT]


async def test_context_of_another_learner_is_hidden(shared: Client, shared_database_url: str, words: list[str]) -> None:
    await create(shared, "context owner", words[:1], {"vocabularyId": words[0], "text": TEXT})
    payload = await create(shared, "context stranger", words[:1])
    assert payload["cards"][0]["context"] is None
    owner = "select id from users where subject = 'context owner'"
    assert await column(shared_database_url, f"select text from card_contexts where user_id = ({owner})") == [TEXT]


async def test_context_remains_without_its_book(shared: Client, shared_database_url: str, words: list[str]) -> None:
    create_book = """
        mutation { createBook(input: {
            title: "題", author: "著者", description: "A test.", jlptLevel: N3, pageCount: 2
        }) { book { id } } }
    """
    id = (await shared.run(create_book, user="editor")).data["createBook"]["book"]["id"]
    context = {"vocabularyId": words[3], "text": TEXT, "bookId": id, "page": 2}
    # The book is not published.
    payload = await create(shared, "context reader", words[3:4], context)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("NOT_FOUND", ["contexts", "0", "bookId"])
    ]
    payload = await create(shared, "editor", words[3:4], context)
    assert payload["cards"][0]["context"] == {"text": TEXT, "page": 2, "book": {"id": id}}
    await execute(shared_database_url, "update books set deleted_at = now() where title = '題'")
    payload = await create(shared, "editor", words[3:4])
    assert payload["cards"][0]["context"] == {"text": TEXT, "page": 2, "book": None}


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"text": " "}, "REQUIRED", ["0", "text"]),
        ({"text": "あ" * 501}, "TOO_LONG", ["0", "text"]),
        ({"vocabularyId": "nonsense"}, "INVALID", ["0", "vocabularyId"]),
        ({"vocabularyId": global_id("Vocabulary", uuid4())}, "INVALID", ["0", "vocabularyId"]),
        ({"page": 1}, "INVALID", ["0", "page"]),
        ({"bookId": global_id("Book", uuid4())}, "NOT_FOUND", ["0", "bookId"]),
        ({"bookId": global_id("Card", uuid4())}, "INVALID", ["0", "bookId"]),
    ],
)
async def test_invalid_context_is_rejected(
    shared: Client, words: list[str], changes: dict[str, Any], code: str, path: list[str]
) -> None:
    payload = await create(shared, "invalid context", words[:1], {"vocabularyId": words[0], "text": TEXT, **changes})
    assert [(error["code"], error["path"][1:]) for error in payload["errors"]] == [(code, path)]
    assert payload["cards"] == []


async def test_pages_and_duplicates_are_checked(shared: Client, words: list[str], book: dict[str, Any]) -> None:
    context = {"vocabularyId": words[0], "text": TEXT, "bookId": book["id"]}
    for page in (0, book["pageCount"] + 1):
        payload = await create(shared, "invalid context", words[:1], {**context, "page": page})
        assert [error["code"] for error in payload["errors"]] == ["OUT_OF_RANGE"]
        assert str(page) in payload["errors"][0]["message"]
    payload = await create(shared, "invalid context", words[:1], context, context)
    assert [error["path"] for error in payload["errors"]] == [["contexts", "1", "vocabularyId"]]
    level = {"input": {"jlptLevel": "N5", "contexts": [context]}}
    payload = (await shared.run(CREATE, level, user="invalid context")).data["createCards"]
    assert [error["path"] for error in payload["errors"]] == [["contexts"]]


@pytest.mark.usefixtures("unknown_words")
async def test_statements_do_not_depend_on_the_number_of_contexts(shared: Client, book: dict[str, Any]) -> None:
    nodes = (await shared.run("{ vocabulary(first: 40) { nodes { id } } }")).data["vocabulary"]["nodes"]
    words = [node["id"] for node in nodes]
    counts = []
    for number in (1, 40):
        contexts = [{"vocabularyId": word, "text": TEXT, "bookId": book["id"]} for word in words[:number]]
        variables = {"input": {"vocabularyIds": words[:number], "contexts": contexts}}
        answer = await shared.run(CREATE, variables, user=f"{number} contexts")
        assert len(answer.data["createCards"]["cards"]) == number
        counts.append(answer.statements)
    assert counts[0] == counts[1]
