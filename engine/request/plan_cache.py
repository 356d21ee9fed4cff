"""Caches the plans of an operation: one for each combination of the variables in @skip and @include."""

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
from engine.caching.policy import CachePolicies
from engine.codegen.compiler import compile_plan
from engine.footprint import CyclicGarbage, Footprint
from engine.nodes import Plan
from engine.plan.cached_fields import cache_fields
from engine.plan.planner import MAX_FIELDS, Unsupported, build_plan

MAX_PLANS = 16

# Memory of an operation without plans.
_OPERATION_BYTES = 4_000

# Compiling is not worth it for an operation that runs once.
COMPILE_ON_RUN = 2
# Compiling blocks the event loop for about 25 µs per field.
MAX_COMPILED_FIELDS = 800


def record_run(plan: Plan) -> None:
    """Compiles the plan before its second run, unless it is large."""
    plan.run_count += 1
    if plan.run_count == COMPILE_ON_RUN and plan.field_count <= MAX_COMPILED_FIELDS:
        compile_plan(plan)


class PlanCache:
    """The plans of one operation. `policies`: which fields are cached.

    `footprint`: of the operation, to which each plan adds its own. `garbage`: counts evicted plans.
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
        directives = _collect_directives(operation, fragments)
        self._unsupported = directives.unsupported
        self._directive_variables = tuple(directives.variables)
        self.footprint.add(_OPERATION_BYTES)
        # Bounded by number only: the document cache bounds the footprint of the operation, plans included.
        self._plans: LRUCache[tuple[object, ...], Plan] = LRUCache(
            sys.maxsize, lambda _, plan: plan.footprint.bytes, max_entries=MAX_PLANS, on_evict=self._on_evict
        )

    def plan(self, variables: VariableValues) -> Plan:
        """The plan for these variables, compiled when it is used again. Raises Unsupported, and OperationTooComplex."""
        if self._unsupported is not None:
            raise Unsupported(self._unsupported)
        key = tuple([variables.coerced.get(name) for name in self._directive_variables])
        plan = self._plans.get(key)
        if plan is None:
            plan = self._build_plan(variables)
            self._plans[key] = plan
        record_run(plan)
        return plan

    def _build_plan(self, variables: VariableValues) -> Plan:
        # No other variables: the plan is valid for all of their values.
        names = self._directive_variables
        known = VariableValues(
            {name: variables.sources[name] for name in names if name in variables.sources},
            {name: variables.coerced[name] for name in names if name in variables.coerced},
        )
        # The plan for templates is part of the operation's plan.
        footprint = Footprint(self.footprint)
        replan = partial(
            build_plan,
            self._schema,
            self._operation,
            self._fragments,
            known,
            footprint=footprint,
            max_fields=self._max_fields,
            **self._resolvers,
        )
        try:
            plan = replan()
            if self._policies is not None:
                cache_fields(plan, replan, self._policies)
        except BaseException:
            footprint.release()
            raise
        return plan

    def _on_evict(self, _key: tuple[object, ...], plan: Plan) -> None:
        plan.footprint.release()
        if self._garbage is not None:
            self._garbage.add(plan.footprint.bytes)


def _collect_directives(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> "_Directives":
    directives = _Directives()
    for node in (operation, *fragments.values()):
        visit(node, directives)
    if any(fragment.variable_definitions for fragment in fragments.values()):
        directives.unsupported = "variables of fragments"
    return directives


class _Directives(Visitor):
    """`variables`: those that decide which fields are included."""

    def __init__(self) -> None:
        super().__init__()
        self.variables: dict[str, None] = {}
        self.unsupported: str | None = None

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        name = node.name.value
        if name in ("skip", "include"):
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.variables[argument.value.name.value] = None
        elif name in ("defer", "stream", "experimental_disableErrorPropagation"):
            self.unsupported = f"@{name}"
