"""Analyzes the cost of one operation: once by its selections, later by a compiled function of its variables."""

from collections.abc import Mapping
from math import ceil

from graphql import FragmentDefinitionNode, OperationDefinitionNode

from engine.errors import Limit, OperationTooComplex
from engine.request.cost_analysis import CostAnalysis, OperationCost
from engine.request.cost_formula import Formula, compile_cost
from engine.request.field_costs import FieldCosts
from engine.request.list_sizes import Sizes
from engine.request.query_shape import QueryShape, measure_shape

# Compiling takes about 20 µs per selection, and analyzing a large operation takes little.
MAX_COMPILED_SELECTIONS = 100
# Deeper operations are rejected, if not by a limit then by recursion.
_MAX_DEPTH = 50


class CostAnalyzer:
    """Analyzes one operation of a valid document."""

    def __init__(
        self, costs: FieldCosts, fragments: Mapping[str, FragmentDefinitionNode], operation: OperationDefinitionNode
    ) -> None:
        self._costs = costs
        self._fragments = fragments
        self._operation = operation
        self._shape: QueryShape | None = None
        # The number of analyzed selections, for tests of the work done.
        self.visits = 0
        # Which variables determine list sizes and skipped fields; known after the first analysis.
        self.sizes = Sizes()
        # The second analysis compiles a function.
        self._formula: Formula | None = None
        # The number of lines of the function.
        self.formula_lines = 0

    @property
    def field_count(self) -> int:
        """The number of fields after expanding fragments; 0 before the first analysis."""
        return 0 if self._shape is None else self._shape.fields

    def analyze(self, variables: Mapping[str, object]) -> OperationCost:
        """The cost for these coerced variables. Raises OperationTooComplex if fragments are nested too deeply."""
        root = self._costs.schema.get_root_type(self._operation.operation)
        if root is None:
            return OperationCost(0, 0, 0)
        if self._shape is not None and self.visits:
            if self._formula is None and self.visits <= MAX_COMPILED_SELECTIONS and self._shape.depth <= _MAX_DEPTH:
                self._formula, self.formula_lines = compile_cost(self._costs, self._fragments, self._operation)
            if self._formula is not None:
                return OperationCost(self._shape.depth, self._shape.aliases, self._formula(variables))
        try:
            if self._shape is None:
                self._shape = measure_shape(self._operation.selection_set, self._fragments, {})
            measuring = CostAnalysis(self._costs, self._fragments, variables, self.sizes)
            cost = measuring.selections(self._operation.selection_set, root, ())
        except RecursionError:
            raise OperationTooComplex("Fragments are nested too deeply.", limit=Limit.DEPTH.value) from None
        self.visits += len(measuring.results)
        return OperationCost(self._shape.depth, self._shape.aliases, ceil(cost.fixed))
