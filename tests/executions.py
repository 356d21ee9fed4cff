"""The two ways in which operations are executed: by plans, or by graphql-core where plans do not support them."""

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
    """In this process, every operation falls back to graphql-core, or none that plans support."""
    with pytest.MonkeyPatch.context() as patch:
        if execution == "graphql-core":
            patch.setattr(PlanCache, "plan", _unsupported)
        yield


def _unsupported(_plans: PlanCache, _variables: VariableValues) -> Plan:
    raise Unsupported("test")
