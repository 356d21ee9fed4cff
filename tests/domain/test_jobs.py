"""Job statuses have valid transitions, and retries have exponential backoff."""

from datetime import timedelta

from domain.enums import JobKind, JobStatus
from domain.jobs import POLICIES, RETRYABLE, TERMINAL, TRANSITIONS, predecessors


def test_every_status_is_reachable() -> None:
    assert set(TRANSITIONS) == set(JobStatus)
    assert {after for followers in TRANSITIONS.values() for after in followers} == set(JobStatus)
    assert predecessors(JobStatus.SUCCEEDED) == (JobStatus.RUNNING,)
    assert set(predecessors(JobStatus.CANCELLED)) == {JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.RETRYING}


def test_terminal_job_restarts_only_by_retry() -> None:
    for status in TERMINAL:
        assert TRANSITIONS[status] == (frozenset({JobStatus.QUEUED}) if status in RETRYABLE else frozenset())


def test_retry_delay_doubles_with_jitter() -> None:
    policy = POLICIES[JobKind.GENERATE_TEXTBOOK]
    for attempts, minutes in ((1, 1), (2, 2), (3, 4), (4, 8)):
        delays = {policy.retry_delay(attempts) for _ in range(200)}
        assert len(delays) > 100
        assert min(delays) >= timedelta(minutes=minutes) * 0.8
        assert max(delays) <= timedelta(minutes=minutes) * 1.2
