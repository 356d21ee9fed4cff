"""Limits how long one operation waits for database connections in total."""

from contextvars import ContextVar


class WaitBudget:
    """Sums the waits of one operation. Waits of concurrent fields overlap and count once."""

    __slots__ = ("_waited", "_waiters", "_waiting_since")

    def __init__(self) -> None:
        self._waited = 0.0
        self._waiters = 0
        self._waiting_since = 0.0

    def start(self, now: float, timeout: float) -> float:
        """Return the deadline of a wait, given the total timeout in seconds."""
        if not self._waiters:
            self._waiting_since = now
        self._waiters += 1
        return self._waiting_since + timeout - self._waited

    def end(self, now: float) -> None:
        self._waiters -= 1
        if not self._waiters:
            self._waited += now - self._waiting_since


_current: ContextVar[WaitBudget | None] = ContextVar("wait_budget", default=None)


class shared_wait_budget:
    """Context manager that gives an operation and the tasks it starts a wait budget of their own."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _current.set(WaitBudget())

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def current_wait_budget() -> WaitBudget | None:
    """Return None outside of client operations, where each wait has the full timeout."""
    return _current.get()
