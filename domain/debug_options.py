"""What a response shows of its execution, on demand."""

from typing import NamedTuple


class DebugOptions(NamedTuple):
    """`statistics`: `extensions.stats`. `fields`: resolvers record spans. `trace`: `extensions.trace`. `plans`: of the
    statements in it.
    """

    statistics: bool = False
    fields: bool = False
    trace: bool = False
    plans: bool = False


NO_DEBUG_OPTIONS = DebugOptions()
