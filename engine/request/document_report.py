"""Reports on documents before clients use them: errors, cost, and advice."""

from contextlib import suppress
from typing import NamedTuple

from engine.errors import DocumentTooLarge, OperationTooComplex
from engine.plan.planner import Unsupported
from engine.request.cost_analysis import Limits, OperationCost
from engine.request.document_cache import DocumentCache
from engine.request.document_lints import Lint, find_large_shares, find_lints
from engine.request.prepared_operation import PreparedOperation


class DocumentReport(NamedTuple):
    """`operation`, `kind`, `lints`: of a valid document. `cost`: for the default values of variables. `problems`:
    sentences.
    """

    problems: list[str]
    operation: str = ""
    kind: str = ""
    cost: int = 0
    lints: tuple[Lint, ...] = ()


def report_document(documents: DocumentCache, limits: Limits, text: str, *, checks_ids: bool = True) -> DocumentReport:
    """Validate a document as one that has a single named operation, does not introspect, and is within the limits.

    `checks_ids`: as `find_lints` has it.
    """
    try:
        document = documents.get(text, introspection=False)
    except DocumentTooLarge as error:
        return DocumentReport([error.message])
    if document.errors:
        return DocumentReport([error.message for error in document.errors])
    if len(document.operations) != 1:
        return DocumentReport([f"It has {len(document.operations)} operations; one is required."])
    [operation] = document.operations.values()
    if operation.name is None:
        return DocumentReport(["Its operation has no name."])
    try:
        cost = _measure(operation, limits)
    except OperationTooComplex as error:
        return DocumentReport([error.message])
    except ValueError as error:
        return DocumentReport([str(error)])
    lints = (
        *find_lints(documents.costs, documents.deprecations, document.ast, checks_ids=checks_ids),
        *find_large_shares(operation.name, cost, limits),
    )
    return DocumentReport([], operation.name, operation.kind, cost.cost, lints)


def _measure(operation: PreparedOperation, limits: Limits) -> OperationCost:
    """The cost for default values. Raises OperationTooComplex, and ValueError for an invalid one."""
    defaults = operation.variables.with_defaults({})
    cost = operation.analyze(defaults)
    cost.check(limits, lambda: operation.explain(defaults))
    # Expands the fragments, whose fields are limited.
    with suppress(Unsupported):
        operation.plans.plan(defaults)
    return cost
