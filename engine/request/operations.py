"""From a document to its answer: which operation, with which variables, within which limits."""

from collections.abc import AsyncGenerator, Awaitable, Iterator, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution import VariableValues, create_source_event_stream, execute
from strawberry import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine.caching.policy import CacheAccess
from engine.errors import ErrorCode
from engine.plan.planner import Unsupported
from engine.request.cost_analysis import Limits
from engine.request.document_cache import Document, Documents, coded, null_character
from engine.request.prepared_operation import PreparedOperation
from engine.run.budget import UNLIMITED, ResultLimits
from engine.run.context import Run
from engine.run.deadline import Deadline
from engine.run.execute import execute as execute_plan
from engine.run.execute import fallbacks

_NEEDS_A_STREAM = (
    "Subscriptions need a streaming transport: WebSocket, or Accept: text/event-stream or multipart/mixed."
)


class RequestErrors(Exception):
    """The operation was not run. The answer has these errors and no `data`."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class OperationNotAllowed(RequestErrors):
    """The operation is of a kind that this way of asking cannot run, such as a mutation by GET."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document, chosen and checked. `raw_variables`: as the client sent them."""

    document: Document
    prepared: PreparedOperation
    variables: VariableValues
    raw_variables: dict[str, Any]

    @property
    def node(self) -> OperationDefinitionNode:
        return self.prepared.node

    @property
    def name(self) -> str | None:
        return self.prepared.name

    @property
    def kind(self) -> str:
        return self.prepared.kind


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """What a subscription's resolver yields.

    `value`: the field's. `id`: counts up, so that a client can say which event it had last; None where it cannot.
    `merged`: events before it that are left out, because the client did not keep up.
    `only_if_changed`: it is sent where the selection's answer is another one than that of the event before.
    """

    value: object
    id: int | None = None
    merged: int = 0
    only_if_changed: bool = False


class Operations:
    """Runs operations of one schema: by their plans, or by graphql-core where plans do not support them."""

    def __init__(
        self,
        schema: Schema,
        documents: Documents,
        limits: Limits,
        result_limits: ResultLimits = UNLIMITED,
    ) -> None:
        self._schema = schema
        self.documents = documents
        self._limits = limits
        self.result_limits = result_limits

    def prepare(
        self,
        source: str | Document,
        operation_name: str | None,
        variables: dict[str, Any],
        *,
        introspection: bool,
        read_only: bool,
        streams: bool = False,
    ) -> Operation:
        """The operation to run. `read_only`: no mutation may run. `streams`: the way of asking can carry subscriptions.

        `source`: a document that was loaded, or a text, which is read at once if it is new.
        Raises RequestErrors when it cannot run, and OperationTooComplex.
        """
        document = self.documents.get(source, introspection=introspection) if isinstance(source, str) else source
        if document.errors:
            raise RequestErrors(*document.errors)
        prepared = _chosen(document, operation_name)
        kind = prepared.node.operation
        if kind is OperationType.SUBSCRIPTION and not streams:
            raise OperationNotAllowed(_refusal(_NEEDS_A_STREAM))
        if read_only and kind is OperationType.MUTATION:
            raise OperationNotAllowed(_refusal("Mutations are not allowed over GET; use POST."))
        coerced = _coerced(prepared, variables, allow_null_characters=self.documents.allow_null_characters)
        prepared.measure(coerced).check(self._limits)
        return Operation(document, prepared, coerced, variables)

    def is_subscription(self, document: Document, operation_name: str | None) -> bool:
        """Whether this operation of the document is one, and the document is valid."""
        try:
            return not document.errors and _chosen(document, operation_name).kind == OperationType.SUBSCRIPTION.value
        except RequestErrors:
            return False

    async def subscribe(self, operation: Operation, context: object) -> AsyncGenerator[SourceEvent, None]:
        """The events of a subscription, each to be `run`. Raises RequestErrors where there is no stream of them."""
        executor = StrawberryGraphQLCoreExecutionContext.build(
            self._schema._schema,
            operation.document.tree,
            context_value=context,
            raw_variable_values=operation.raw_variables,
            operation_name=operation.name,
            hide_suggestions=operation.prepared.hide_suggestions,
        )
        if isinstance(executor, list):
            raise RequestErrors(*executor)
        source = create_source_event_stream(executor)
        found = await source if isawaitable(source) else source
        if isinstance(found, ExecutionResult):
            raise RequestErrors(*(found.errors or ()))
        assert isinstance(found, AsyncGenerator)
        return found

    async def run(
        self,
        operation: Operation,
        context: object,
        event: SourceEvent | None = None,
        cache: CacheAccess | None = None,
        deadline: Deadline | None = None,
    ) -> ExecutionResult:
        """Runs it; a subscription for one of its events. Errors of fields are in the result.

        `cache`: where values of fields may be found. They stand in the result's data as JSON: see `spliced`.
        `deadline`: in which this is called; a mutation keeps what it has done by then.

        Raises OperationTooComplex and ResponseTooLarge where there is more in the answer than there may be.
        """
        root = event.value if event else None
        result = self._begun(operation, context, root, cache, deadline)
        return result if isinstance(result, ExecutionResult) else await result

    def _begun(
        self,
        operation: Operation,
        context: object,
        root: object,
        cache: CacheAccess | None,
        deadline: Deadline | None,
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        try:
            plan = operation.prepared.plans.plan(operation.variables)
        except Unsupported as reason:
            fallbacks[str(reason)] += 1
        else:
            limits = self.result_limits
            run = Run(plan, context, root, operation.variables, cache=cache, limits=limits, deadline=deadline)
            return execute_plan(run)
        return execute(
            self._schema._schema,
            operation.document.tree,
            root_value=root,
            context_value=context,
            variable_values=operation.raw_variables,
            operation_name=operation.name,
            executor_class=StrawberryGraphQLCoreExecutionContext,
            operation_extensions=None,
            hide_suggestions=operation.prepared.hide_suggestions,
        )


def _coerced(prepared: PreparedOperation, values: dict[str, Any], *, allow_null_characters: bool) -> VariableValues:
    # The JSON of nearly all values shows that there is none. It is also a check of how deeply they are nested.
    if values and b"\\u0000" in _encoded(values) and not allow_null_characters:
        for path, value in _texts(values, ""):
            if "\x00" in value:
                raise RequestErrors(null_character(path))
    coerced = prepared.variables.coerced(values)
    if isinstance(coerced, list):
        raise RequestErrors(*(coded(error, ErrorCode.BAD_USER_INPUT) for error in coerced))
    return coerced


def _encoded(values: dict[str, Any]) -> bytes:
    """As JSON. Raises RequestErrors where they are nested more deeply than anything that walks over them can follow."""
    try:
        return orjson.dumps(values)
    except orjson.JSONEncodeError:
        error = GraphQLError("`variables` are nested too deeply; the limit is 250 levels.")
        raise RequestErrors(coded(error, ErrorCode.BAD_USER_INPUT)) from None


def _chosen(document: Document, name: str | None) -> PreparedOperation:
    operations = document.operations
    if name is not None:
        if name not in operations:
            raise RequestErrors(_refusal(f"Unknown operation named {name!r}."))
        return operations[name]
    if len(operations) != 1:
        problem = "Must provide an operation."
        if operations:
            problem = "Must provide `operationName` if the document contains multiple operations."
        raise RequestErrors(_refusal(problem))
    return next(iter(operations.values()))


def _refusal(message: str) -> GraphQLError:
    return coded(GraphQLError(message), ErrorCode.OPERATION_RESOLUTION_FAILURE)


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, with the path that leads to it."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}.{index}")
