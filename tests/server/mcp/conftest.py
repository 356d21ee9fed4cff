"""A server with the tools of `deploy/mcp`."""

from collections.abc import AsyncIterator

import pytest

from tests.clients import Client, client_of
from tests.container import ROOT
from tests.documents_command import run_documents

TOOLS = ROOT / "deploy" / "mcp" / "tools.graphql"


@pytest.fixture(scope="module")
async def tools_url(shared_database_url: str) -> str:
    pushed = await run_documents(shared_database_url, "push", TOOLS, "--app", "agents", "--version", "1", "--tools")
    assert pushed[0] == 0, pushed
    return shared_database_url


@pytest.fixture(scope="module")
async def server(tools_url: str, redis_url: str) -> AsyncIterator[Client]:
    async with client_of(tools_url, redis_url, mcp="on") as client:
        yield client
