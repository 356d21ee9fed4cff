"""A server whose log is not read keeps answering, in bounded memory, and reports the number of dropped lines."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import jwt
import pytest

from server.observability.log_writer import MAX_BYTES
from tests.fork_server import ForkedProcess
from tests.processes import address_of, fork_server
from tests.server.test_authentication import RSA_KEY, claims, published

# More lines of this length than the pipe, the test's buffers and the server's queue hold.
LINE = 30_000
MIB = 1024 * 1024


@dataclass
class Server:
    http: httpx.AsyncClient
    process: ForkedProcess
    unread: int

    async def flood(self, count: int) -> None:
        """Sends requests, each of which logs one long line."""
        room = asyncio.Semaphore(16)

        async def request() -> None:
            async with room:
                assert (await self.http.get(f"/{'x' * LINE}")).status_code == 404

        async with asyncio.timeout(120):
            await asyncio.gather(*(request() for _ in range(count)))

    async def dropped(self) -> int:
        text = (await self.http.get("/metrics")).text
        return int(float(re.findall(r"^shinjp_log_lines_dropped_total (\S+)$", text, re.M)[0]))

    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def server_with_unread_log(settings: dict[str, str], log_format: str) -> AsyncIterator[Server]:
    """Logs JSON to standard output, which is read until the server is ready."""
    unread, written = os.pipe()
    process = await fork_server().start(
        ["serve", "--no-worker", "--no-migrate"],
        {"PORT": "0", "CACHE_WARMUP_FILE": "off", "LOG_FORMAT": log_format} | settings,
        stdout=written if log_format == "json" else None,
        stderr=2 if log_format == "json" else written,
    )
    os.close(written)
    try:
        async with asyncio.timeout(60):
            address = await asyncio.to_thread(_ready, unread) if log_format == "json" else await address_of(process)
        async with httpx.AsyncClient(base_url=address.removesuffix("/graphql"), timeout=30) as http:
            yield Server(http, process, unread)
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            # Exits even if its last lines are not read.
            await asyncio.wait_for(process.wait(), 60)
        finally:
            os.close(unread)


def _ready(descriptor: int) -> str:
    read = b""
    while not (found := re.search(rb"^ready (\S+)\n", read, re.M)):
        chunk = os.read(descriptor, 4096)
        assert chunk, read
        read += chunk
    return found[1].decode()


@pytest.mark.parametrize("log_format", ["json", "console"])
async def test_server_answers_while_its_log_is_not_read(
    content_database_url: str, redis_url: str, log_format: str
) -> None:
    key = jwt.get_algorithm_by_name("RS256").to_jwk(RSA_KEY.public_key(), as_dict=True) | {"kid": "rsa", "use": "sig"}
    token = jwt.encode(claims(sub="demo"), RSA_KEY, algorithm="RS256", headers={"kid": "rsa"})
    with published([key]) as keys:
        settings = {"DATABASE_URL": content_database_url, "REDIS_URL": redis_url, "JWT_JWKS_URL": keys}
        # All tests share one address, and many the demo learner.
        settings |= {"MAX_NEW_DOCUMENTS": "1000000", "EXPORTS_PER_HOUR": "1000000"}
        settings["EXPORT_SECRET"] = "only this test knows it, and it is long enough"
        async with server_with_unread_log(settings, log_format) as server:
            lines = MAX_BYTES // LINE + 100
            await server.flood(lines)
            assert await server.dropped() > 0
            full = server.resident_bytes()
            await server.flood(lines)
            grown = server.resident_bytes() - full
            assert grown < MAX_BYTES / 2, f"{grown / MIB:.1f} MiB"
            # Requests that need threads: fetching a key, compressing a file.
            async with asyncio.timeout(60):
                headers = {"Authorization": f"Bearer {token}"}
                body = {"query": "{ viewer { email } }"}
                answered = (await server.http.post("/graphql", json=body, headers=headers)).json()
                assert answered.get("data", {}).get("viewer"), answered
                export = await server.http.get("/exports/reviews.csv", headers=headers)
                assert export.status_code == 200
                assert export.headers["content-encoding"] == "gzip"
                assert len(export.text.splitlines()) > 100
            dropped = await server.dropped()
            assert dropped >= lines
            if log_format == "json":
                reported = await asyncio.wait_for(asyncio.to_thread(_report, server.unread), 60)
                assert reported >= dropped


def _report(descriptor: int) -> int:
    """Reads until the server reports the number of dropped lines."""
    with open(descriptor, "rb", closefd=False) as file:
        for line in file:
            event = json.loads(line)
            if event["event"] == "log lines dropped":
                assert event["level"] == "warning"
                return int(event["count"])
    raise AssertionError("not reported")
