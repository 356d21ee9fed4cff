"""An operation of a valid document, with what all its runs share."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from graphql import (
    ArgumentNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution import VariableValues

from domain.lru_cache import LRUCache, bytes_of
from execution.cached_fields import CachePolicies
from execution.footprint import CyclicGarbage, Footprint
from execution.limits import SIZE_ARGUMENTS, Measure, Measurer
from execution.plans import OperationPlans
from execution.variables import Variables

MAX_MEASURES = 64
_MAX_MEASURE_BYTES = 32 * 1024

# What an operation takes in memory once it was measured, without its plans; and a Measure with its numbers.
_OPERATION_BYTES = 2_500
_MEASURE_BYTES = 200


class PreparedOperation:
    """`fragments`: of its document. `weight_of`: what a field adds to the cost. `policies`: whose values are kept.

    What its runs share is made for the first of them: of a document with many operations mostly one runs.
    `footprint`: of the document. `hide_suggestions`: errors name nothing that the client has not named.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        node: OperationDefinitionNode,
        weight_of: Callable[[GraphQLField], int],
        policies: CachePolicies | None,
        footprint: Footprint,
        garbage: CyclicGarbage | None = None,
        *,
        hide_suggestions: bool = False,
    ) -> None:
        self.node = node
        self.name = node.name.value if node.name else None
        self.kind: str = node.operation.value
        self._schema = schema
        self._fragments = fragments
        self._weight_of = weight_of
        self._policies = policies
        self._footprint = footprint
        self._garbage = garbage
        self.hide_suggestions = hide_suggestions

    @cached_property
    def variables(self) -> Variables:
        return Variables(self._schema, self.node, hide_suggestions=self.hide_suggestions)

    @cached_property
    def plans(self) -> OperationPlans:
        return OperationPlans(
            self._schema,
            self.node,
            self._fragments,
            policies=self._policies,
            footprint=self._footprint,
            garbage=self._garbage,
        )

    @cached_property
    def _measures(self) -> LRUCache[tuple[Any, ...], Measure]:
        return LRUCache(_MAX_MEASURE_BYTES, lambda key, _: _MEASURE_BYTES + bytes_of(*key), max_entries=MAX_MEASURES)

    @cached_property
    def _sizes(self) -> tuple[str, ...]:
        finder = _Sizes()
        for node in (self.node, *self._fragments.values()):
            visit(node, finder)
        return tuple(finder.variables)

    def measure(self, variables: VariableValues) -> Measure:
        """What it has, for these variables: found once for each combination of those that say how long lists are."""
        key = tuple([variables.coerced.get(name) for name in self._sizes])
        measure = self._measures.get(key)
        if measure is None:
            measurer = Measurer(self._schema, self._fragments, variables.coerced, self._weight_of)
            measure = measurer.measure(self.node)
            if not self._measures:
                self._footprint.add(_OPERATION_BYTES)
            before = self._measures.bytes
            self._measures.put(key, measure)
            self._footprint.add(self._measures.bytes - before)
        return measure


class _Sizes(Visitor):
    """The variables that say how long lists are."""

    def __init__(self) -> None:
        super().__init__()
        self.variables: dict[str, None] = {}

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        if node.name.value in SIZE_ARGUMENTS and isinstance(node.value, VariableNode):
            self.variables[node.value.name.value] = None
