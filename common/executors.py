"""Thread pools for blocking work, one for each kind, so that a stalled pool does not affect the others.

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

# CPU-bound work, such as compression.
COMPUTING = ThreadPoolExecutor(min(8, (os.cpu_count() or 1) + 2), "computing")
# Parsing of new documents, one at a time: several would leave the event loop a smaller share of the CPU.
DOCUMENTS = ThreadPoolExecutor(1, "documents")
# File I/O.
FILES = ThreadPoolExecutor(8, "files")
# The mail server, one connection at a time.
EMAILS = ThreadPoolExecutor(1, "emails")
# Fetches of signing keys.
KEYS = ThreadPoolExecutor(1, "keys")


async def run_in(
    executor: ThreadPoolExecutor,
    function: Callable[Parameters, ResultT],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> ResultT:
    """Like `asyncio.to_thread`, with an executor."""
    call = partial(copy_context().run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(executor, call)
