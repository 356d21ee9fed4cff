"""Data of many clients is parsed in turns, so that a small request does not wait for all of it."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable

import pytest
import uvloop

from server.transport.protocol import HttpProtocol
from server.transport.turns import BYTES_PER_TURN, SHARE_BYTES, Turns
from tests.connections import POST, SocketServer, socket_server

PIECE_BYTES = HttpProtocol.piece_bytes
ATTACKERS, BODY_BYTES = 20, 400_000
SMALL = POST.replace(b" / ", b" /small ") % 100 + bytes(100)


class TurnCounter:
    """Numbers the iterations of the event loop, and counts the bytes parsed in each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0
        self.parsed: Counter[int] = Counter()
        self.on_turn: Callable[[], None] = lambda: None
        original = HttpProtocol.parse

        def parse(protocol: HttpProtocol, data: bytes | memoryview) -> None:
            self.parsed[self.number] += len(data)
            original(protocol, data)

        monkeypatch.setattr(HttpProtocol, "parse", parse)

    def start(self) -> None:
        asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        self.number += 1
        self.on_turn()
        self.start()


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> TurnCounter:
    return TurnCounter(monkeypatch)


async def attack(server: SocketServer, before: bytes = b"", behind: bytes = b"") -> None:
    """Sends large requests, and small ones before and after them, that arrive in one iteration of the loop."""
    clients = [await server.open_socket(BODY_BYTES) for _ in range(ATTACKERS + 2)]
    await server.until_open(len(clients))
    for client in clients[1:-1]:
        client.send(POST % BODY_BYTES + bytes(BODY_BYTES))
    if before:
        clients[0].send(before)
    if behind:
        clients[-1].send(behind)


