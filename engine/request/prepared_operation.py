"""An operation of a valid document, with what all its runs share."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode
from graphql.execution import VariableValues

from common.lru_cache import LRUCache, bytes_of
from engine.caching.policy import CachePolicies
from engine.plan.footprint import CyclicGarbage, Footprint
from engine.plan.plan_cache import OperationPlans
from engine.plan.planner import MAX_FIELDS
from engine.request.cost_analysis import Measure, Measurer
from engine.request.field_costs import FieldCosts
from engine.request.variables import Variables

MAX_MEASURES = 64
_MAX_MEASURE_BYTES = 32 * 1024

# What an operation takes in memory once it was measured, without its plans; each of its variables that say how long
# lists are; and a Measure with its numbers.
_OPERATION_BYTES = 2_500
_SIZE_BYTES = 200
_MEASURE_BYTES = 200


class PreparedOperation:
    """`fragments`: of its document. `costs`: what fields cost. `policies`: whose values are kept.

    What its runs share is made for the first of them: of a document with many operations mostly one runs.
    `footprint`: of the document. `hide_suggestions`: errors name nothing that the client has not named.
    `max_fields`: of a plan.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        node: OperationDefinitionNode,
        costs: FieldCosts,
        policies: CachePolicies | None,
        footprint: Footprint,
        garbage: CyclicGarbage | None = None,
        *,
        hide_suggestions: bool = False,
        max_fields: int = MAX_FIELDS,
    ) -> None:
        self.node = node
        self.name = node.name.value if node.name else None
        self.kind: str = node.operation.value
        self._schema = schema
        self._fragments = fragments
        self._costs = costs
        self._policies = policies
        self._footprint = footprint
        self._garbage = garbage
        self.hide_suggestions = hide_suggestions
        self._max_fields = max_fields

    @cached_property
    def variables(self) -> Variables:
        return Variables(self._schema, self.node, hide_suggestions=self.hide_suggestions)

    @property
    def is_planned(self) -> bool:
        """Whether there has been a plan."""
        return "plans" in self.__dict__

    @cached_property
    def plans(self) -> OperationPlans:
        return OperationPlans(
            self._schema,
            self.node,
            self._fragments,
            policies=self._policies,
            footprint=self._footprint,
            garbage=self._garbage,
            max_fields=self._max_fields,
        )

    @cached_property
    def _measures(self) -> LRUCache[tuple[Any, ...], Measure]:
        return LRUCache(
            _MAX_MEASURE_BYTES,
            lambda key, measure: _MEASURE_BYTES + bytes_of(measure.dearest, *key),
            max_entries=MAX_MEASURES,
        )

    @cached_property
    def _measurer(self) -> Measurer:
        return Measurer(self._costs, self._fragments, self.node)

    def measure(self, variables: VariableValues) -> Measure:
        """What it has, for these variables: found once for each combination of those that say how long lists are.

        Raises OperationTooComplex where that cannot be told.
        """
        measurer = self._measurer
        measures = self._measures
        # Before the first measure no key is complete, and there is nothing to be found.
        measure = measures.get(measurer.sizes.key(variables.coerced))
        if measure is None:
            measure = measurer.measure(variables.coerced)
            if not measures:
                self._footprint.add(_OPERATION_BYTES + _SIZE_BYTES * len(measurer.sizes))
            before = measures.bytes
            measures.put(measurer.sizes.key(variables.coerced), measure)
            self._footprint.add(measures.bytes - before)
        return measure
