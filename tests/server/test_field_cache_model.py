"""Values are stale at most until all processes are notified, whatever happens to the database, Redis and connections.

A stateful test of two servers on one database and one Redis. The model has the current value of each attribute, and the
former values that may be read until all servers have acknowledged the write.
"""

import asyncio
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from redis import Redis
from redis.exceptions import RedisError

from domain.ids import global_id
from server.dev_servers import valkey
from tests.clients import Client, client_of
from tests.databases import column, created, execute, wait_for_listeners
from tests.review_assertions import NEW, answer, card_ids, review

T = TypeVar("T")

# `make fuzz` runs many, with other seeds each time.
HISTORIES = int(os.environ.get("FUZZ_HISTORIES", "3"))
FUZZ_SEED = os.environ.get("FUZZ_SEED")
LEARNERS = ("demo", "one", "two")
VIEWERS = (*LEARNERS, "editor", None)
BOOKS = """query($first: Int!) {
    books(first: $first, orderBy: OLDEST) { nodes { id title version progress { currentPage } } } }"""
BOOK = "query($id: ID!) { book(id: $id) { title progress { currentPage } } }"
DASHBOARD = "{ viewer { dashboard { reviewsToday } } }"
UPDATE = """mutation($input: UpdateBookInput!) {
    updateBook(input: $input) { book { version } errors { code message } } }"""
READ = "mutation($input: UpdateReadingProgressInput!) { updateReadingProgress(input: $input) { errors { code } } }"
CUT = """
    with listeners as materialized (
        select pid from pg_stat_activity where application_name = 'shinjp changes' and datname = current_database()
    )
    select pid from listeners where pg_terminate_backend(pid)
"""


