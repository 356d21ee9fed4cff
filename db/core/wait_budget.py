"""How long one operation waits for connections, all of its waits together."""

from contextvars import ContextVar


class WaitBudget:
    """Of one operation, whose fields may wait one after another and at the same time: the latter counts once."""

    __slots__ = ("_waited", "_waiters", "_waiting_since")

    def __init__(self) -> None:
        self._waited = 0.0
        self._waiters = 0
        self._waiting_since = 0.0

    def begin(self, now: float, timeout: float) -> float:
        """Until when one more may wait, of `timeout` seconds in all."""
        if not self._waiters:
            self._waiting_since = now
        self._waiters += 1
        return self._waiting_since + timeout - self._waited

    def end(self, now: float) -> None:
        self._waiters -= 1
        if not self._waiters:
            self._waited += now - self._waiting_since


_current: ContextVar[WaitBudget | None] = ContextVar("wait_budget", default=None)


class one_wait_budget:
    """For `with`: an operation and the tasks that it starts have one, which begins anew."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _current.set(WaitBudget())

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def current_wait_budget() -> WaitBudget | None:
    """None for what is no operation of a client: each of its waits has the time-out for itself."""
    return _current.get()
