"""Servers of the app, in processes of their own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from server.cli.app_documents import register_app_documents
from server.example_app import BUILD
from server.settings import Settings
from tests.app.pages import AppServer
from tests.clients import TEST_SECRET
from tests.databases import created
from tests.processes import command_process, server_process


@asynccontextmanager
async def app_template(servers: tuple[str, str], template: str) -> AsyncIterator[str]:
    """Yields the name of a database with content and the app's documents, to which no connection is open."""
    if not (BUILD / "index.html").exists():
        pytest.skip("The app is not built: `make app` needs Node.")
    name = f"shinjp_app_{uuid4().hex[:8]}"
    async with created(servers[0], name, template) as url:
        await asyncio.to_thread(register_app_documents, Settings.load(database_url=url, redis_url=servers[1]))
        yield name


@asynccontextmanager
async def app_database(servers: tuple[str, str], template: str) -> AsyncIterator[Mapping[str, str]]:
    """A database for tests that write; yields the settings of its servers. `template`: that of the app."""
    async with created(servers[0], f"shinjp_app_{uuid4().hex[:8]}", template) as url:
        yield {"DATABASE_URL": url, "REDIS_URL": servers[1], "JWT_SECRET": TEST_SECRET}


@asynccontextmanager
async def app_process(
    directory: Path, settings: Mapping[str, str], *, worker: bool = False
) -> AsyncIterator[AppServer]:
    """`directory`: for the logs and for files of learners. `worker`: run jobs, too."""
    # Compiling all documents of the app would take seconds: a test requests few of them.
    settings = {**settings, "STORAGE_DIR": str(directory / "storage"), "TRUSTED_DOCUMENT_BYTES": "0"}
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(server_process(directory / "log", **settings))
        if worker:
            # Not `serve --worker`, whose worker would import everything again.
            await stack.enter_async_context(command_process("worker", log=directory / "worker.log", **settings))
        yield AppServer(server.address.removesuffix("/graphql"), settings["DATABASE_URL"], server)


@dataclass
class AppServers:
    """Servers with a worker, each on a database of its own. The next one starts while the tests of a file run."""

    servers: tuple[str, str]
    template: str
    directories: pytest.TempPathFactory
    _next: asyncio.Task[tuple[AppServer, AsyncExitStack]] | None = None

    @asynccontextmanager
    async def take(self, *, another: bool) -> AsyncIterator[AppServer]:
        """`another`: whether more will be taken."""
        server, stack = await (self._next or asyncio.create_task(self._start()))
        self._next = asyncio.create_task(self._start()) if another else None
        async with stack:
            yield server

    async def close(self) -> None:
        if self._next is not None:
            _, stack = await self._next
            await stack.aclose()

    async def _start(self) -> tuple[AppServer, AsyncExitStack]:
        async with AsyncExitStack() as stack:
            settings = await stack.enter_async_context(app_database(self.servers, self.template))
            directory = self.directories.mktemp("app")
            server = await stack.enter_async_context(app_process(directory, settings, worker=True))
            return server, stack.pop_all()
        raise AssertionError  # The stack suppresses no exception.
