"""Revisions of books and textbooks are shown to editors, field by field, and reverted."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.field_changes import MAX_CHANGES_LENGTH
from tests.clients import Client
from tests.databases import column, execute

REVISIONS = (
    "revisions(first: 10) { nodes { revisionId action isRevertible changes { field before after isShortened } } }"
)
TEXTBOOK = "textbook { id version } errors { code }"
PAYLOADS = {
    **dict.fromkeys(("createTextbook", "deleteTextbook", "restoreTextbook", "reorderChapters"), TEXTBOOK),
    **dict.fromkeys(
        ("createChapter", "deleteChapter", "restoreChapter", "setChapterExercises"), f"chapter {{ id }} {TEXTBOOK}"
    ),
    "createBook": f"book {{ id version {REVISIONS} }}",
    "deleteBook": "deletedId",
    "updateBook": f"book {{ id title author version publishedAt {REVISIONS} }}",
    "revertBookRevision": f"book {{ title author version publishedAt {REVISIONS} }}",
    "updateTextbook": f"textbook {{ id title version {REVISIONS} }}",
    "updateChapter": f"chapter {{ id title {REVISIONS} }} textbook {{ version }}",
    "revertTextbookRevision": "textbook { title version chapters { title } }",
}


async def run(client: Client, name: str, user: str = "editor", **input_: Any) -> Any:
    query = f"""
        mutation($input: {name[0].upper()}{name[1:]}Input!) {{
            {name}(input: $input) {{ {PAYLOADS[name]} errors {{ code path }} }}
        }}
    """
    return (await client.run(query, {"input": input_}, user=user)).data[name]


async def test_revision_of_book_is_shown_and_reverted(writable: Client) -> None:
    values: dict[str, Any] = {
        "title": "前",
        "author": "a",
        "description": "d",
        "jlptLevel": "N1",
        "pageCount": 9,
        "publish": True,
    }
    book = (await run(writable, "createBook", **values))["book"]
    id = book["id"]
    first = await run(writable, "updateBook", id=id, expectedVersion=1, title="後", publish=False)
    second = (await run(writable, "updateBook", id=id, expectedVersion=2, author="b"))["book"]
    newest, older, created = second["revisions"]["nodes"]
    assert [(one["action"], one["isRevertible"]) for one in (newest, older, created)] == [
        *[("update", True)] * 2,
        ("create", False),
    ]
    changes = {one["field"]: (json.loads(one["before"]), json.loads(one["after"])) for one in older["changes"]}
    assert changes["title"] == ("前", "後")
    assert changes["publishedAt"][0] is not None
    assert first["book"]["publishedAt"] is None

    conflict = await run(writable, "revertBookRevision", revisionId=older["revisionId"], expectedVersion=1)
    assert (conflict["book"]["version"], conflict["errors"][0]["code"]) == (3, "CONFLICT")
    reverted = await run(writable, "revertBookRevision", revisionId=older["revisionId"], expectedVersion=3)
    assert reverted["errors"] == []
    found = reverted["book"]
    assert (found["title"], found["author"], found["version"]) == ("前", "b", 4)
    assert found["publishedAt"] is not None
    assert len(found["revisions"]["nodes"]) == 4
    refused = await run(writable, "revertBookRevision", revisionId=created["revisionId"], expectedVersion=4)
    assert refused["errors"] == [{"code": "INVALID", "path": ["revisionId"]}]
    # Learners see the book, but no revisions, also if an editor has loaded them before.
    shown = f"query($id: ID!) {{ book(id: $id) {{ {REVISIONS} }} }}"
    for user in ("demo", None):
        assert (await writable.run(shown, {"id": id}, user=user)).data["book"] == {"revisions": {"nodes": []}}
    # A former time of publication may have passed: a revert would change nothing.
    draft = (await run(writable, "createBook", **values | {"publish": False}))["book"]["id"]
    at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    planned = (await run(writable, "updateBook", id=draft, expectedVersion=1, publishAt=at))["book"]
    assert not planned["revisions"]["nodes"][0]["isRevertible"]
    await run(writable, "deleteBook", id=id, expectedVersion=4)
    refused = await run(writable, "revertBookRevision", revisionId=older["revisionId"], expectedVersion=5)
    assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["revisionId"]}]


async def test_revisions_of_textbooks_and_chapters_are_reverted(writable: Client) -> None:
    query = "{ textbooks(first: 1, filter: {mine: false}) { nodes { id title version chapters { id title } } } }"
    [textbook] = (await writable.run(query, user="editor")).data["textbooks"]["nodes"]
    version, chapter = textbook["version"], textbook["chapters"][0]
    renamed = await run(writable, "updateTextbook", id=textbook["id"], expectedVersion=version, title="新")
    edited = await run(writable, "updateChapter", id=chapter["id"], expectedVersion=version + 1, title="章")
    assert edited["errors"] == []
    for number, (changed, expected) in enumerate(
        ((edited["chapter"], ("新", chapter["title"])), (renamed["textbook"], (textbook["title"], chapter["title"])))
    ):
        [revision, *_] = changed["revisions"]["nodes"]
        values = {"revisionId": revision["revisionId"], "expectedVersion": version + 2 + number}
        reverted = await run(writable, "revertTextbookRevision", **values)
        assert reverted["errors"] == []
        assert (reverted["textbook"]["title"], reverted["textbook"]["chapters"][0]["title"]) == expected


async def test_long_values_are_excerpts(writable: Client, writable_database_url: str) -> None:
    """The declared sizes hold for the longest values, also with JSON that escapes each character."""
    query = "{ textbooks(first: 1, filter: {mine: false}) { nodes { id version chapters { id } } } }"
    [textbook] = (await writable.run(query, user="editor")).data["textbooks"]["nodes"]
    chapter, version = textbook["chapters"][0]["id"], textbook["version"]
    for content in ('"' * 29_990 + "before", '"' * 29_990 + "after"):
        changed = await run(writable, "updateChapter", id=chapter, expectedVersion=version, content=content)
        assert changed["errors"] == []
        version = changed["textbook"]["version"]
    [change] = changed["chapter"]["revisions"]["nodes"][0]["changes"]
    assert change["isShortened"]
    assert json.loads(change["before"]).endswith('""before')
    assert json.loads(change["after"]).endswith('""after')
    audit = "{ admin { auditLog(first: 3) { nodes { action changes } } } }"
    # The first one is this look at the log.
    _, newest, former = (await writable.run(audit, user="admin")).data["admin"]["auditLog"]["nodes"]
    assert max(len(newest["changes"]), len(former["changes"])) <= MAX_CHANGES_LENGTH
    assert json.loads(newest["changes"])["content"]["after"].endswith('""after')


async def test_revisions_of_private_textbooks_stay_private(writable: Client, writable_database_url: str) -> None:
    query = "{ viewer { textbooks(first: 1) { nodes { id version } } } }"
    [own] = (await writable.run(query, user="demo")).data["viewer"]["textbooks"]["nodes"]
    values = {"id": own["id"], "expectedVersion": own["version"], "title": "秘密"}
    changed = await run(writable, "updateTextbook", "demo", **values)
    assert changed["textbook"]["revisions"]["nodes"] == []
    trail = "query($id: ID!) { admin { auditLog(entityId: $id) { nodes { id action } } } }"
    entries = (await writable.run(trail, {"id": own["id"]}, user="admin")).data["admin"]["auditLog"]["nodes"]
    entry = next(entry["id"] for entry in entries if entry["action"] == "update")
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert (await writable.run(node, {"id": entry}, user="editor")).data == {"node": None}
    refused = await run(writable, "revertTextbookRevision", revisionId=entry, expectedVersion=own["version"] + 1)
    assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["revisionId"]}]
    await execute(writable_database_url, "update textbooks set is_public = true where title = '秘密'")
    assert (await writable.run(node, {"id": entry}, user="editor")).data == {"node": {"id": entry}}


async def test_what_was_written_in_private_is_in_no_entry(writable: Client, writable_database_url: str) -> None:
    """Of each mutation that writes a textbook, also after the textbook was published."""
    secret, version = "秘密", 1
    logged = f"select action from audit_log where changes::text like '%{secret}%'"
    exercise = {
        "kind": "CHOICE",
        "title": secret,
        "task": secret,
        "answerLanguage": "ENGLISH",
        "options": [secret, "b"],
        "prompts": [{"text": secret, "option": 0}],
    }
    texts = {"title": secret, "summary": secret, "content": secret}

    async def change(name: str, **input_: Any) -> Any:
        nonlocal version
        changed = await run(writable, name, "demo", **input_, expectedVersion=version)
        assert changed["errors"] == []
        version = changed["textbook"]["version"]
        return changed

    topics = {"jlptLevel": "N5", "topics": [secret]}
    created = await run(writable, "createTextbook", "demo", title=secret, **topics, isPublic=False)
    id = created["textbook"]["id"]
    chapter = (await change("createChapter", textbookId=id, **texts))["chapter"]["id"]
    other = (await change("createChapter", textbookId=id, **texts))["chapter"]["id"]
    await change("updateChapter", id=chapter, **{**texts, "title": f"{secret}二"})
    await change("setChapterExercises", chapterId=chapter, exercises=[exercise])
    await change("reorderChapters", textbookId=id, chapterIds=[other, chapter])
    await change("deleteChapter", id=chapter)
    await change("restoreChapter", id=chapter)
    await change("updateTextbook", id=id, title=f"{secret}二")
    await change("updateTextbook", id=id, title="公開", isPublic=True)
    assert await column(writable_database_url, logged) == []
    shown = f"query($id: ID!) {{ node(id: $id) {{ ... on Textbook {{ {REVISIONS} }} }} }}"
    revisions = (await writable.run(shown, {"id": id}, user="editor")).data["node"]["revisions"]["nodes"]
    # Without their values, former changes cannot be reverted.
    assert [(one["action"], one["isRevertible"]) for one in revisions] == [
        ("update", True),
        ("update", False),
        ("reorder", True),
        ("create", False),
    ]
    # What everyone can read is logged, until the owner makes it private again.
    await change("updateTextbook", id=id, title=f"{secret}三")
    assert await column(writable_database_url, logged) == ["update"]
    await change("updateTextbook", id=id, description=secret, isPublic=False)
    assert await column(writable_database_url, logged) == ["update"]


async def test_what_learners_write_in_public_is_kept_as_excerpts(writable: Client, writable_database_url: str) -> None:
    """The log is kept without limit: a learner could fill it with copies of whole chapters."""
    query = "{ viewer { textbooks(first: 1) { nodes { id version chapters { id } } } } }"
    [own] = (await writable.run(query, user="demo")).data["viewer"]["textbooks"]["nodes"]
    shared = await run(writable, "updateTextbook", "demo", id=own["id"], expectedVersion=own["version"], isPublic=True)
    version, chapter = shared["textbook"]["version"], own["chapters"][0]["id"]
    written = ({"content": '"' * 9_000}, {"content": '"' * 9_000 + "isShortened"}, {"title": "短い"})
    for number, values in enumerate(written):
        changed = await run(writable, "updateChapter", "demo", id=chapter, expectedVersion=version + number, **values)
        assert changed["errors"] == []
    node = f"query($id: ID!) {{ node(id: $id) {{ ... on Chapter {{ {REVISIONS} }} }} }}"
    short, *long = (await writable.run(node, {"id": chapter}, user="editor")).data["node"]["revisions"]["nodes"]
    assert (short["isRevertible"], [each["isRevertible"] for each in long]) == (True, [False, False])
    assert json.loads(long[0]["changes"][0]["after"]).endswith("isShortened")
    [longest] = await column(writable_database_url, "select max(octet_length(changes::text)) from audit_log")
    assert longest < 5_000
    refused = await run(
        writable, "revertTextbookRevision", revisionId=long[0]["revisionId"], expectedVersion=version + 3
    )
    assert refused["errors"] == [{"code": "INVALID", "path": ["revisionId"]}]
