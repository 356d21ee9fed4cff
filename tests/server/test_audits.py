"""The audit suite of the npm package `graphql-http`."""

import asyncio
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.processes import server_process

pytestmark = pytest.mark.timeout(600)

FOLDER = Path(__file__).parent / "audits"


async def test_graphql_over_http(content_database_url: str, redis_url: str, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").exists():
        pytest.skip("The audits need Node, and `make audits`.")
    async with server_process(tmp_path / "log", DATABASE_URL=content_database_url, REDIS_URL=redis_url) as server:
        process = await asyncio.create_subprocess_exec(
            node, FOLDER / "audit.js", server.address, stdout=subprocess.PIPE
        )
        output, _ = await process.communicate()
    results = [json.loads(line) for line in output.splitlines()]
    assert process.returncode == 0
    assert len(results) == 61
    assert [result for result in results if result["status"] != "ok"] == []
