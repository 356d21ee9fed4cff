"""Loaders about the performance of the platform."""

from collections.abc import Sequence
from functools import cached_property

from domain.diagnostics import MAX_PLANS
from loaders.base import Loader, LoaderGroup


class PlansByStatement(Loader[str, str | None]):
    """The plans of statements by name; None for those of which this process knows no SQL, and beyond a limit."""

    async def load_keys(self, keys: Sequence[str]) -> list[str | None]:
        plans = await self.reads.generic_plans(keys[:MAX_PLANS])
        return [plans.get(name) for name in keys]


class DiagnosticLoaders(LoaderGroup):
    @cached_property
    def plan_by_statement(self) -> PlansByStatement:
        return PlansByStatement(self.reads, self._running)
