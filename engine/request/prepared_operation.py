"""An operation of a valid document, with everything that its runs share."""

from collections.abc import Mapping
from functools import cached_property

from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode
from graphql.execution import VariableValues

from common.lru_cache import LRUCache, bytes_of
from engine.caching.policy import CachePolicies
from engine.footprint import Footprint
from engine.plan.planner import MAX_FIELDS
from engine.request.cost_analysis import OperationCost
from engine.request.cost_analyzer import CostAnalyzer
from engine.request.cost_explanation import CostExplanation, Explainer
from engine.request.delivered_cost import DeliveredCost
from engine.request.field_costs import FieldCosts
from engine.request.list_sizes import Sizes
from engine.request.plan_cache import PlanCache
from engine.request.used_inputs import UsedInputs
from engine.request.variables import Variables

MAX_COST_RESULTS = 64
_MAX_COST_BYTES = 32 * 1024
# Planning takes about 40 µs per field.
MAX_FIELDS_IN_LOOP = 250

# Memory of an analyzed operation without plans, of a variable that determines list sizes, and of a cost.
_OPERATION_BYTES = 2_500
_SIZE_BYTES = 200
_COST_BYTES = 200
# Of a line of the function that computes the cost.
_FORMULA_LINE_BYTES = 600


class PreparedOperation:
    """`fragments`: of its document. `costs`: of fields. `policies`: of cached fields.

    Shared objects are created for the first run: of a document with many operations usually one runs. `footprint`: of
    the document. `hide_suggestions`: errors name nothing that the client did not. `max_fields`: of a plan.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        node: OperationDefinitionNode,
        costs: FieldCosts,
        policies: CachePolicies | None,
        footprint: Footprint,
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
        self.hide_suggestions = hide_suggestions
        self._max_fields = max_fields

    @cached_property
    def variables(self) -> Variables:
        return Variables(self._schema, self.node, hide_suggestions=self.hide_suggestions)

    @cached_property
    def used_inputs(self) -> UsedInputs:
        return UsedInputs(self._schema, self.node)

    @cached_property
    def plans(self) -> PlanCache:
        return PlanCache(
            self._schema,
            self.node,
            self._fragments,
            policies=self._policies,
            footprint=self._footprint,
            max_fields=self._max_fields,
        )

    @cached_property
    def _cost_results(self) -> LRUCache[tuple[object, ...], OperationCost]:
        return LRUCache(
            _MAX_COST_BYTES,
            lambda key, _: _COST_BYTES + bytes_of(*key),
            max_entries=MAX_COST_RESULTS,
        )

    @cached_property
    def _analyzer(self) -> CostAnalyzer:
        return CostAnalyzer(self._costs, self._fragments, self.node)

    def compile_all(self) -> None:
        """Create everything that runs share, so that the first one takes as long as others.

        The cost is computed for the default values of variables. Raises OperationTooComplex if fragments are nested too
        deeply.
        """
        self.analyze(self.variables.with_defaults({}))
        self.plans.compile_all(self.variables)
        _ = self.delivered_cost

    @property
    def is_large(self) -> bool:
        """Whether planning would delay the event loop. Known after the cost was analyzed."""
        return self._analyzer.field_count > MAX_FIELDS_IN_LOOP

    def explain(self, variables: VariableValues) -> CostExplanation:
        """Divide the cost for these variables. Takes as long as the first analysis."""
        return Explainer(self._costs, self._fragments, variables.coerced, Sizes()).explain(self.node)

    @cached_property
    def delivered_cost(self) -> DeliveredCost:
        """Measures responses. For an operation that was executed, so that its fields are limited."""
        found = DeliveredCost(self._costs, self._fragments, self.node)
        self._footprint.add(found.bytes)
        return found

    def analyze(self, variables: VariableValues) -> OperationCost:
        """The cost for these variables, cached by those that determine list sizes. Raises OperationTooComplex."""
        analyzer = self._analyzer
        results = self._cost_results
        # Before the first analysis keys are incomplete, and the cache is empty.
        cost = results.get(analyzer.sizes.key(variables.coerced))
        if cost is None:
            lines = analyzer.formula_lines
            cost = analyzer.analyze(variables.coerced)
            self._footprint.add(_FORMULA_LINE_BYTES * (analyzer.formula_lines - lines))
            if not results:
                self._footprint.add(_OPERATION_BYTES + _SIZE_BYTES * len(analyzer.sizes))
            before = results.bytes
            results[analyzer.sizes.key(variables.coerced)] = cost
            self._footprint.add(results.bytes - before)
        return cost
