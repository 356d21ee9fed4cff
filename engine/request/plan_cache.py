"""Caches the plans of an operation: one for each combination of the variables in @skip and @include."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice, product
from typing import Any

from graphql import (
    DirectiveNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
)
from graphql.execution import VariableValues

from common.executors import DOCUMENTS, run_in
from common.lru_cache import LRUCache
from common.metrics.instruments import Counter
from common.tracing.span_types import PLAN
from common.tracing.trace import span
from engine.caching.policy import CachePolicies
from engine.codegen.compiler import compile_plan
from engine.errors import Fallback, OperationTooComplex
from engine.footprint import Footprint
from engine.nodes import OnError, Plan
from engine.plan.cached_fields import cache_fields
from engine.plan.planner import MAX_FIELDS, Unsupported, build_plan
from engine.plan.possible_types import plan_possible_types, template_plans
from engine.request.variables import Variables

MAX_PLANS = 16

# Memory of an operation without plans.
_OPERATION_BYTES = 4_000

_PLANS = Counter(
    "shinjp_plans",
    "Plans of operations that were found in the cache, built, and compiled.",
    ("how",),
    known=[("cached",), ("built",), ("compiled",)],
)
_CACHED, _BUILT, _COMPILED = (_PLANS[how,] for how in ("cached", "built", "compiled"))

# The values of the variables that decide which fields are included.
_Key = tuple[object, ...]

# In the key of a plan whose resolvers record spans.
_TRACED = object()

# Compiling is not worth it for an operation that runs once.
COMPILE_ON_RUN = 2
# Compiling blocks the event loop for about 25 µs per field.
MAX_COMPILED_FIELDS = 800


def record_run(plan: Plan) -> None:
    """Compiles the plan before its second run, unless it is large."""
    plan.run_count += 1
    if plan.run_count == COMPILE_ON_RUN and plan.field_count <= MAX_COMPILED_FIELDS:
        _COMPILED.add()
        with span(PLAN, "compile"):
            compile_plan(plan)


class PlanCache:
    """The plans of one operation. `policies`: which fields are cached.

    `footprint`: of the operation, to which each plan adds its own.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        *,
        field_resolver: Callable[..., object] | None = None,
        type_resolver: Callable[..., object] | None = None,
        policies: CachePolicies | None = None,
        footprint: Footprint | None = None,
        max_fields: int = MAX_FIELDS,
    ) -> None:
        self._policies = policies
        self.footprint = footprint or Footprint()
        self._max_fields = max_fields
        self._schema = schema
        self._operation = operation
        self._fragments = fragments
        self._resolvers: dict[str, Any] = {"field_resolver": field_resolver, "type_resolver": type_resolver}
        directives = _collect_directives(operation, fragments)
        self._unsupported = directives.unsupported
        self._directive_variables = tuple(directives.variables)
        self.footprint.add(_OPERATION_BYTES)
        # Bounded by number only: the document cache bounds the footprint of the operation, plans included.
        self._plans: LRUCache[_Key, Plan] = LRUCache(
            sys.maxsize, lambda _, plan: plan.footprint.bytes, max_entries=MAX_PLANS, on_evict=_on_evict
        )
        # Plans that a thread builds.
        self._building: dict[_Key, asyncio.Task[Plan]] = {}

    def plan(
        self, variables: VariableValues, *, traces_fields: bool = False, on_error: OnError = OnError.PROPAGATE
    ) -> Plan:
        """The plan for these variables, compiled when it is used again.

        `traces_fields`: a variant in which resolvers record spans, and no fields are cached. `on_error`: each of its
        values has a variant. Raises Unsupported, and OperationTooComplex.
        """
        key = self._key(variables, on_error, traces_fields=traces_fields)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._build_plan(variables, on_error, traces_fields=traces_fields)
            self._store(key, plan)
        else:
            _CACHED.add()
        record_run(plan)
        return plan

    async def load(
        self, variables: VariableValues, *, traces_fields: bool = False, on_error: OnError = OnError.PROPAGATE
    ) -> Plan:
        """Like `plan`, for large operations: a new plan is built in a thread, once for all runs that wait for it."""
        key = self._key(variables, on_error, traces_fields=traces_fields)
        plan = self._plans.get(key)
        if plan is None:
            task = self._building.get(key)
            if task is None:
                task = self._building[key] = asyncio.create_task(
                    self._build_outside(key, variables, on_error, traces_fields)
                )
                task.add_done_callback(partial(_on_built, self._building, key))
            # Not cancelled with its client: others may wait for it, or the client retries.
            plan = await asyncio.shield(task)
        else:
            _CACHED.add()
        record_run(plan)
        return plan

    async def _build_outside(
        self, key: _Key, variables: VariableValues, on_error: OnError, traces_fields: bool
    ) -> Plan:
        plan = await run_in(DOCUMENTS, self._build_whole_plan, variables, on_error, traces_fields=traces_fields)
        self._store(key, plan)
        return plan

    def _build_whole_plan(self, variables: VariableValues, on_error: OnError, *, traces_fields: bool) -> Plan:
        """Include the selections of all types that abstract positions can have, which runs would plan later."""
        plan = self._build_plan(variables, on_error, traces_fields=traces_fields)
        try:
            for one in (plan, *template_plans(plan)):
                plan_possible_types(one)
        except OperationTooComplex:
            # With types that a run may not meet there are too many fields; those count in this plan.
            return self._build_plan(variables, on_error, traces_fields=traces_fields)
        return plan

    def _key(self, variables: VariableValues, on_error: OnError, *, traces_fields: bool) -> _Key:
        if self._unsupported is not None:
            raise Unsupported(self._unsupported)
        key = tuple([variables.coerced.get(name) for name in self._directive_variables])
        if on_error is not OnError.PROPAGATE:
            key = (on_error, *key)
        return (_TRACED, *key) if traces_fields else key

    def _store(self, key: _Key, plan: Plan) -> None:
        plan.footprint.attach(self.footprint)
        self._plans[key] = plan
        _BUILT.add()

    def compile_all(self, variables: Variables) -> None:
        """Plan and compile the operation for all values of the variables in its directives, as far as plans are cached.

        Includes the selections of all types that abstract positions can have, and the plans of templates. An operation
        with too many of them is planned by its runs.
        """
        if self._unsupported is not None:
            return
        names = self._directive_variables
        try:
            for flags in islice(product((True, False), repeat=len(names)), MAX_PLANS):
                plan = self.plan(variables.with_defaults(dict(zip(names, flags, strict=True))))
                for one in (plan, *template_plans(plan)):
                    plan_possible_types(one)
                    if one.run_count < COMPILE_ON_RUN and one.field_count <= MAX_COMPILED_FIELDS:
                        one.run_count = COMPILE_ON_RUN
                        _COMPILED.add()
                        compile_plan(one)
        except (OperationTooComplex, Unsupported):
            while self._plans:
                self._plans.popitem()

    def _build_plan(self, variables: VariableValues, on_error: OnError, *, traces_fields: bool) -> Plan:
        # No other variables: the plan is valid for all of their values.
        names = self._directive_variables
        known = VariableValues(
            {name: variables.sources[name] for name in names if name in variables.sources},
            {name: variables.coerced[name] for name in names if name in variables.coerced},
        )
        # The plan for templates is part of the operation's plan. Added to the operation when it is stored: this may be
        # another thread.
        footprint = Footprint()
        replan = partial(
            build_plan,
            self._schema,
            self._operation,
            self._fragments,
            known,
            footprint=footprint,
            max_fields=self._max_fields,
            traces_fields=traces_fields,
            on_error=on_error,
            **self._resolvers,
        )
        with span(PLAN, "plan"):
            plan = replan()
            if self._policies is not None and not traces_fields:
                cache_fields(plan, replan, self._policies)
        return plan


