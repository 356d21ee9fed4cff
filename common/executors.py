"""Threads for work that would block the event loop: an executor for each kind, so that one that stalls stops no other.

The event loop's own executor is left to the event loop, which resolves host names there: that may hang for seconds.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

ResultT = TypeVar("ResultT")
Parameters = ParamSpec("Parameters")

# Work of the processor alone, such as compressing: it takes its time, and always ends.
COMPUTING = ThreadPoolExecutor(min(8, (os.cpu_count() or 1) + 2), "computing")
# New documents, one after the other: several at once would leave the event loop a smaller share of the processor.
DOCUMENTS = ThreadPoolExecutor(1, "documents")
# Files, on a disk that may hang.
FILES = ThreadPoolExecutor(8, "files")
# Keys that are fetched from a server which may not answer.
KEYS = ThreadPoolExecutor(1, "keys")


async def run_in(
    executor: ThreadPoolExecutor,
    function: Callable[Parameters, ResultT],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> ResultT:
    """As `asyncio.to_thread`, in this executor."""
    call = partial(copy_context().run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(executor, call)
