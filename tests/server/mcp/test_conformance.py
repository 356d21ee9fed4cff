"""The conformance suite of the protocol, with the official client of TypeScript for the revisions before 2026-07-28."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.container import ROOT
from tests.streams import stream_server

pytestmark = pytest.mark.timeout(600)

FOLDER = ROOT / "tests" / "server" / "audits"
SUITE = FOLDER / "mcp.mjs"
# Scenarios that pass completely, apart from those that do not apply.
PASSED = {
    "2026-07-28": {"tools-list", "dns-rebinding-protection", "http-header-validation"},
    "2025-11-25": {"server-initialize", "ping", "tools-list", "dns-rebinding-protection"},
}
NODE = shutil.which("node")


@pytest.fixture(scope="module")
async def address(tools_url: str, redis_url: str) -> AsyncIterator[str]:
    async with stream_server(tools_url, redis_url, mcp="on") as server:
        yield f"http://{server.address}/mcp"


@pytest.mark.skipif(
    NODE is None or not (FOLDER / "node_modules" / "@modelcontextprotocol").exists(),
    reason="The suite needs Node, and `make audits`.",
)
@pytest.mark.parametrize("revision", PASSED)
async def test_server_conforms(address: str, revision: str, tmp_path: Path) -> None:
    assert NODE is not None
    unsupported = ("--expected-failures", FOLDER / "mcp-unsupported.yml")
    arguments = ("server", "--url", address, "--requirements", revision, *unsupported, "--output-dir", tmp_path)
    process = await asyncio.create_subprocess_exec(
        NODE, SUITE, *arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=FOLDER
    )
    output, _ = await process.communicate()
    summary = output.decode().rpartition("=== SUMMARY ===")[2]
    assert process.returncode == 0, summary
    assert {*re.findall(r"✓ ([\w-]+): [1-9]", summary)} >= PASSED[revision]
