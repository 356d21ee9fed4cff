"""Runs that yield to other tasks as often as possible."""

import math
from typing import Any

from engine.budget import ResultLimits, Turn
from engine.run.context import ExecutionContext
from engine.run.execute import execute
from tests.engine.planned_executor import PlannedExecutor, try_plan

# A turn that is always over.
SLICED = ResultLimits(turn=Turn(-math.inf))


def use_up_turn(run: ExecutionContext) -> ExecutionContext:
    """The run checks the clock after each value from now on."""
    run.limits = SLICED
    run.remaining = 0
    return run


class SlicedExecutor(PlannedExecutor):
    """Defers the remaining items of a list after each item."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        run = try_plan(self, serially)
        return super().execute_operation(serially) if run is None else execute(use_up_turn(run))