async def parsed_in_turns(turns: TurnCounter) -> None:
    async with socket_server() as server:
        turns.start()
        await attack(server)
        await server.until(lambda: len(server.app.read) == ATTACKERS)
        assert sum(turns.parsed.values()) == ATTACKERS * len(POST % BODY_BYTES + bytes(BODY_BYTES))
        assert max(turns.parsed.values()) <= BYTES_PER_TURN + PIECE_BYTES
        assert server.http.guard.unfinished_bytes == 0


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_turn_has_a_limit_over_all_connections(
    turns: TurnCounter, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(parsed_in_turns(turns))


async def accept_many(number: int) -> int:
    """The number of iterations of the loop in which connections are accepted that were opened before."""
    iterations = 0
    async with socket_server() as server:
        for _ in range(number):
            server.sockets.append(socket.create_connection(("127.0.0.1", server.port)))
        async with asyncio.timeout(30):
            while len(server.http.connections) < number:
                await asyncio.sleep(0)
                iterations += 1
    return iterations


def test_uvloop_accepts_several_connections_per_iteration() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(accept_many(64)) <= 16


@pytest.mark.parametrize("place", ["before", "behind"])
async def test_small_request_is_served_ahead_of_backlogs(place: str) -> None:
    async with socket_server() as server:
        await attack(server, **{place: SMALL})
        await server.until(lambda: len(server.app.read) == ATTACKERS + 1)
        # The requests completed before it were parsed in the same turn.
        assert server.app.read.index("/small") <= BYTES_PER_TURN // BODY_BYTES


async def test_small_requests_do_not_keep_a_large_one_waiting() -> None:
    """The small requests follow each other without a break."""
    async with socket_server() as server:
        server.http.turns = Turns(bytes_per_turn=1)
        clients = [await server.open_socket(BODY_BYTES) for _ in range(ATTACKERS + 1)]
        await server.until_open(len(clients))
        for client in clients[1:]:
            client.send(SMALL * 50)
        clients[0].send(POST % BODY_BYTES + bytes(BODY_BYTES))
        await server.until(lambda: len(server.app.read) == ATTACKERS * 50 + 1)
        assert server.app.read[-1] == "/small"


async def test_waiting_data_counts_as_unfinished_and_pauses_reading(turns: TurnCounter) -> None:
    most = 0

    def check() -> None:
        nonlocal most
        connections = [one for one in server.http.connections if isinstance(one, HttpProtocol)]
        held = sum(len(one.backlog) + one._unfinished_bytes for one in connections)
        assert held == server.http.guard.unfinished_bytes
        assert all(one.flow.read_paused for one in connections if one.backlog)
        most = max(most, sum(len(one.backlog) for one in connections))

    async with socket_server() as server:
        turns.on_turn = check
        turns.start()
        await attack(server)
        await server.until(lambda: len(server.app.read) == ATTACKERS)
        assert most > BYTES_PER_TURN
        assert not any(one.flow.read_paused for one in server.http.connections if isinstance(one, HttpProtocol))


async def test_total_limit_includes_waiting_data(turns: TurnCounter) -> None:
    limit = 2_000_000
    async with socket_server(max_unfinished_bytes=limit) as server:
        held: list[int] = []
        turns.on_turn = lambda: held.append(
            sum(len(one.backlog) for one in server.http.connections if isinstance(one, HttpProtocol))
        )
        turns.start()
        await attack(server, behind=SMALL)
        await server.until(lambda: "/small" in server.app.read)
        assert BYTES_PER_TURN < max(held) <= limit
        assert sum(server.closed.values()) > 0


class Consumer:
    """A consumer with a backlog, of which each turn consumes a share."""

    is_waiting = False

    def __init__(
        self,
        turns: Turns,
        name: str,
        log: list[str],
        *,
        shares: int = 1,
        fails: bool = False,
        is_new: bool = False,
        network: str = "attacker",
    ) -> None:
        self._turns, self._name, self._log, self._shares, self._fails = turns, name, log, shares, fails
        self.network = network
        self.is_reset = False
        turns.wait(self, shares * SHARE_BYTES, is_new=is_new)

    def take_turn(self) -> None:
        if self._fails:
            raise RuntimeError
        self._log.append(self._name)
        self._turns.left -= SHARE_BYTES
        self._shares -= 1
        if self._shares:
            self._turns.wait(self, self._shares * SHARE_BYTES)

    def reset(self) -> None:
        self.is_reset = True


async def until_idle(turns: Turns) -> None:
    while not turns.is_free:  # noqa: ASYNC110  # each turn is looked at
        await asyncio.sleep(0)


async def test_short_and_long_consumers_alternate_in_order() -> None:
    turns, log = Turns(), list[str]()
    for name in ("long 1", "long 2"):
        Consumer(turns, name, log, shares=3)
    for name in ("short 1", "short 2", "short 3"):
        Consumer(turns, name, log)
    await until_idle(turns)
    assert log[:6] == ["short 1", "long 1", "short 2", "long 2", "short 3", "long 1"]
    assert Counter(log) == {"long 1": 3, "long 2": 3, "short 1": 1, "short 2": 1, "short 3": 1}


async def test_connection_without_a_backlog_is_served_before_those_with_one() -> None:
    turns, log = Turns(), list[str]()
    for number in range(19):
        Consumer(turns, f"backlog {number}", log, shares=1 + number % 2)
    for name in ("new 1", "new 2"):
        Consumer(turns, name, log, is_new=True)
    await until_idle(turns)
    assert [log.index(name) for name in ("new 1", "new 2")] == [0, 2]
    assert len(log) == 30


async def test_networks_alternate_however_many_connections_they_have() -> None:
    turns, log = Turns(), list[str]()
    for number in range(19):
        Consumer(turns, f"attacker {number}", log, is_new=True)
    for name in ("healthy 1", "healthy 2"):
        Consumer(turns, name, log, is_new=True, network="healthy")
    Consumer(turns, "healthy backlog", log, network="healthy")
    await until_idle(turns)
    assert log[:5] == ["attacker 0", "healthy backlog", "healthy 1", "attacker 1", "healthy 2"]
    assert len(log) == 22


async def test_parser_error_resets_only_its_connection() -> None:
    turns, log = Turns(), list[str]()
    broken = Consumer(turns, "broken", log, fails=True)
    Consumer(turns, "sound", log)
    await until_idle(turns)
    assert (broken.is_reset, log) == (True, ["sound"])


async def test_turn_ends_when_it_is_used_up() -> None:
    turns, log = Turns(), list[str]()
    Consumer(turns, "long", log, shares=100)
    lengths: list[int] = []
    while not turns.is_free:
        await asyncio.sleep(0)
        lengths.append(len(log))
    most = BYTES_PER_TURN // SHARE_BYTES
    assert [later - before for before, later in zip([0, *lengths], lengths, strict=False)] == [
        most * (number < 100 // most) or 100 % most for number in range(len(lengths))
    ]
