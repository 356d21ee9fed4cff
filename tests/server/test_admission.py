"""Operations take turns by client, and are rejected when they would wait too long."""

import asyncio
from contextlib import AsyncExitStack
from random import Random

import pytest

from domain.errors import ServiceUnavailable
from server.http.admission import (
    LIGHT_CLIENT_SECONDS,
    MAX_WAIT_SECONDS,
    MAX_WAITING_OF_LIGHT_CLIENT,
    RUNNING_PER_CLIENT,
    TICK_SECONDS,
    WAITING_PER_CLIENT,
    Admission,
    AdmissionClient,
)
from server.observability.error_log import limit_counts
from tests.clients import client_of
from tests.requests import codes
from tests.server.test_interruptions import locked, until_waiting


class Clock:
    """The time of a test, which a test advances."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Load:
    """Operations that a test ends."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.running: list[str] = []
        self.rejected: list[str] = []
        self._ends: dict[str, list[asyncio.Event]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, key: str, count: int = 1, *, signed_in: bool = True) -> None:
        for _ in range(count):
            task = asyncio.create_task(self._run(AdmissionClient(key, signed_in)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await self.settle()

    async def _run(self, client: AdmissionClient) -> None:
        try:
            async with self.admission.slot(client):
                end = asyncio.Event()
                self.running.append(client.key)
                self._ends.setdefault(client.key, []).append(end)
                try:
                    await end.wait()
                finally:
                    self.running.remove(client.key)
                    self._ends[client.key].remove(end)
        except ServiceUnavailable:
            self.rejected.append(client.key)

    async def end(self, key: str) -> None:
        self._ends[key][0].set()
        await self.settle()

    async def advance(self, clock: Clock, seconds: float) -> None:
        """Let time pass with a responsive event loop."""
        for _ in range(round(seconds / TICK_SECONDS)):
            clock.now += TICK_SECONDS
            self.tick()
        await self.settle()

    def tick(self) -> None:
        if self.admission._tick is not None:
            self.admission._tick.cancel()
            self.admission._on_tick()

    async def cancel_one(self, random: Random) -> None:
        """A running or a waiting one."""
        random.choice(sorted(self._tasks, key=lambda task: task.get_name())).cancel()
        await self.settle()

    async def cancel_all(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @staticmethod
    async def settle() -> None:
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_client_runs_few_operations_concurrently(clock: Clock) -> None:
    load = Load(Admission(8, clock=clock))
    await load.start("many", 50)
    assert load.running == ["many"] * RUNNING_PER_CLIENT
    # Its own operations are no overload, however long they take.
    await load.advance(clock, 10 * MAX_WAIT_SECONDS)
    await load.end("many")
    assert load.running.count("many") == RUNNING_PER_CLIENT
    assert load.rejected == []
    await load.start("many", WAITING_PER_CLIENT)
    assert 0 < len(load.rejected) < 50
    await load.cancel_all()
    assert load.admission.waiting == 0


async def test_heavy_client_runs_one_operation_while_others_are_light(clock: Clock) -> None:
    load = Load(Admission(64, clock=clock))
    # The first operations of a burst are no other client.
    await load.start("heavy", RUNNING_PER_CLIENT + 2 * MAX_WAITING_OF_LIGHT_CLIENT)
    await load.end("heavy")
    assert load.running == ["heavy"] * RUNNING_PER_CLIENT
    # A light client starts immediately, as often as it may.
    await load.start("light", RUNNING_PER_CLIENT + 1)
    assert load.running[RUNNING_PER_CLIENT:] == ["light"] * RUNNING_PER_CLIENT
    for remaining in (3, 2, 1, 1):
        await load.end("heavy")
        assert load.running.count("heavy") == remaining
    await load.end("light")
    assert load.running.count("light") == RUNNING_PER_CLIENT
    # Until the light client has not started anything for a while.
    await load.advance(clock, LIGHT_CLIENT_SECONDS - TICK_SECONDS)
    assert load.running.count("heavy") == 1
    await load.advance(clock, 2 * TICK_SECONDS)
    assert load.running.count("heavy") == RUNNING_PER_CLIENT
    assert load.rejected == []
    await load.cancel_all()


async def test_heavy_clients_do_not_slow_each_other_down(clock: Clock) -> None:
    load = Load(Admission(64, clock=clock))
    keys = ("first", "second")
    for key in keys:
        await load.start(key, RUNNING_PER_CLIENT + 2 * MAX_WAITING_OF_LIGHT_CLIENT)
    await load.advance(clock, LIGHT_CLIENT_SECONDS + TICK_SECONDS)
    for key in keys:
        await load.end(key)
        assert load.running.count(key) == RUNNING_PER_CLIENT
    # A client with fewer waiting operations is a light one, however many the others have.
    await load.start("light", RUNNING_PER_CLIENT + MAX_WAITING_OF_LIGHT_CLIENT)
    await load.end("light")
    await load.end("first")
    assert [load.running.count(key) for key in (*keys, "light")] == [3, RUNNING_PER_CLIENT, RUNNING_PER_CLIENT]
    await load.cancel_all()


async def test_clients_take_turns(clock: Clock) -> None:
    load = Load(Admission(8, clock=clock))
    await load.start("first", 4)
    await load.start("second", 4)
    await load.start("first", 10)
    await load.start("second", 10)
    await load.start("late")
    await load.start("anonymous", signed_in=False)
    assert load.admission.waiting == 22
    # It is the turn of each once, and then the first one's again: anonymous clients wait.
    turns = []
    for _ in range(2):
        for key in ("first", "second"):
            await load.end(key)
            turns.append(load.running[-1])
    assert turns == ["first", "second", "late", "first"]
    await load.cancel_all()


async def test_anonymous_clients_wait_for_signed_in_ones(clock: Clock) -> None:
    load = Load(Admission(8, clock=clock))
    for number in range(8):
        await load.start(f"running {number}")
    await load.start("anonymous", signed_in=False)
    await load.start("signed in")
    await load.end("running 0")
    assert load.running[-1] == "signed in"
    await load.end("running 1")
    assert load.running[-1] == "anonymous"
    await load.cancel_all()


async def test_operations_that_would_wait_too_long_are_rejected(clock: Clock) -> None:
    """0.3 s pass between two ends: the third in the queue waits for less than a second, and the fourth does not."""
    admission = Admission(8, clock=clock)
    load = Load(admission)
    for number in range(8):
        await load.start(f"running {number}")
    for number in range(4):
        await load.start(f"waiting {number}")
    for _ in range(2):
        await load.advance(clock, 0.3)
        await load.end(load.running[0])
    await load.start("third")
    with pytest.raises(ServiceUnavailable) as rejected:
        async with admission.slot(AdmissionClient("fourth", signed_in=True)):
            pass
    assert rejected.value.extensions["retryAfter"] == 1
    assert rejected.value.extensions["limit"] == "MAX_RUNNING_OPERATIONS"
    # A queue that is never empty only makes everyone wait.
    await load.end(load.running[0])
    await load.advance(clock, MAX_WAIT_SECONDS / 2)
    await load.start("another third")
    assert load.rejected == ["waiting 3", "another third"]
    await load.cancel_all()


async def test_slow_operations_do_not_reject_later_ones(clock: Clock) -> None:
    """What was measured of one queue says nothing of the next one."""
    load = Load(Admission(8, clock=clock))
    for number in range(8):
        await load.start(f"slow {number}")
    for number in range(3):
        await load.start(f"waiting {number}")
    for _ in range(11):
        await load.advance(clock, 0.3)
        await load.end(load.running[0])
    assert load.running == []
    for number in range(12):
        await load.start(f"fast {number}")
    assert (len(load.running), load.admission.waiting, load.rejected) == (8, 4, [])
    await load.cancel_all()


async def test_overload_that_pauses_admits_no_whole_queue(clock: Clock) -> None:
    """After all that waited were rejected, as many operations wait as have a turn in time, and not all that come."""
    load = Load(Admission(8, clock=clock))
    for number in range(8):
        await load.start(f"running {number}")
    for number in range(3):
        await load.start(f"waiting {number}")
    for _ in range(2):
        await load.advance(clock, 0.3)
        await load.end(load.running[0])
    # Nothing ends from now on.
    await load.advance(clock, MAX_WAIT_SECONDS)
    assert (load.admission.waiting, len(load.rejected)) == (0, 1)
    for number in range(10):
        await load.start(f"later {number}")
    assert (load.admission.waiting, len(load.rejected)) == (3, 8)
    # A later queue may consist of other operations.
    await load.advance(clock, 3 * MAX_WAIT_SECONDS)
    assert load.admission.waiting == 0
    last = [AdmissionClient(f"last {number}", signed_in=True) for number in range(10)]
    for client in last:
        assert not load.admission.must_reject(client)
        load.admission.expect(client)
    for client in last:
        await load.start(client.key)
    assert load.admission.waiting == 10
    await load.cancel_all()


async def test_operations_that_end_together_are_measured_together(clock: Clock) -> None:
    """Eight that end in one iteration of the event loop, every 0.4 s, are 20 in a second."""
    load = Load(Admission(8, clock=clock))
    for number in range(8):
        await load.start(f"running {number}")
    for number in range(33):
        await load.start(f"waiting {number}")
    for _ in range(3):
        await load.advance(clock, 0.4)
        for key in list(load.running):
            await load.end(key)
    assert load.admission._interval == pytest.approx(0.05, rel=0.3)
    await load.cancel_all()


async def test_operations_do_not_wait_for_those_that_do_not_end(clock: Clock) -> None:
    """If none of eight ended in 0.48 s, one ends every 0.06 s at best: the 17th in the queue waits for too long."""
    load = Load(Admission(8, clock=clock))
    for number in range(8):
        await load.start(f"running {number}")
    await load.start("first")
    clock.now += 0.48
    for number in range(20):
        await load.start(f"waiting {number}")
    assert (load.admission.waiting, len(load.rejected)) == (16, 5)
    await load.cancel_all()


async def test_started_requests_count_before_they_wait(clock: Clock) -> None:
    """Those of an iteration of the event loop, of which none has entered; a client's own requests delay no others."""
    admission = Admission(8, clock=clock)
    load = Load(admission)
    assert not admission.is_full
    for number in range(8):
        await load.start(f"running {number}")
    assert admission.is_full
    await load.start("waiting")
    admission._interval = 0.3
    heavy, light = AdmissionClient("heavy", signed_in=True), AdmissionClient("light", signed_in=True)
    anonymous = AdmissionClient("anonymous", signed_in=False)
    for expected in (False, False, True, True):
        assert admission.must_reject(heavy) is expected
        admission.expect(heavy)
    assert not admission.must_reject(light)
    assert admission.must_reject(anonymous)
    await load.settle()
    assert not admission.must_reject(heavy)
    assert not admission.must_reject(anonymous)
    for _ in range(WAITING_PER_CLIENT):
        admission.expect(heavy)
    assert admission.must_reject(heavy)
    await load.cancel_all()


async def test_small_limit_does_not_rise_with_the_lag(clock: Clock) -> None:
    load = Load(Admission(2, clock=clock))
    for number in range(3):
        await load.start(f"client {number}")
    clock.now += MAX_WAIT_SECONDS / 2
    load.tick()
    assert (load.admission.limit.value, len(load.running)) == (2, 2)
    await load.cancel_all()


async def test_limit_follows_the_lag_of_the_event_loop(clock: Clock) -> None:
    """It falls while timers are late, and rises while they are on time; then all that wait are admitted."""
    admission = Admission(64, clock=clock)
    load = Load(admission)
    for number in range(70):
        await load.start(f"client {number}")
    assert len(load.running) == 64

    for _ in range(3):
        clock.now += TICK_SECONDS + 0.1
        load.tick()
    assert 40 < admission.limit.value < 50
    for _ in range(20):
        await load.end(load.running[0])
    # As many end as the limit has fallen, before the next one starts.
    assert len(load.running) == admission.limit.value
    await load.advance(clock, 20 * TICK_SECONDS)
    assert (admission.limit.value, admission.waiting, load.rejected) == (64, 0, [])
    await load.cancel_all()


async def test_stall_of_the_event_loop_is_no_waiting(clock: Clock) -> None:
    """A process that was stopped rejects nothing that waited: the operations before had no time either."""
    admission = Admission(8, clock=clock)
    load = Load(admission)
    for number in range(8):
        await load.start(f"running {number}")
    await load.start("waiting")
    clock.now += 5 * MAX_WAIT_SECONDS
    load.tick()
    await load.settle()
    assert load.rejected == []
    # The end of an operation may be handled before the timer.
    await load.end("running 0")
    await load.start("waiting again")
    clock.now += 5 * MAX_WAIT_SECONDS
    await load.end("running 1")
    load.tick()
    assert load.rejected == []
    # How long the operations seemed to take rejects no others.
    await load.start("waiting longer")
    await load.start("waiting after it")
    assert (load.rejected, admission.waiting) == ([], 2)
    # Operations that run for as long as that do.
    await load.advance(clock, MAX_WAIT_SECONDS + 2 * TICK_SECONDS)
    assert load.rejected == ["waiting longer", "waiting after it"]
    await load.cancel_all()


@pytest.mark.parametrize("seed", range(5))
async def test_slots_are_neither_lost_nor_doubled(clock: Clock, seed: int) -> None:
    """Random starts, ends and cancellations."""
    random, admission = Random(seed), Admission(8, clock=clock)
    load = Load(admission)
    for _ in range(300):
        clock.now += random.random() / 100
        action = random.random()
        if action < 0.6:
            await load.start(f"client {random.randrange(6)}", signed_in=random.random() < 0.5)
        elif action < 0.9 and load.running:
            await load.end(random.choice(load.running))
        elif load.running:
            await load.cancel_one(random)
        assert admission._count == sum(admission._running.values()) <= 8
        assert all(count <= RUNNING_PER_CLIENT for count in admission._running.values())
    await load.cancel_all()
    assert (admission._count, admission.waiting, admission._running) == (0, 0, {})


async def test_overloaded_server_rejects_before_it_authenticates(writable_database_url: str, redis_url: str) -> None:
    """With all slots taken by operations that wait for a lock, cached responses are served."""
    query, cached = "{ viewer { id } }", {"query": "{ jlptContentStats { bookCount } }"}
    async with (
        client_of(writable_database_url, redis_url, max_running_operations=8) as client,
        AsyncExitStack() as stack,
    ):
        for _ in range(3):
            await client.http.post("/graphql", json=cached)
        # A token that is not verified yet counts as its address. New tokens of a second differ.
        signed_in = [{"Authorization": f"Bearer {client.token(f'user {number}')}"} for number in range(8)]
        for headers in signed_in:
            await client.run(query, headers=headers)
        before = limit_counts()["MAX_RUNNING_OPERATIONS"]
        observer = await stack.enter_async_context(locked(writable_database_url, "user_settings"))
        running = [
            asyncio.create_task(client.run("{ viewer { settings { timeZone } } }", headers=headers))
            for headers in signed_in
        ]
        await until_waiting(observer, len(running))
        response = await client.http.post("/graphql", json={"query": "{ __typename }"})
        assert (response.status_code, codes(response)) == (503, ["SERVICE_UNAVAILABLE"])
        assert int(response.headers["Retry-After"]) >= 1
        assert limit_counts()["MAX_RUNNING_OPERATIONS"] == before + 1
        # Nothing waits now.
        assert (await client.http.post("/graphql", json=cached)).json()["data"]["jlptContentStats"]
        await stack.aclose()
        assert [answer.error_codes for answer in await asyncio.gather(*running)] == [[]] * 8