class Cache:
    """A Valkey process of this test, which can be killed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{directory / 'cache.sock'}"
        self.start()

    @property
    def runs(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        arguments = ["--port", "0", "--unixsocket", str(self._directory / "cache.sock"), "--save", "", "--dir", "/"]
        self._process = subprocess.Popen([str(valkey._program()), *arguments], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        with Redis.from_url(self.url) as redis:
            while time.monotonic() < deadline:
                with suppress(RedisError):
                    if redis.ping():
                        return
        raise AssertionError("Valkey does not start.")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def flush(self) -> None:
        with Redis.from_url(self.url) as redis:
            redis.flushall()


@dataclass
class History:
    """The value of an attribute. `former`: values that may be read until all servers have acknowledged the write."""

    value: object
    former: set[object] = field(default_factory=set)

    def write(self, value: object) -> None:
        self.former.add(self.value)
        self.value = value

    def acknowledge(self) -> None:
        self.former.clear()

    def allowed(self) -> set[object]:
        return {self.value, *self.former}


class Servers:
    """Servers on a separate event loop, which keep running between steps."""

    def __init__(self, server_url: str, template: str, cache: Cache) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        self._stack = AsyncExitStack()
        self.cache = cache
        self.database_url, self.clients = self.run(self._open(server_url, template))

    async def _open(self, server_url: str, template: str) -> tuple[str, list[Client]]:
        name = f"shinjp_model_{time.monotonic_ns()}"
        url = await self._stack.enter_async_context(created(server_url, name, template))
        return url, [await self._open_client(url) for _ in range(2)]

    async def _open_client(self, url: str) -> Client:
        return await self._stack.enter_async_context(client_of(url, self.cache.url))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Platform(RuleBasedStateMachine):
    """The state machine. The test sets `open_servers`."""

    open_servers: Any

    @initialize()
    def begin(self) -> None:
        self.servers: Servers = self.open_servers()
        url = self.servers.database_url
        ids = self._run(column(url, "select id from books order by created_at, id limit 4"))
        self.books = [global_id("Book", id) for id in ids]
        self.rows = dict(zip(self.books, ids, strict=True))
        self.titles: dict[str, History] = {}
        self.versions: dict[str, int] = {}
        for node in self._ask(0, BOOKS, {"first": 4}, None)["books"]["nodes"]:
            self.titles[node["id"]] = History(node["title"])
            self.versions[node["id"]] = node["version"]
        self.pages: defaultdict[tuple[str | None, str], int | None] = defaultdict(lambda: None)
        # The books that the demo learner has started.
        for node in self._ask(0, BOOKS, {"first": 4}, "demo")["books"]["nodes"]:
            self.pages["demo", node["id"]] = node["progress"] and node["progress"]["currentPage"]
        self.cards = self._run(card_ids(url, "demo", 12, NEW))
        self.reviewed: int = self._ask(0, DASHBOARD, {}, "demo")["viewer"]["dashboard"]["reviewsToday"]
        self.written = 0

    @rule(server=st.integers(0, 1), viewer=st.sampled_from(VIEWERS), first=st.integers(1, 4))
    def list_books(self, server: int, viewer: str | None, first: int) -> None:
        for node in self._ask(server, BOOKS, {"first": first}, viewer)["books"]["nodes"]:
            self._check(node["id"], node, viewer)

    @rule(server=st.integers(0, 1), viewer=st.sampled_from(VIEWERS), book=st.integers(0, 3))
    def show_book(self, server: int, viewer: str | None, book: int) -> None:
        id = self.books[book]
        self._check(id, self._ask(server, BOOK, {"id": id}, viewer)["book"], viewer)

    @rule(server=st.integers(0, 1))
    def show_dashboard(self, server: int) -> None:
        shown = self._ask(server, DASHBOARD, {}, "demo")["viewer"]["dashboard"]["reviewsToday"]
        assert shown == self.reviewed
        assert self._ask(server, DASHBOARD, {}, "one")["viewer"]["dashboard"]["reviewsToday"] == 0

    @rule(server=st.integers(0, 1), book=st.integers(0, 3))
    def write_by_mutation(self, server: int, book: int) -> None:
        self._look_everywhere(book)
        id = self.books[book]
        title = self._new_title()
        change = {"id": id, "expectedVersion": self.versions[id], "title": title}
        payload = self._ask(server, UPDATE, {"input": change}, "editor")["updateBook"]
        assert payload["errors"] == []
        self.versions[id] = payload["book"]["version"]
        self.titles[id].write(title)
        self.titles[id].acknowledge()
        self._look_everywhere(book)

    @rule(book=st.integers(0, 3))
    def write_by_sql(self, book: int) -> None:
        self._write_by_sql(book, replaced=())

    def _write_by_sql(self, book: int, replaced: Collection[int]) -> None:
        self._look_everywhere(book)
        id = self.books[book]
        title = self._new_title()
        self._run(
            execute(self.servers.database_url, f"update books set title = '{title}' where id = '{self.rows[id]}'")
        )
        self.titles[id].write(title)
        self._look_everywhere(book)
        self._wait_for_listeners(replaced)
        self.titles[id].acknowledge()
        self._look_everywhere(book)

    @rule(book=st.integers(0, 3))
    def write_while_nobody_listens(self, book: int) -> None:
        self._look_everywhere(book)
        self._write_by_sql(book, replaced=self._cut_listeners())

    @rule(server=st.integers(0, 1), viewer=st.sampled_from(LEARNERS), book=st.integers(0, 3))
    def read_on(self, server: int, viewer: str, book: int) -> None:
        id = self.books[book]
        # Page numbers identify the user.
        page = (self.pages[viewer, id] or 0) // 3 * 3 + 3 + LEARNERS.index(viewer)
        if page < 30:
            read = {"bookId": id, "currentPage": page}
            assert self._ask(server, READ, {"input": read}, viewer)["updateReadingProgress"]["errors"] == []
            self.pages[viewer, id] = page

    @precondition(lambda self: self.cards)
    @rule(server=st.integers(0, 1))
    def review_a_card(self, server: int) -> None:
        card = self.cards.pop()
        self._run(review(self.servers.clients[server], [answer(card, card)]))
        self.reviewed += 1

    @precondition(lambda self: self.servers.cache.runs)
    @rule()
    def flush_redis(self) -> None:
        self.servers.cache.flush()

    @precondition(lambda self: self.servers.cache.runs)
    @rule()
    def kill_redis(self) -> None:
        self.servers.cache.kill()

    @precondition(lambda self: not self.servers.cache.runs)
    @rule()
    def start_redis(self) -> None:
        self.servers.cache.start()

    @rule()
    def cut_connections(self) -> None:
        self._wait_for_listeners(replaced=self._cut_listeners())

    @rule(seconds=st.sampled_from([0.05, 1.0]))
    def let_time_pass(self, seconds: float) -> None:
        time.sleep(seconds)

    def teardown(self) -> None:
        if hasattr(self, "servers"):
            self.servers.close()

    def _look_everywhere(self, book: int) -> None:
        """Reads all attributes, so that values are cached before a write and checked after it."""
        for server in (0, 1):
            for viewer in ("editor", "demo", None):
                self.show_book(server, viewer, book)
            self.list_books(server, None, 4)

    def _check(self, id: str, shown: dict[str, Any], viewer: str | None) -> None:
        assert shown["title"] in self.titles[id].allowed(), (id, shown, self.titles[id])
        page = shown["progress"] and shown["progress"]["currentPage"]
        assert page == self.pages[viewer, id]

    def _cut_listeners(self) -> list[int]:
        """Terminates the connections of all listeners; returns their process ids."""
        return self._run(column(self.servers.database_url, CUT))

    def _wait_for_listeners(self, replaced: Collection[int]) -> None:
        self._run(wait_for_listeners(self.servers.database_url, len(self.servers.clients), replaced=replaced))

    def _ask(self, server: int, query: str, variables: dict[str, Any], viewer: str | None) -> Any:
        return self._run(self.servers.clients[server].run(query, variables, user=viewer)).data

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.servers.run(work)

    def _new_title(self) -> str:
        self.written += 1
        return f"Title {self.written}"


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    cache = Cache(tmp_path)
    yield cache
    cache.kill()


def test_no_value_is_stale_after_all_processes_are_notified(
    servers: tuple[str, str], template: str, cache: Cache
) -> None:
    def open_servers() -> Servers:
        if not cache.runs:
            cache.start()
        return Servers(servers[0], template, cache)

    run_histories(open_servers)


def run_histories(open_servers: Callable[[], Servers], histories: int = HISTORIES) -> None:
    machine = type("Opened", (Platform,), {"open_servers": staticmethod(open_servers)})
    run_state_machine_as_test(
        machine if FUZZ_SEED is None else seed(int(FUZZ_SEED))(machine),
        settings=settings(
            max_examples=histories,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=FUZZ_SEED is None,
            # Shrinking would take minutes, because each step uses real servers.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
