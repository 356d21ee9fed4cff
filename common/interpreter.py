"""Settings of the Python interpreter for processes that serve requests or run jobs."""

import gc
import sys

# A response, or a batch of a job, creates thousands of objects, none of which is part of a cycle: with Python's default
# of 700 allocations garbage collection takes a quarter of a request's time. The validation of a new document leaves
# cycles, which are collected while they are young. Evicted documents and plans have none.
_GC_THRESHOLDS = (50_000, 5, 2)

# While a thread computes, for example parses a document, the event loop waits this long each time it has been in a
# system call. Python's default of 5 ms made requests take four times as long next to it.
_SWITCH_INTERVAL_SECONDS = 0.0005


def tune_interpreter() -> None:
    """Collect garbage less often, exclude everything allocated so far, which lives as long as the process, and give the
    event loop precedence over threads.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    sys.setswitchinterval(_SWITCH_INTERVAL_SECONDS)
