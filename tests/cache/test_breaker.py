"""What fails is left alone for a while, and tried again."""

from cache.redis.circuit_breaker import FAILURES, PAUSE_SECONDS, Breaker


def test_it_opens_after_failures_in_a_row_and_closes_with_a_success() -> None:
    clock, opened = [0.0], []
    breaker = Breaker(lambda: clock[0])
    breaker.on_open.append(lambda: opened.append(clock[0]))
    for _ in range(FAILURES - 1):
        breaker.failed("down")
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        breaker.failed("down")
    assert not breaker.is_open
    assert breaker.lets_through()
    breaker.failed("down")
    assert breaker.is_open
    assert opened == [0.0]
    assert not breaker.lets_through()


def test_an_open_one_lets_one_try_through_at_a_time() -> None:
    clock = [0.0]
    breaker = Breaker(lambda: clock[0])
    for _ in range(FAILURES):
        breaker.failed("down")
    clock[0] = PAUSE_SECONDS
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    breaker.failed("down")
    assert not breaker.lets_through()
    clock[0] = 2 * PAUSE_SECONDS
    assert breaker.lets_through()
    breaker.succeeded()
    assert [breaker.lets_through() for _ in range(3)] == [True, True, True]
