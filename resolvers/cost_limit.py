"""The resolver of the rate limit by cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from resolvers.context import Info


@dataclass(frozen=True, slots=True)
class CostLimitState:
    """A client's bucket. `full_at`: when it will be full without further operations."""

    maximum: int
    available: int
    restore_rate: int
    full_at: datetime


def rate_limit(info: Info) -> CostLimitState | None:
    budget = info.context.budget
    if budget is None:
        return None
    plan, available = budget.plan, budget.available
    missing = timedelta(seconds=(plan.maximum - available) / plan.restore_rate)
    return CostLimitState(plan.maximum, available, plan.restore_rate, info.context.now + missing)
