"""Charges clients for the cost of operations: the estimate is reserved, and what was not delivered is refunded."""

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

from cache.redis.cost_limits import ClientBudget
from common.metrics.instruments import Counter
from domain.errors import BadUserInput
from engine.request.operations import Operation

# An operation that fails costs this much for each millisecond, at most its estimate.
FAILED_COST_PER_MS = 1
# What measuring an operation costs. An explanation, also of an operation that is executed, costs its time, in units of
# 15 µs like other computation; more is reserved, and the rest refunded.
DRY_RUN_COST = 10
_MAX_EXPLANATION_COST = 1_000
_UNITS_PER_SECOND = 65_000
_NAMES = {"dryRun", "explain"}
_COST = Counter(
    "shinjp_operation_cost",
    "Units of cost of executed operations: estimated, and delivered.",
    ("state",),
    known=[("estimated",), ("delivered",)],
)
_ESTIMATED, _DELIVERED = _COST["estimated",], _COST["delivered",]


class CostOptions(NamedTuple):
    """What the client requests in `extensions.cost` of a request.

    `is_shown`: whether the response has `extensions.cost`. `dry_run`: the operation is measured, and not executed.
    `explain`: the estimate is divided by schema coordinates.
    """

    is_shown: bool = False
    dry_run: bool = False
    explain: bool = False

    @classmethod
    def parse(cls, extensions: Mapping[str, Any]) -> "CostOptions":
        """Raises BadUserInput."""
        if "cost" not in extensions:
            return NO_COST_OPTIONS
        found = extensions["cost"]
        if not isinstance(found, dict) or not found.keys() <= _NAMES or not all(map(_is_bool, found.values())):
            raise BadUserInput("`extensions.cost` must be an object; its Boolean fields are `dryRun` and `explain`.")
        return cls(True, found.get("dryRun", False), found.get("explain", False))


NO_COST_OPTIONS = CostOptions()


class CostCharge:
    """For `with`: the reserved cost of one operation, settled on exit. An explanation is charged when it is computed.

    `requested`: the estimate. `actual`: what was delivered; known on exit. `budget`: None if cost is not limited.
    """

    __slots__ = ("_explanation", "_operation", "_started_at", "actual", "budget", "requested")

    def __init__(self, operation: Operation, budget: ClientBudget | None) -> None:
        self.requested = operation.cost.cost
        self.actual: int | None = None
        self.budget = budget
        self._operation = operation
        self._explanation: Mapping[str, int] = {}
        self._started_at = 0.0

    @classmethod
    async def reserve(cls, operation: Operation, budget: ClientBudget | None, options: CostOptions) -> Self:
        """Raises CostLimited."""
        charge = cls(operation, budget)
        if options.explain:
            await charge._explain()
        if budget is not None:
            await budget.reserve(charge.requested)
        return charge

    async def measure(self, options: CostOptions) -> dict[str, Any]:
        """Return `extensions.cost` of a dry run, and charge the computation. Raises CostLimited."""
        if self.budget is not None:
            await self.budget.reserve(DRY_RUN_COST)
        if options.explain:
            await self._explain()
        return self.extension(options)

    def deliver(self, data: Mapping[str, Any] | None) -> None:
        """Record the data of the response."""
        if data is not None:
            # Fields that are selected twice for different types may count twice.
            self.actual = min(self._operation.prepared.delivered_cost.of(data), self.requested)

    def extension(self, options: CostOptions) -> dict[str, Any]:
        """Return `extensions.cost`."""
        found: dict[str, Any] = {"requested": self.requested, "actual": self.actual}
        budget = self.budget
        if budget is not None:
            plan = budget.plan
            found["throttle"] = {
                "maximum": plan.maximum, "available": budget.available, "restoreRate": plan.restore_rate
            }  # fmt: skip
        if options.explain:
            found["byCoordinate"] = self._explanation
        return found

    async def _explain(self) -> None:
        """Divide the estimate, and charge the computation. Raises CostLimited."""
        budget, reserved = self.budget, 0
        if budget is not None:
            reserved = min(_MAX_EXPLANATION_COST, budget.plan.maximum)
            await budget.reserve(reserved)
        started_at = time.perf_counter()
        operation = self._operation
        self._explanation = operation.prepared.explain(operation.variables).coordinates()
        if budget is not None:
            budget.refund(reserved - int((time.perf_counter() - started_at) * _UNITS_PER_SECOND))

    def __enter__(self) -> Self:
        self._started_at = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.actual is None or kind is not None:
            milliseconds = int((time.perf_counter() - self._started_at) * 1000)
            self.actual = min(1 + FAILED_COST_PER_MS * milliseconds, self.requested)
        _ESTIMATED.add(self.requested)
        _DELIVERED.add(self.actual)
        if self.budget is not None:
            self.budget.refund(self.requested - self.actual)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)
