"""The command `shinjp`, run in processes."""

import asyncio
import os
import re
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import jwt
import pytest

from db.migrations import upgrade
from server.cli.serve import STOP_SIGNALS, _interrupt, _raise_if_interrupted
from server.dev_servers import embedded_servers, postgresql_programs, running_servers
from server.example_app import BUILD
from tests.processes import SHINJP, server_process, shinjp
from tests.server.test_schema_check import OLDER, check


async def ask(address: str, query: str, token: str | None = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(timeout=30) as client:
        return await client.post(address, json={"query": query}, headers=headers)


async def test_serve_from_nothing(tmp_path: Path) -> None:
    data_dir, log = tmp_path / "data", tmp_path / "log"
    settings = {"SHINJP_DATA_DIR": str(data_dir)}
    async with server_process(log, **settings) as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/graphql", server.address)
        logged = await asyncio.to_thread(log.read_text)
        assert "Creating the database (first start) …" in logged
        assert "Loading the level words …" in logged
        assert server.banner["GraphiQL"] == f"{server.address}  (in a browser)"
        if (BUILD / "index.html").exists():
            assert server.banner["App"] == f"{server.address.removesuffix('/graphql')}/app  (in a browser)"

        status, token, errors = await shinjp("token", "--as", "demo", **settings)
        assert (status, errors) == (0, "")
        answer = (await ask(server.address, "{ viewer { dashboard { streakDays } } }", token.strip())).json()
        assert answer["data"]["viewer"]["dashboard"]["streakDays"] > 0

        _, token_of_admin, _ = await shinjp("token", "--as", "admin", **settings)
        slow_queries = "{ admin { slowQueries(first: 100) { query } } }"
        answer = (await ask(server.address, slow_queries, token_of_admin.strip())).json()
        statements = [found["query"] for found in answer["data"]["admin"]["slowQueries"]]
        # Including those of the migration's role.
        assert any("vocabulary" in statement for statement in statements)
        assert "<insufficient privilege>" not in statements

        servers = running_servers(data_dir)
        assert servers is not None
        _, printed, _ = await shinjp("env", **settings)
        programs = postgresql_programs.directory()
        assert printed == f"DATABASE_URL={servers.database_url}\nREDIS_URL={servers.redis_url}\nPGBIN={programs}\n"

        older = tmp_path / "older.graphql"
        older.write_text(OLDER)
        status, lines = await check(None, "--against", older, data_dir=data_dir)
        assert (status, "Confidence: " in lines[-1]) == (1, True)

        # A second server on the same data loads nothing, and does not stop the databases.
        async with server_process(log, "--port", "0", **settings) as second:
            assert second.address != server.address
            assert (await ask(second.address, "{ viewer { email } }", token.strip())).json()["data"]["viewer"]
            assert await second.stop() == 0
        assert (await ask(server.address, "{ __typename }")).status_code == 200

    logged = await asyncio.to_thread(log.read_text)
    assert "Traceback" not in logged
    assert running_servers(data_dir) is None
    status, printed, errors = await shinjp("env", **settings)
    assert (status, printed) == (1, "")
    assert "shinjp serve" in errors


@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
async def test_second_signal_stops_immediately(tmp_path: Path, with_signal: signal.Signals) -> None:
    data_dir, log = tmp_path / "data", tmp_path / "log"
    with embedded_servers(data_dir, lambda _: None) as servers:
        await asyncio.to_thread(upgrade, servers.database_url)
    async with server_process(log, "--no-migrate", SHINJP_DATA_DIR=str(data_dir)) as server:
        assert (await ask(server.address, "{ __typename }")).status_code == 200
        # A connection that sends nothing delays shutdown by SHUTDOWN_TIMEOUT_SECONDS, but not after a second signal;
        # the databases stop all the same.
        address = urlsplit(server.address)
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        server.process.send_signal(with_signal)
        async with asyncio.timeout(60):
            while "stopping" not in await asyncio.to_thread(log.read_text):  # noqa: ASYNC110  # a file tells nobody
                await asyncio.sleep(0.05)
        assert await server.stop(with_signal) == 0
        writer.close()
    assert "Traceback" not in await asyncio.to_thread(log.read_text)
    assert running_servers(data_dir) is None


async def test_serve_can_be_stopped_while_loading(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        SHINJP,
        "serve",
        env=os.environ | {"PORT": "0", "SHINJP_DATA_DIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    lines = []
    async for line in process.stderr:
        lines.append(line.decode())
        if b"Loading the level words" in line:
            process.terminate()
    assert await process.wait() == 0, "".join(lines)
    assert running_servers(tmp_path) is None


def test_signal_is_not_lost_where_its_exception_is_swallowed() -> None:
    handlers = {number: signal.signal(number, _interrupt) for number in STOP_SIGNALS}
    try:
        _raise_if_interrupted()
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            _raise_if_interrupted()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


async def test_port_in_use_is_reported(content_database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, output, errors = await shinjp("serve", PORT=port, DATABASE_URL=content_database_url)
    assert (status, output) == (1, "")
    assert port in errors
    assert "Traceback" not in errors


async def test_env_prints_settings() -> None:
    """By the installed program: other tests fork processes that run it."""
    settings = {"DATABASE_URL": "postgresql://elsewhere/shinjp", "REDIS_URL": "redis://elsewhere"}
    process = await asyncio.create_subprocess_exec(SHINJP, "env", stdout=subprocess.PIPE, env=os.environ | settings)
    printed, _ = await process.communicate()
    assert printed.decode() == "DATABASE_URL=postgresql://elsewhere/shinjp\nREDIS_URL=redis://elsewhere\n"
    assert process.returncode == 0


async def test_tokens(tmp_path: Path) -> None:
    settings = {"SHINJP_DATA_DIR": str(tmp_path)}
    for arguments, subject in ((("--as", "editor"), "editor"), (("--subject", "somebody"), "somebody")):
        _, printed, _ = await shinjp("token", *arguments, **settings)
        assert jwt.decode(printed.strip(), options={"verify_signature": False})["sub"] == subject
    for refused in ("", "--as demo --subject somebody", "--as nobody"):
        status, printed, errors = await shinjp("token", *refused.split(), **settings)
        assert (status, printed) == (2, "")
        assert "Error" in errors


async def test_production_issues_no_tokens_without_a_secret() -> None:
    settings = {
        "SHINJP_ENVIRONMENT": "production",
        "DATABASE_URL": "postgresql://elsewhere/shinjp",
        "JWT_JWKS_URL": "https://keys.example/jwks.json",
    }
    status, printed, errors = await shinjp("token", "--as", "admin", **settings)
    assert (status, printed) == (1, "")
    assert "JWT_SECRET" in errors


async def test_unreachable_database_is_reported_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    status, _, errors = await shinjp("serve", "--no-migrate", "--port", "0", DATABASE_URL=url)
    assert status == 1
    assert errors.startswith("shinjp: DATABASE_URL: database unavailable.")
    assert "Traceback" not in errors


async def test_schema_is_printed() -> None:
    status, printed, _ = await shinjp("schema")
    assert status == 0
    assert "type Query" in printed
    assert (await shinjp("schema", "--check"))[0] == 0
