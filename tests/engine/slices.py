"""Runs that let other tasks run as often as they can."""

import math
from typing import Any

from engine.run.budget import ResultLimits, Turn
from engine.run.context import Run
from engine.run.execute import execute
from tests.engine.planned_executor import PlannedExecutor, try_plan

# It is over before it begins.
SLICED = ResultLimits(turn=Turn(-math.inf))


def use_up_turn(run: Run) -> Run:
    """From now on it looks at the clock after each value."""
    run.limits = SLICED
    run.left = 0
    return run


class SlicedExecutor(PlannedExecutor):
    """Defers the rest of each list after each of its items."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        run = try_plan(self, serially)
        return super().execute_operation(serially) if run is None else execute(use_up_turn(run))
