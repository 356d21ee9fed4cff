"""The plans of one operation: one for each combination of the variables that its @skip and @include name."""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from graphql import (
    DirectiveNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution import VariableValues

from common.lru_cache import LRUCache
from engine.caching.planner import cache_fields
from engine.caching.policy import CachePolicies
from engine.codegen.compiler import compile_plan
from engine.plan.footprint import CyclicGarbage, Footprint
from engine.plan.nodes import Plan
from engine.plan.planner import MAX_FIELDS, Unsupported, planned

MAX_PLANS = 16

# What an operation takes in memory before it has a plan.
_OPERATION_BYTES = 4_000

# An operation that comes only once is not worth the source.
COMPILED_AT_RUN = 2
# To compile takes about 25 µs a field, in which the event loop does nothing else.
MAX_COMPILED_FIELDS = 800


def count_run(plan: Plan) -> None:
    """Before each run: the plan is compiled for the second, unless it is large."""
    plan.runs += 1
    if plan.runs == COMPILED_AT_RUN and plan.field_count <= MAX_COMPILED_FIELDS:
        compile_plan(plan)


class OperationPlans:
    """Of one operation, whose fragments are among `fragments`. `policies`: which fields' values are kept.

    `footprint`: of the operation, to which each plan adds its own. `garbage`: is told of evicted plans.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        *,
        field_resolver: Callable[..., Any] | None = None,
        type_resolver: Callable[..., Any] | None = None,
        policies: CachePolicies | None = None,
        footprint: Footprint | None = None,
        garbage: CyclicGarbage | None = None,
        max_fields: int = MAX_FIELDS,
    ) -> None:
        self._policies = policies
        self.footprint = footprint or Footprint()
        self._garbage = garbage
        self._max_fields = max_fields
        self._schema = schema
        self._operation = operation
        self._fragments = fragments
        self._resolvers = {"field_resolver": field_resolver, "type_resolver": type_resolver}
        directives = _directives_of(operation, fragments)
        self._unsupported = directives.unsupported
        self._directive_variables = tuple(directives.variables)
        self.footprint.add(_OPERATION_BYTES)
        # In number alone: who caches the operation bounds its footprint, which has all plans.
        self._plans: LRUCache[tuple[Any, ...], Plan] = LRUCache(
            sys.maxsize, lambda _, plan: plan.footprint.bytes, max_entries=MAX_PLANS, on_evict=self._evicted
        )

    def plan(self, variables: VariableValues) -> Plan:
        """The plan for these variables, compiled when it is asked for again.

        Raises Unsupported, and OperationTooComplex.
        """
        if self._unsupported is not None:
            raise Unsupported(self._unsupported)
        key = tuple([variables.coerced.get(name) for name in self._directive_variables])
        plan = self._plans.get(key)
        if plan is None:
            plan = self._planned(variables)
            self._plans.put(key, plan)
        count_run(plan)
        return plan

    def _planned(self, variables: VariableValues) -> Plan:
        # A plan knows no other variable, so that it suits all their values.
        names = self._directive_variables
        known = VariableValues(
            {name: variables.sources[name] for name in names if name in variables.sources},
            {name: variables.coerced[name] for name in names if name in variables.coerced},
        )
        # The second plan, by which values are made, is part of the first.
        footprint = Footprint(self.footprint)
        plan_anew = partial(
            planned,
            self._schema,
            self._operation,
            self._fragments,
            known,
            footprint=footprint,
            max_fields=self._max_fields,
            **self._resolvers,
        )
        try:
            plan = plan_anew()
            if self._policies is not None:
                cache_fields(plan, plan_anew, self._policies)
        except BaseException:
            footprint.release()
            raise
        return plan

    def _evicted(self, _key: tuple[Any, ...], plan: Plan) -> None:
        plan.footprint.release()
        if self._garbage is not None:
            self._garbage.add(plan.footprint.bytes)


def _directives_of(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> "_Directives":
    directives = _Directives()
    for node in (operation, *fragments.values()):
        visit(node, directives)
    if any(fragment.variable_definitions for fragment in fragments.values()):
        directives.unsupported = "variables of fragments"
    return directives


class _Directives(Visitor):
    """`variables`: those that say which fields there are."""

    def __init__(self) -> None:
        super().__init__()
        self.variables: dict[str, None] = {}
        self.unsupported: str | None = None

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        name = node.name.value
        if name in ("skip", "include"):
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.variables[argument.value.name.value] = None
        elif name in ("defer", "stream", "experimental_disableErrorPropagation"):
            self.unsupported = f"@{name}"
