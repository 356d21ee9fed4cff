"""Operations take turns by client, and no slot is lost."""

from random import Random

import pytest

from server.http.admission import (
    LIGHT_CLIENT_SECONDS,
    MAX_WAIT_SECONDS,
    MAX_WAITING_OF_LIGHT_CLIENT,
    RUNNING_PER_CLIENT,
    TICK_SECONDS,
    WAITING_PER_CLIENT,
    Admission,
)
from tests.server.admission_load import Clock, Load, clock

__all__ = ["clock"]


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
