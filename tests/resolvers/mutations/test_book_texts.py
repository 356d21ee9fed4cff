"""Editors import the texts of books."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client

IMPORT = """
    mutation($input: ImportBookTextInput!) { importBookText(input: $input) {
        book { version hasText pageCount pages(first: 100) { nodes { number text ruby { start length reading } } } }
        errors { code message path }
    } }
"""
CREATE = """
    mutation { createBook(input: {title: "題", author: "著者", description: "A test.", jlptLevel: N3, pageCount: 7}) {
        book { id }
    } }
"""
UPDATE = """
    mutation($input: UpdateBookInput!) { updateBook(input: $input) {
        book { version pageCount hasText } errors { code message path }
    } }
"""
AUDIT = "query($id: ID!) { admin { auditLog(entityId: $id) { nodes { action changes } } } }"


async def new_book(client: Client) -> str:
    id: str = (await client.run(CREATE, user="editor")).data["createBook"]["book"]["id"]
    return id


async def run(client: Client, id: str, text: str, version: int = 1, **input_: Any) -> Any:
    variables = {"input": {"bookId": id, "expectedVersion": version, "text": text, **input_}}
    return (await client.run(IMPORT, variables, user="editor")).data["importBookText"]


async def test_text_is_split_into_pages(shared: Client) -> None:
    id = await new_book(shared)
    text = "\n".join(f"段落{number}。" + "あ" * 90 for number in range(20))
    payload = await run(shared, id, f"私《わたくし》は\n{text}")
    assert payload["errors"] == []
    book = payload["book"]
    pages = book["pages"]["nodes"]
    assert (book["version"], book["hasText"], book["pageCount"]) == (2, True, len(pages))
    assert "".join(page["text"] for page in pages) == f"私は\n{text}"
    assert all(page["text"].endswith("\n") for page in pages[:-1])
    assert [page["ruby"] for page in pages] == [
        [{"start": 0, "length": 1, "reading": "わたくし"}],
        *[[]] * (len(pages) - 1),
    ]


async def test_text_is_replaced(shared: Client) -> None:
    id = await new_book(shared)
    await run(shared, id, "あ" * 2_000)
    book = (await run(shared, id, "新しい。", 2))["book"]
    assert [page["text"] for page in book["pages"]["nodes"]] == ["新しい。"]
    assert (book["version"], book["pageCount"]) == (3, 1)
    entries = (await shared.run(AUDIT, {"id": id}, user="admin")).data["admin"]["auditLog"]["nodes"]
    assert [entry["action"] for entry in entries] == ["importText", "importText", "create"]
    assert json.loads(entries[1]["changes"]) == {
        "hasText": {"before": False, "after": True},
        "pageCount": {"before": 7, "after": 4},
    }


async def test_readers_see_the_new_text_immediately(writable: Client) -> None:
    query = "query($id: ID!) { book(id: $id) { pageCount page(number: 1) { text } pages { nodes { text } } } }"
    id = await new_book(writable)
    await writable.run(
        "mutation($id: ID!) { updateBook(input: {id: $id, expectedVersion: 1, publish: true}) { book { id } } }",
        {"id": id},
        user="editor",
    )
    for version, text in enumerate(("一つ目。", "二つ目。"), start=2):
        for _ in range(2):
            await writable.run(query, {"id": id})
        await run(writable, id, text, version)
        assert (await writable.run(query, {"id": id})).data["book"] == {
            "pageCount": 1,
            "page": {"text": text},
            "pages": {"nodes": [{"text": text}]},
        }


async def test_marks_of_plain_text_are_kept(shared: Client) -> None:
    book = (await run(shared, await new_book(shared), "《題》［＃", format="PLAIN"))["book"]
    assert [page["text"] for page in book["pages"]["nodes"]] == ["《題》［＃"]


async def test_page_count_follows_the_text(shared: Client) -> None:
    id = await new_book(shared)
    await run(shared, id, "短い。")
    for page_count, errors in ((8, ["INVALID"]), (1, [])):
        input_ = {"id": id, "expectedVersion": 2, "pageCount": page_count}
        payload = (await shared.run(UPDATE, {"input": input_}, user="editor")).data["updateBook"]
        assert [error["code"] for error in payload["errors"]] == errors
        if errors:
            assert payload["errors"][0]["path"] == ["pageCount"]
            assert payload["errors"][0]["message"] == "pageCount is 1, the number of pages of the text."
    title = {"id": id, "expectedVersion": 2, "title": "別の題"}
    payload = (await shared.run(UPDATE, {"input": title}, user="editor")).data["updateBook"]
    assert payload["book"] == {"version": 3, "pageCount": 1, "hasText": True}


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        (
            "あ\nい《う\nえ》",
            [
                ("INVALID", "text: line 2: 《 is not closed by 》."),
                ("INVALID", "text: line 3: 》 has no 《 before it."),
            ],
        ),
        ("あ［＃改ページ", [("INVALID", "text: line 1: ［＃ is not closed by ］.")]),
        ("あ\n\x1b", [("INVALID", "text: line 2: control character U+001B.")]),
        ("", [("INVALID", "text: The text is empty.")]),
        ("あ" * 200_001, [("TOO_LONG", "text has 200001 characters; 200000 are allowed.")]),
        ("》\n" * 60, [("INVALID", f"text: line {line}: 》 has no 《 before it.") for line in range(1, 51)]),
    ],
    ids=["readings", "note", "control character", "empty", "long", "many"],
)
async def test_bad_text_writes_nothing(shared: Client, text: str, errors: list[tuple[str, str]]) -> None:
    id = await new_book(shared)
    await run(shared, id, "前の。")
    payload = await run(shared, id, text, 2)
    assert payload["book"] is None
    assert [(error["code"], error["message"]) for error in payload["errors"]] == errors
    assert all(error["path"] == ["text"] for error in payload["errors"])
    book = (await run(shared, id, "後の。", 2))["book"]
    assert book["version"] == 3


async def test_longest_text(shared: Client) -> None:
    book = (await run(shared, await new_book(shared), "𠮷" * 200_000))["book"]
    assert book["pageCount"] == 400


async def test_unexpected_version_is_a_conflict(shared: Client) -> None:
    payload = await run(shared, await new_book(shared), "あ", 2)
    assert payload["book"] is not None
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [("CONFLICT", ["expectedVersion"])]


async def test_one_of_concurrent_imports_succeeds(shared: Client) -> None:
    id = await new_book(shared)
    payloads = await asyncio.gather(*(run(shared, id, f"{number}。" * 300) for number in range(4)))
    assert sorted(len(payload["errors"]) for payload in payloads) == [0, 1, 1, 1]
    [book] = [payload["book"] for payload in payloads if not payload["errors"]]
    assert len({page["text"][0] for page in book["pages"]["nodes"]}) == 1


@pytest.mark.parametrize(
    ("id", "code"), [(global_id("Book", uuid4()), "NOT_FOUND"), ("no id", "INVALID")], ids=["missing", "malformed"]
)
async def test_unknown_book(shared: Client, id: str, code: str) -> None:
    payload = await run(shared, id, "あ")
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, ["bookId"])]
