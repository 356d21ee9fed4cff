"""The time to estimate the cost of a known operation, without a server.

    python -m bench.cost_estimates

Prints JSON by operation, in microseconds: `selections`, the first estimate, which walks the selections; `compiled`,
that for new values of its variables; `cached`, that for values seen before.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial

from graphql.execution import VariableValues

from bench.harness import report
from engine.request.cost_analysis import CostAnalysis
from engine.request.document_cache import DocumentCache
from engine.request.list_sizes import Sizes
from engine.request.prepared_operation import PreparedOperation
from schema.cache_control import CACHE_POLICIES
from schema.costs import COSTS

PAGE = "nodes { id title author description progress { percent } } pageInfo { hasNextPage }"
CARD = "id dueAt vocabulary { id word reading kanji { character } }"
OPERATIONS = {
    "page": f"""
        query($n: Int!, $m: Int!) {{ books(first: $n) {{ totalCount {PAGE} }} more: books(first: $m) {{ totalCount }} }}
    """,
    "nested": f"""
        query($n: Int!, $m: Int!) {{
            viewer {{ id cards(first: $n) {{ nodes {{ {CARD} }} }} reviews(first: $m) {{ nodes {{ card {{ id }} }} }} }}
        }}
    """,
}
VALUES = [(1 + number % 100, 1 + number % 89) for number in range(1_000)]


async def main() -> None:
    found = {}
    for name, text in OPERATIONS.items():
        documents = DocumentCache(COSTS, CACHE_POLICIES, max_tokens=4_000)
        document = await documents.load(text, introspection=False)
        [operation] = document.operations.values()
        variables = [_coerce(operation, n, m) for n, m in VALUES]
        for one in variables:
            operation.analyze(one)
        found[name] = {
            "selections": _microseconds(partial(_walk, operation), variables),
            "compiled": _microseconds(partial(_compute, operation), variables),
            "cached": _microseconds(operation.analyze, [variables[0]] * len(variables)),
        }
    report(costEstimates=found)


def _walk(operation: PreparedOperation, variables: VariableValues) -> None:
    root = COSTS.schema.get_root_type(operation.node.operation)
    assert root is not None
    analysis = CostAnalysis(COSTS, operation._fragments, variables.coerced, Sizes())
    analysis.selections(operation.node.selection_set, root, ())


def _compute(operation: PreparedOperation, variables: VariableValues) -> None:
    operation._analyzer.analyze(variables.coerced)


def _coerce(operation: PreparedOperation, n: int, m: int) -> VariableValues:
    coerced = operation.variables.coerce({"n": n, "m": m})
    assert isinstance(coerced, VariableValues), coerced
    return coerced


def _microseconds(estimate: Callable[[VariableValues], object], variables: list[VariableValues]) -> float:
    """The best of ten rounds."""
    rounds = []
    for _ in range(10):
        started_at = time.process_time()
        for one in variables:
            estimate(one)
        rounds.append(time.process_time() - started_at)
    return round(min(rounds) / len(variables) * 1e6, 2)


if __name__ == "__main__":
    asyncio.run(main())
