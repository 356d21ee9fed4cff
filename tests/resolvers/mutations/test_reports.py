"""Learners report mistakes in the content, and editors answer."""

from typing import Any

import pytest

from db.core.database import owner_connection
from jobs.events import HANDLERS, handle_waiting_events
from tests.clients import Client
from tests.databases import column

REPORT = "id type objectId position page reason comment proposal state answer version"
SEND = f"""
    mutation($input: ReportContentInput!) {{ reportContent(input: $input) {{
        report {{ {REPORT} object {{ id }} }} errors {{ code path }}
    }} }}
"""
ASSIGN = f"""
    mutation($input: AssignReportInput!) {{ assignReport(input: $input) {{
        report {{ {REPORT} assignee {{ displayName }} }} errors {{ code path }}
    }} }}
"""
RESOLVE = f"""
    mutation($input: ResolveReportInput!) {{ resolveReport(input: $input) {{
        report {{ {REPORT} assignee {{ displayName }} }} errors {{ code path }}
    }} }}
"""
OWN = f"{{ viewer {{ reports {{ totalCount nodes {{ {REPORT} assignee {{ displayName }} }} }} }} }}"
QUEUE = """
    query($filter: ReportFilter) { editorial { reports(filter: $filter) { nodes { id state } } } }
"""
OBJECTS = """
    { vocabulary(first: 1) { nodes { id examples { position } } } kanjiList(first: 1) { nodes { id } }
      books(first: 1, filter: {hasText: true}) { nodes { id pageCount exercises { id } } }
      textbooks(first: 1) { nodes { id chapters { id exercises { id } } } } }
"""


async def run(client: Client, mutation: str, user: str = "demo", **input_: Any) -> Any:
    [payload] = (await client.run(mutation, {"input": input_}, user=user)).data.values()
    return payload


async def queue(client: Client, **filter: Any) -> list[str]:
    answered = await client.run(QUEUE, {"filter": filter}, user="editor")
    return [node["id"] for node in answered.data["editorial"]["reports"]["nodes"]]


async def test_report_is_assigned_and_answered(writable: Client, writable_database_url: str) -> None:
    data = (await writable.run(OBJECTS)).data
    word = data["vocabulary"]["nodes"][0]["id"]
    sent = await run(writable, SEND, objectId=word, position=0, reason="SPELLING", comment="c", proposal="p")
    assert sent["errors"] == []
    report = sent["report"]
    assert (report["type"], report["position"], report["state"], report["version"]) == ("SENTENCE", 0, "OPEN", 1)
    assert report["object"] == {"id": word}
    assert report["objectId"] == word
    again = await run(writable, SEND, objectId=word, position=0, reason="OTHER", comment="c")
    assert again["errors"] == [{"code": "ALREADY_EXISTS", "path": ["objectId"]}]
    # The word itself is another object, and so is the sentence for another learner.
    other = (await run(writable, SEND, objectId=word, reason="WRONG_MEANING"))["report"]["id"]
    await run(writable, SEND, "somebody else", objectId=word, position=0, reason="SPELLING")

    assert (await queue(writable, type="SENTENCE", state="OPEN", objectId=word))[0] == report["id"]
    assert await queue(writable, assignedToMe=True) == []
    assigned = await run(writable, ASSIGN, "editor", id=report["id"], expectedVersion=1)
    assert (assigned["report"]["state"], assigned["report"]["version"], assigned["errors"]) == ("ASSIGNED", 2, [])
    assert assigned["report"]["assignee"] is not None
    assert await queue(writable, assignedToMe=True) == [report["id"]]
    conflict = await run(writable, RESOLVE, "admin", id=report["id"], expectedVersion=1, resolution="REJECTED")
    assert conflict["errors"] == [{"code": "CONFLICT", "path": ["expectedVersion"]}]
    assert conflict["report"]["version"] == 2
    values: dict[str, Any] = {"resolution": "ACCEPTED", "answer": "Thank you."}
    resolved = await run(writable, RESOLVE, "editor", id=report["id"], expectedVersion=2, **values)
    assert (resolved["report"]["state"], resolved["errors"]) == ("ACCEPTED", [])
    closed = await run(writable, RESOLVE, "editor", id=report["id"], expectedVersion=3, **values)
    assert closed["errors"] == [{"code": "INVALID", "path": ["id"]}]

    own = (await writable.run(OWN, user="demo")).data["viewer"]["reports"]
    assert [(node["id"], node["state"], node["answer"]) for node in own["nodes"]] == [
        (other, "OPEN", None),
        (report["id"], "ACCEPTED", "Thank you."),
    ]
    assert own["totalCount"] == 2
    assert own["nodes"][1]["assignee"] is None
    assert (await writable.run(QUEUE, user="demo")).data == {"editorial": None}
    async with owner_connection(writable_database_url) as connection:
        await handle_waiting_events(connection, HANDLERS)
    notified = "select subject from notifications join users on users.id = user_id where kind = 'REPORT_RESOLVED'"
    assert await column(writable_database_url, notified) == ["demo"]
    assert (await run(writable, SEND, objectId=word, position=0, reason="SPELLING"))["errors"] == []


@pytest.mark.parametrize("kind", ["kanji", "chapter", "page", "exercise"])
async def test_every_kind_of_object_is_reported(shared: Client, kind: str) -> None:
    data = (await shared.run(OBJECTS)).data
    book, chapter = data["books"]["nodes"][0], data["textbooks"]["nodes"][0]["chapters"][0]
    place: dict[str, Any] = {
        "kanji": {"objectId": data["kanjiList"]["nodes"][0]["id"]},
        "chapter": {"objectId": chapter["id"]},
        "page": {"objectId": book["id"], "page": book["pageCount"]},
        "exercise": {"objectId": chapter["exercises"][0]["id"]},
    }[kind]
    sent = await run(shared, SEND, reason="INAPPROPRIATE", **place)
    assert sent["errors"] == []
    assert sent["report"]["object"] == {"id": place["objectId"]}
    assert sent["report"]["page"] == place.get("page")
    assert sent["report"]["type"] in (kind.upper(), f"BOOK_{kind.upper()}")


async def test_what_the_learner_does_not_see_is_not_reported(client: Client) -> None:
    data = (await client.run(OBJECTS)).data
    book = data["books"]["nodes"][0]
    for place, path in (
        ({"objectId": book["id"]}, "page"),
        ({"objectId": book["id"], "page": book["pageCount"] + 1}, "page"),
        ({"objectId": book["id"], "page": 1, "position": 0}, "position"),
        ({"objectId": data["kanjiList"]["nodes"][0]["id"], "page": 1}, "page"),
        ({"objectId": "x"}, "objectId"),
    ):
        sent = await run(client, SEND, reason="SPELLING", **place)
        assert [error["path"] for error in sent["errors"]] == [[path]]
    sent = await run(client, SEND, objectId=book["id"], page=1, reason="OTHER")
    assert sent["errors"] == [{"code": "REQUIRED", "path": ["comment"]}]
