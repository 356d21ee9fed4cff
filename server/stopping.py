"""A server waits for its answers to end before it stops. Streams end when they are told."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn


@contextmanager
def told_of_stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Calls `stop` in the event loop when uvicorn is told to stop: it tells an application when all answers ended."""
    loop = asyncio.get_running_loop()
    replaced: dict[signal.Signals, Callable[[int, FrameType | None], object]] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if callable(handler) and isinstance(getattr(handler, "__self__", None), uvicorn.Server):
            replaced[number] = handler

    def tell(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)
        replaced[signal.Signals(number)](number, frame)

    for number in replaced:
        signal.signal(number, tell)
    try:
        yield
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)
