"""A limit of concurrent operations that follows the lag of the event loop."""

# A timer that is later than this shows that more operations run than the processor can serve.
_HIGH_LAG_SECONDS, _LOW_LAG_SECONDS = 0.02, 0.01
_MIN_LIMIT = 8


class AdaptiveLimit:
    """Falls while timers are late, because the operations that run then only slow each other down; rises again while
    they are on time. `maximum`: the highest limit.
    """

    __slots__ = ("_limit", "maximum")

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self._limit = float(maximum)

    @property
    def value(self) -> int:
        """The current limit."""
        return int(self._limit)

    @property
    def is_lowered(self) -> bool:
        return self._limit < self.maximum

    def adapt(self, lag: float) -> None:
        """Change the limit by how late a timer is, in seconds."""
        if lag > _HIGH_LAG_SECONDS:
            self._limit = max(min(_MIN_LIMIT, self.maximum), self._limit * 0.9)
        elif lag < _LOW_LAG_SECONDS:
            self._limit = min(self.maximum, self._limit + 1)
