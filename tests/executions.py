"""Selects how operations are executed: by plans, or by the fallback to graphql-core."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from graphql.execution import VariableValues

from engine.nodes import Plan
from engine.plan.planner import Unsupported
from engine.request.plan_cache import PlanCache

EXECUTIONS = ("plans", "graphql-core")


@contextmanager
def executed_by(execution: str) -> Iterator[None]:
    """Makes every operation of this process fall back to graphql-core, or only those that plans do not support."""
    with pytest.MonkeyPatch.context() as patch:
        if execution == "graphql-core":
            patch.setattr(PlanCache, "plan", _unsupported)
        yield


def _unsupported(_plans: PlanCache, _variables: VariableValues, **_: object) -> Plan:
    raise Unsupported("test")
