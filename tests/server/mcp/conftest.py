"""A server with the tools of `deploy/mcp`, for all tests of the protocol: they do not see each other's rows."""

import uuid
from collections.abc import AsyncIterator

import pytest

from tests.clients import Client, client_of
from tests.container import ROOT
from tests.databases import created
from tests.documents_command import run_documents

TOOLS = ROOT / "deploy" / "mcp" / "tools.graphql"


@pytest.fixture(scope="session")
async def tools_url(servers: tuple[str, str], template: str) -> AsyncIterator[str]:
    async with created(servers[0], f"shinjp_tools_{uuid.uuid4().hex[:8]}", template) as url:
        pushed = await run_documents(url, "push", TOOLS, "--app", "agents", "--version", "1", "--tools")
        assert pushed[0] == 0, pushed
        yield url


@pytest.fixture(scope="session")
async def server(tools_url: str, redis_url: str) -> AsyncIterator[Client]:
    async with client_of(tools_url, redis_url, mcp="on") as client:
        yield client
