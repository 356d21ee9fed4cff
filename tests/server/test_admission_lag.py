"""The number of admitted operations follows the lag of the event loop, which is no waiting."""

from server.http.admission import MAX_WAIT_SECONDS, TICK_SECONDS, Admission
from tests.server.admission_load import Clock, Load, clock

__all__ = ["clock"]


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
