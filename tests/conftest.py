"""Fixtures for all tests, on real servers: the embedded ones, or those of TEST_DATABASE_URL and TEST_REDIS_URL.

One database is migrated and loaded once and cloned for each test that writes, which takes milliseconds.
"""

import asyncio
import gc
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AsyncExitStack, nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

from content import loading
from db.core.database import Database, open_database, owner_connection
from db.migrations import upgrade
from loaders.known_words import KnownWords, Lookups
from tests.clients import Client, client_of
from tests.cluster_snapshot import DICTIONARY_SAMPLE, TEMPLATE
from tests.databases import created
from tests.memory_tablespace import memory_tablespace
from tests.pgbouncer import pooling
from tests.shared_servers import memory_directory, shared_servers

pytest_plugins = ["tests.file_order", "tests.skips"]

# The root of `tmp_path`. Servers that tests start there wait for the disk otherwise.
if not os.statvfs(memory_directory()).f_flag & os.ST_NOEXEC:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory_directory()))

# People watch textbooks being generated, tests do not.
os.environ.setdefault("TEXTBOOK_CHAPTER_SECONDS", "0")

# `make fuzz` uses other examples each time.
settings.register_profile("shinjp", derandomize="FUZZ_SEED" not in os.environ, deadline=None)
settings.load_profile("shinjp")

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from jobs.textbooks.dictionary_generator import DictionaryCache


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The URLs of PostgreSQL, for a role that may create databases, and of Redis."""
    database_url, redis_url = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if database_url and redis_url:
        yield database_url, _with_timeouts(redis_url)
        return
    worker: dict[str, str] = getattr(request.config, "workerinput", {})
    # Processes of a run share PostgreSQL and Valkey. Each has its own Valkey database: keys do not name a test.
    number = int(worker.get("workerid", "gw0").removeprefix("gw"))
    with shared_servers(worker.get("testrunuid", uuid.uuid4().hex)) as embedded:
        redis_url = redis_url or f"{embedded.redis_url}?db={number}"
        database_url = database_url or embedded.database_url
        with pooling(database_url) if "PGBOUNCER" in os.environ else nullcontext():
            yield database_url, _with_timeouts(redis_url)


def _with_timeouts(redis_url: str) -> str:
    """Adds time-outs that a busy machine does not reach. Tests of outages use a separate Redis."""
    return f"{redis_url}{'&' if '?' in redis_url else '?'}socket_timeout=20&socket_connect_timeout=20"


@pytest.fixture(scope="session")
def redis_url(servers: tuple[str, str]) -> str:
    return servers[1]


@pytest.fixture(scope="session")
async def template(servers: tuple[str, str]) -> AsyncIterator[str]:
    """The name of a database with all content, to which no connection may be open while it is cloned."""
    if os.environ.get("TEST_DATABASE_URL") is None:
        yield TEMPLATE
        return
    async with (
        memory_tablespace(servers[0]) as tablespace,
        created(servers[0], f"{TEMPLATE}_{uuid.uuid4().hex[:8]}", tablespace=tablespace) as url,
    ):
        await asyncio.to_thread(upgrade, url)
        await asyncio.to_thread(loading.load, url, lambda _: None, demo=True)
        await asyncio.to_thread(loading.load_dictionary, url, lambda _: None, **DICTIONARY_SAMPLE)
        await asyncio.to_thread(loading.analyze_texts, url, lambda _: None)
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture(scope="session")
async def content_database_url(servers: tuple[str, str], template: str) -> AsyncIterator[str]:
    """The owner's URL of the content database, for tests that only read."""
    async with created(servers[0], f"shinjp_read_{uuid.uuid4().hex[:8]}", template) as url:
        yield url


@pytest.fixture
async def writable_database_url(servers: tuple[str, str], template: str) -> AsyncIterator[str]:
    """The owner's URL of a clone for one test, which may write to it."""
    async with created(servers[0], f"shinjp_write_{uuid.uuid4().hex[:8]}", template) as url:
        yield url


@pytest.fixture
async def empty_database(servers: tuple[str, str]) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """A function that creates databases without tables."""
    async with AsyncExitStack() as stack:

        async def create() -> str:
            name = f"shinjp_empty_{uuid.uuid4().hex[:8]}"
            return await stack.enter_async_context(created(servers[0], name, "template0"))

        yield create


@pytest.fixture(scope="session")
async def database(content_database_url: str) -> AsyncIterator[Database]:
    """The application's connection pool on the content database."""
    async with open_database(content_database_url, min_size=1, max_size=5) as database:
        yield database


@pytest.fixture(scope="session")
def dictionary(database: Database) -> "DictionaryCache":
    """The words of textbooks. Reading them takes a second; their ids are equal in all clones."""
    from jobs.textbooks.dictionary_generator import DictionaryCache  # Most runs generate no textbooks.

    return DictionaryCache(database)


@pytest.fixture
def unknown_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request reads all of its words, so that its statements do not depend on what others have read."""
    monkeypatch.setattr(KnownWords, "current", lambda _: Lookups())


@pytest.fixture
def owner_url(content_database_url: str) -> str:
    return content_database_url


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[Any]:
    """The owner's connection to the content database, which bypasses row-level security."""
    async with owner_connection(owner_url) as connection:
        yield connection


@pytest.fixture(scope="session")
async def client(content_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A client of a server on the content database."""
    async with client_of(content_database_url, redis_url) as client:
        yield client


@pytest.fixture
async def writable(writable_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A client of a server on the test's own clone, which it may write to."""
    async with client_of(writable_database_url, redis_url) as client:
        yield client


@pytest.fixture(scope="module")
async def shared_database_url(servers: tuple[str, str], template: str) -> AsyncIterator[str]:
    """The owner's URL of a clone for those tests of a module that do not depend on each other's writes."""
    async with created(servers[0], f"shinjp_shared_{uuid.uuid4().hex[:8]}", template) as url:
        yield url


@pytest.fixture(scope="module")
async def shared(shared_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    """A client of a server on that clone, for rejected writes, and for tests with separate users or rows."""
    async with client_of(shared_database_url, redis_url) as client:
        yield client


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator["Browser"]:
    """The browser of all tests, each of which opens a new profile."""
    from tests.browser import chromium  # Most runs do not need Playwright.

    async with chromium() as browser:
        yield browser


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules and tests remain: neither their imports nor the first tests wait for garbage collections of them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="module", autouse=True)
def freeze_survivors() -> Iterator[None]:
    """Objects that outlive a module are not visited by later collections, whose time would grow from file to file."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def collect_garbage() -> Iterator[None]:
    """Collects garbage at the end of a module that ignores warnings, so that these occur within the module."""
    yield
    gc.collect()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="Write what tests/statements compares.")


@pytest.fixture(scope="session")
def update_snapshots(request: pytest.FixtureRequest) -> bool:
    """Whether to write snapshots before comparing them."""
    return bool(request.config.getoption("--update-snapshots"))