def _on_built(building: dict[_Key, asyncio.Task[Plan]], key: _Key, task: asyncio.Task[Plan]) -> None:
    del building[key]
    if not task.cancelled():
        # All clients may have disconnected: asyncio would log an error that was never retrieved.
        task.exception()


def _on_evict(_key: tuple[object, ...], plan: Plan) -> None:
    # Not a method: the cycle would keep evicted documents until the garbage collector runs.
    plan.footprint.release()


def _collect_directives(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> "_Directives":
    """Does not visit arguments, unlike graphql-core's visitor, which takes ten times as long for a large document."""
    directives = _Directives()
    pending: list[Any] = [operation, *fragments.values()]
    while pending:
        node = pending.pop()
        for directive in node.directives or ():
            directives.add(directive)
        if not isinstance(node, FragmentSpreadNode) and node.selection_set is not None:
            pending.extend(node.selection_set.selections)
    if any(fragment.variable_definitions for fragment in fragments.values()):
        directives.unsupported = Fallback.FRAGMENT_VARIABLES
    return directives


class _Directives:
    """`variables`: those that decide which fields are included."""

    def __init__(self) -> None:
        self.variables: dict[str, None] = {}
        self.unsupported: Fallback | None = None

    def add(self, node: DirectiveNode) -> None:
        name = node.name.value
        if name in ("skip", "include"):
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.variables[argument.value.name.value] = None
        elif name in ("defer", "stream", "experimental_disableErrorPropagation"):
            self.unsupported = Fallback(f"@{name}")
