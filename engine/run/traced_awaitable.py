"""The awaitable of a resolver that records a span."""

import asyncio
from collections.abc import Awaitable, Generator
from typing import Any

from common.tracing.span_types import FIELD
from common.tracing.trace import span


class TracedAwaitable:
    """`coordinates`: of the field. A coroutine could not close the one in it before it has started."""

    def __init__(self, value: Awaitable[object], coordinates: str) -> None:
        self._value = value
        self._coordinates = coordinates

    def __await__(self) -> Generator[Any, Any, object]:
        with span(FIELD, self._coordinates):
            return (yield from self._value.__await__())

    def close(self) -> None:
        if asyncio.iscoroutine(self._value):
            self._value.close()
