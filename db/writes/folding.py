"""Cards are folded from their logs without keeping other requests waiting."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")

# An answer takes 5 to 20 µs. So many at once hold up the event loop for a few milliseconds at most.
_ANSWERS_AT_ONCE = 200


async def folded(fold: Callable[[], ResultT], answers: int) -> ResultT:
    """What `fold` returns, which goes through so many answers: in a thread where they are many."""
    return fold() if answers <= _ANSWERS_AT_ONCE else await asyncio.to_thread(fold)
