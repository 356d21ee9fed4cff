"""Which documents are tools."""

import asyncio
import json
from pathlib import Path

import pytest

from domain.errors import BadUserInput
from server.mcp.tools import MAX_LIST_BYTES
from tests.clients import Client, client_of
from tests.documents_command import run_documents
from tests.server.mcp.agents import Agent

FIND = '"Finds books." query Find($first: Int = 1) { books(first: $first) { nodes { title } } }'
BOOKS = "query Books { books(first: 1) { nodes { title } } }"
LONG = f'"{"A tool. " * (MAX_LIST_BYTES // 8)}" query Long {{ books(first: 1) {{ nodes {{ title }} }} }}'


async def push(url: str, directory: Path, texts: list[str], version: str, *options: str) -> tuple[int, list[str]]:
    """As the app `agents`."""
    file = directory / f"{version}.graphql"
    file.write_text("\n".join(texts))
    return await run_documents(url, "push", file, "--app", "agents", "--version", version, *options)


async def wait_for_tools(client: Client, expected: dict[str, str]) -> None:
    """Repeats `tools/list` until these tools have these descriptions."""
    async with asyncio.timeout(60):
        while True:
            tools = (await Agent(client, user=None).request("tools/list"))["tools"]
            if {tool["name"]: tool["description"] for tool in tools} == expected:
                return
            # The event loop reads the notification.
            await asyncio.sleep(0)


async def test_tools_are_the_documents_of_versions_with_tools(
    writable_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    url = writable_database_url
    async with client_of(url, redis_url, mcp="on") as client:
        await wait_for_tools(client, {})
        assert (await push(url, tmp_path, [BOOKS], "documents"))[0] == 0
        assert (await push(url, tmp_path, [FIND], "1", "--tools"))[0] == 0
        await wait_for_tools(client, {"Find": "Finds books."})
        # A newer version has another document with the name, and the older one stays known to clients.
        newer = FIND.replace("Finds books.", "Lists books.")
        assert (await push(url, tmp_path, [newer], "2", "--tools"))[0] == 0
        await wait_for_tools(client, {"Find": "Lists books."})
        result = await Agent(client, user=None).call("Find", first=2)
        assert len(result["structuredContent"]["data"]["books"]["nodes"]) == 2
        for version in ("1", "2"):
            assert (await run_documents(url, "state", "agents", version, "retired", "--force"))[0] == 0
        await wait_for_tools(client, {})
        unknown = await Agent(client).send("tools/call", {"name": "Find"})
        assert unknown.json()["error"]["message"] == "Unknown tool: Find"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOOKS, "Books has no description, which agents need to choose a tool."),
        (
            '"Tells." subscription Due { dashboardUpdated { dueNow } }',
            "Due is a subscription, which cannot be a tool.",
        ),
        (FIND.replace("Find(", f"F{'i' * 64}("), "has more than 64 characters"),
        (LONG, f"the limit is {MAX_LIST_BYTES}"),
        (
            '"Sets." mutation Cover($image: CoverFileInput!) '
            '{ setBookCover(input: {bookId: "", expectedVersion: 1, image: $image}) { errors { code } } }',
            "A tool has no variables of the type Upload.",
        ),
        ("{", "Syntax Error"),
        ("", "Syntax Error"),
        ("fragment F on Book { title }", "It has no operations."),
    ],
)
async def test_push_rejects_what_cannot_be_a_tool(tmp_path: Path, text: str, problem: str) -> None:
    status, printed = await push("postgresql://unused", tmp_path, [text], "1", "--tools", "--dry-run")
    assert status == 1
    assert problem in " ".join(printed)


async def test_file_of_graphql_has_a_document_for_each_operation(shared_database_url: str, tmp_path: Path) -> None:
    fragment = "fragment Title on Book { title }"
    texts = [f"query {name} {{ books(first: 1) {{ nodes {{ ...Title }} }} }}" for name in ("A", "B")]
    for expected in ("2 of them new", "0 of them new"):
        status, printed = await push(shared_database_url, tmp_path, [*texts, fragment], "1")
        assert (status, expected in printed[-1]) == (0, True)
    status, printed = await push(shared_database_url, tmp_path, [*texts, fragment], "1", "--dry-run", "--tools")
    assert status == 1
    problems = [line for line in printed if "warning" not in line]
    assert len(problems) == 3


async def test_registered_version_keeps_its_mark(shared_database_url: str, tmp_path: Path) -> None:
    assert (await push(shared_database_url, tmp_path, [FIND], "marked", "--tools"))[0] == 0
    with pytest.raises(BadUserInput, match="agents marked is registered with tools"):
        await push(shared_database_url, tmp_path, [FIND], "marked")


async def test_usage_is_counted_by_the_name_that_the_agent_states(
    shared_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    assert (await push(shared_database_url, tmp_path, [FIND.replace("Find(", "Use(")], "used", "--tools"))[0] == 0
    async with client_of(shared_database_url, redis_url, mcp="on") as client:
        await Agent(client, user=None).call("Use")
    _, listed = await run_documents(shared_database_url, "list", "--app", "agents")
    assert any("used" in line and line.endswith("test agent") for line in listed), json.dumps(listed)
