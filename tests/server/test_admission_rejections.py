"""Operations that would wait too long are rejected, and no others."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from domain.errors import ServiceUnavailable
from server.http.admission import MAX_WAIT_SECONDS, WAITING_PER_CLIENT, Admission, AdmissionClient
from server.observability.error_log import limit_counts
from tests.clients import client_of
from tests.requests import codes
from tests.server.admission_load import Clock, Load, clock
from tests.server.test_interruptions import locked, until_waiting

__all__ = ["clock"]


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
