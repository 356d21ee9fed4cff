"""Settings of the garbage collector."""

import gc

# A response, or a batch of a job, creates thousands of objects, none of which is part of a cycle: with Python's default
# of 700 allocations garbage collection takes a quarter of a request's time. The validation of a new document leaves
# cycles, which are collected while they are young. Evicted documents and plans have none.
_THRESHOLDS = (50_000, 5, 2)


def tune_garbage_collection() -> None:
    """Collect less often, and exclude everything allocated so far, which lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
