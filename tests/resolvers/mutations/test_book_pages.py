"""Pages of a book are inserted, moved and deleted, and each change is reverted from its revision."""

from typing import Any

import pytest

from tests.clients import Client

BOOK = """
    book {
        id version pageCount pages(first: 100) { nodes { number text ruby { reading } } }
        revisions(first: 1) { nodes { revisionId action isRevertible } }
    }
"""
PAGES = ["一《いち》。\n", "二。\n", "三。\n", "四。\n"]
# Texts do not end with a line break, and the former end stays as it is.
TEXTS = ["一。", "二。\n", "三。\n", "四。\n"]
CREATE = f"mutation($input: CreateBookInput!) {{ createBook(input: $input) {{ {BOOK} errors {{ code }} }} }}"


async def run(client: Client, name: str, **input_: Any) -> Any:
    job = "" if name == "revertBookRevision" else "job { kind }"
    query = f"""
        mutation($input: {name[0].upper()}{name[1:]}Input!) {{
            {name}(input: $input) {{ {BOOK} {job} errors {{ code path }} }}
        }}
    """
    return (await client.run(query, {"input": input_}, user="editor")).data[name]


async def new_book(client: Client) -> str:
    """A book with the pages, and the version 5."""
    values = {"title": "本", "author": "a", "description": "d", "jlptLevel": "N5", "pageCount": 9}
    id: str = (await client.run(CREATE, {"input": values}, user="editor")).data["createBook"]["book"]["id"]
    assert (await run(client, "importBookText", bookId=id, expectedVersion=1, text=PAGES[0]))["errors"] == []
    for number, text in enumerate(PAGES[1:], start=2):
        added = await run(client, "insertBookPage", bookId=id, expectedVersion=number, number=number, text=text)
        assert (added["errors"], added["job"]) == ([], {"kind": "ANALYZE_BOOK"})
    return id


def texts(payload: Any) -> list[str]:
    pages = payload["book"]["pages"]["nodes"]
    assert [page["number"] for page in pages] == [*range(1, len(pages) + 1)]
    assert payload["book"]["pageCount"] == len(pages)
    return [page["text"] for page in pages]


@pytest.mark.parametrize(
    ("mutation", "values", "expected"),
    [
        ("updateBookPage", {"number": 1, "text": "零。"}, ["零。", *TEXTS[1:]]),
        ("insertBookPage", {"number": 2, "text": "新。"}, [TEXTS[0], "新。\n", *TEXTS[1:]]),
        ("insertBookPage", {"number": 5, "text": "新。"}, [*TEXTS, "新。\n"]),
        ("moveBookPage", {"number": 1, "toNumber": 3}, [TEXTS[1], TEXTS[2], TEXTS[0], TEXTS[3]]),
        ("moveBookPage", {"number": 4, "toNumber": 1}, [TEXTS[3], *TEXTS[:3]]),
        ("deleteBookPage", {"number": 1}, TEXTS[1:]),
        ("deleteBookPage", {"number": 4}, TEXTS[:3]),
    ],
    ids=["update", "insert", "append", "move back", "move forward", "delete first", "delete last"],
)
async def test_change_of_pages_is_reverted(
    shared: Client, mutation: str, values: dict[str, Any], expected: list[str]
) -> None:
    id = await new_book(shared)
    changed = await run(shared, mutation, bookId=id, expectedVersion=5, **values)
    assert (changed["errors"], texts(changed), changed["book"]["version"]) == ([], expected, 6)
    [revision] = changed["book"]["revisions"]["nodes"]
    assert (revision["action"], revision["isRevertible"]) == (mutation.replace("Book", ""), True)
    reverted = await run(shared, "revertBookRevision", revisionId=revision["revisionId"], expectedVersion=6)
    assert (reverted["errors"], texts(reverted), reverted["book"]["version"]) == ([], TEXTS, 7)
    assert [page["ruby"] for page in reverted["book"]["pages"]["nodes"]] == [[{"reading": "いち"}], [], [], []]


async def test_source_of_page_is_saved_without_difference(shared: Client) -> None:
    id = await new_book(shared)
    query = "query($id: ID!) { book(id: $id) { page(number: 1) { source } } }"
    source = (await shared.run(query, {"id": id}, user="editor")).data["book"]["page"]["source"]
    assert source == "｜一《いち》。"
    saved = await run(shared, "updateBookPage", bookId=id, expectedVersion=5, number=1, text=source)
    assert (saved["errors"], texts(saved)) == ([], TEXTS)
    assert saved["book"]["pages"]["nodes"][0]["ruby"] == [{"reading": "いち"}]


async def test_page_that_changed_later_is_not_reverted(shared: Client) -> None:
    id = await new_book(shared)
    changed = await run(shared, "updateBookPage", bookId=id, expectedVersion=5, number=2, text="二二。")
    [revision] = changed["book"]["revisions"]["nodes"]
    moved = await run(shared, "insertBookPage", bookId=id, expectedVersion=6, number=1, text="新。")
    refused = await run(shared, "revertBookRevision", revisionId=revision["revisionId"], expectedVersion=7)
    assert refused["errors"] == [{"code": "INVALID", "path": ["revisionId"]}]
    [inserted] = moved["book"]["revisions"]["nodes"]
    reverted = await run(shared, "revertBookRevision", revisionId=inserted["revisionId"], expectedVersion=7)
    assert texts(reverted) == [TEXTS[0], "二二。\n", *TEXTS[2:]]
    reverted = await run(shared, "revertBookRevision", revisionId=revision["revisionId"], expectedVersion=8)
    assert texts(reverted) == TEXTS


@pytest.mark.parametrize(
    ("mutation", "values", "error"),
    [
        ("insertBookPage", {"number": 6, "text": "新。"}, ("NOT_FOUND", ["number"])),
        ("insertBookPage", {"number": 0, "text": "新。"}, ("OUT_OF_RANGE", ["number"])),
        ("insertBookPage", {"number": 1, "text": "あ" * 601}, ("TOO_LONG", ["text"])),
        ("moveBookPage", {"number": 5, "toNumber": 1}, ("NOT_FOUND", ["number"])),
        ("moveBookPage", {"number": 1, "toNumber": 5}, ("NOT_FOUND", ["toNumber"])),
        ("deleteBookPage", {"number": 5}, ("NOT_FOUND", ["number"])),
    ],
)
async def test_pages_that_do_not_exist(
    shared: Client, mutation: str, values: dict[str, Any], error: tuple[str, list[str]]
) -> None:
    refused = await run(shared, mutation, bookId=await new_book(shared), expectedVersion=5, **values)
    assert refused["errors"] == [{"code": error[0], "path": error[1]}]


async def test_text_keeps_one_page(shared: Client) -> None:
    values = {"title": "本", "author": "a", "description": "d", "jlptLevel": "N5", "pageCount": 9}
    id = (await shared.run(CREATE, {"input": values}, user="editor")).data["createBook"]["book"]["id"]
    none = await run(shared, "insertBookPage", bookId=id, expectedVersion=1, number=1, text="新。")
    assert none["errors"] == [{"code": "INVALID", "path": ["bookId"]}]
    await run(shared, "importBookText", bookId=id, expectedVersion=1, text="一。")
    only = await run(shared, "deleteBookPage", bookId=id, expectedVersion=2, number=1)
    assert only["errors"] == [{"code": "INVALID", "path": ["number"]}]
    same = await run(shared, "moveBookPage", bookId=id, expectedVersion=2, number=1, toNumber=1)
    assert (same["errors"], same["book"]["version"], same["job"]) == ([], 2, None)
