"""The circuit breaker opens after repeated failures and lets one probe through at a time."""

from cache.redis.circuit_breaker import FAILURE_THRESHOLD, RESET_TIMEOUT_SECONDS, CircuitBreaker


def test_breaker_opens_after_consecutive_failures_and_closes_on_success() -> None:
    clock, opened = [0.0], []
    breaker = CircuitBreaker(lambda: clock[0])
    breaker.on_open.append(lambda: opened.append(clock[0]))
    for _ in range(FAILURE_THRESHOLD - 1):
        breaker.record_failure("down")
    breaker.record_success()
    for _ in range(FAILURE_THRESHOLD - 1):
        breaker.record_failure("down")
    assert not breaker.is_open
    assert breaker.allow()
    breaker.record_failure("down")
    assert breaker.is_open
    assert opened == [0.0]
    assert not breaker.allow()


def test_open_breaker_lets_one_probe_through_at_a_time() -> None:
    clock = [0.0]
    breaker = CircuitBreaker(lambda: clock[0])
    for _ in range(FAILURE_THRESHOLD):
        breaker.record_failure("down")
    clock[0] = RESET_TIMEOUT_SECONDS
    assert [breaker.allow() for _ in range(3)] == [True, False, False]
    breaker.record_failure("down")
    assert not breaker.allow()
    clock[0] = 2 * RESET_TIMEOUT_SECONDS
    assert breaker.allow()
    breaker.record_success()
    assert [breaker.allow() for _ in range(3)] == [True, True, True]
