"""Prepares and executes operations: selection by name, variables, limits, execution."""

from collections.abc import AsyncGenerator, Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import NamedTuple

import orjson
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution import VariableValues, create_source_event_stream, execute
from strawberry import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from engine.budget import UNLIMITED, ResultLimits
from engine.caching.policy import FieldCacheView
from engine.errors import ErrorCode, OnErrorUnsupported, with_code
from engine.nodes import OnError, Plan
from engine.plan.planner import Unsupported
from engine.request.cost_analysis import Limits, OperationCost
from engine.request.document import Document
from engine.request.document_cache import DocumentCache
from engine.request.document_coordinates import locate_in_document
from engine.request.literal_checks import null_character_error
from engine.request.prepared_operation import PreparedOperation
from engine.request.request_errors import OperationNotAllowed, RequestError
from engine.request.variables import MAX_VARIABLE_VALUES, has_more_values
from engine.run.context import ExecutionContext
from engine.run.deadline import Deadline
from engine.run.execute import execute as execute_plan
from engine.run.execute import fallback_counts

_NEEDS_A_STREAM = (
    "Subscriptions need a streaming transport: WebSocket, or Accept: text/event-stream or multipart/mixed."
)


class Operation(NamedTuple):
    """A valid operation with coerced variables.

    `raw_variables`: as the client sent them. `cost`: within the limits. `used_inputs`: coordinates in the variables.
    `deprecated`: those of deprecated parts, in the document and in the variables.
    """

    document: Document
    prepared: PreparedOperation
    variables: VariableValues
    raw_variables: dict[str, object]
    cost: OperationCost
    used_inputs: Sequence[str] = ()
    deprecated: Sequence[str] = ()
    on_error: OnError = OnError.PROPAGATE

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
    """An event of a subscription's source stream.

    `value`: of the field. `id`: increasing, so that a client can resume after it; None if it cannot. `merged`: number
    of earlier events that were merged into this one because the client is slow. `only_if_changed`: sent only if the
    response differs from the previous one.
    """

    value: object
    id: int | None = None
    merged: int = 0
    only_if_changed: bool = False


class Operations:
    """Executes operations of one schema: by their plans, or by graphql-core where plans do not support them."""

    def __init__(
        self,
        schema: Schema,
        documents: DocumentCache,
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
        variables: dict[str, object],
        *,
        introspection: bool,
        read_only: bool,
        streams: bool = False,
        on_error: OnError = OnError.PROPAGATE,
    ) -> Operation:
        """The operation, ready to run. `read_only`: reject mutations. `streams`: the transport supports subscriptions.

        `source`: a loaded document, or its text, which is parsed if it is new. Raises RequestError, and
        OperationTooComplex.
        """
        document = self.documents.get(source, introspection=introspection) if isinstance(source, str) else source
        if document.errors:
            raise RequestError(*document.errors)
        prepared = _select_operation(document, operation_name)
        kind = prepared.node.operation
        if kind is OperationType.SUBSCRIPTION and not streams:
            raise OperationNotAllowed(_request_error(_NEEDS_A_STREAM))
        if read_only and kind is OperationType.MUTATION:
            raise OperationNotAllowed(_request_error("Mutations are not allowed over GET and QUERY; use POST."))
        coerced = _coerce(prepared, variables, allow_null_characters=self.documents.allow_null_characters)
        cost = prepared.analyze(coerced)
        cost.check(self._limits, lambda: prepared.explain(coerced))
        used_inputs = prepared.used_inputs.find(variables)
        deprecated: Sequence[str] = document.deprecated
        if used_inputs and self.documents.deprecations:
            found = (name for name in used_inputs if name in self.documents.deprecations)
            deprecated = tuple(dict.fromkeys((*deprecated, *found)))
        return Operation(document, prepared, coerced, variables, cost, used_inputs, deprecated, on_error)

    def is_subscription(self, document: Document, operation_name: str | None) -> bool:
        """Whether the document is valid and the operation is a subscription."""
        try:
            return (
                not document.errors
                and _select_operation(document, operation_name).kind == OperationType.SUBSCRIPTION.value
            )
        except RequestError:
            return False

    async def subscribe(self, operation: Operation, context: object) -> AsyncGenerator[SourceEvent, None]:
        """The source stream of a subscription; each event is passed to `run`. Raises RequestError."""
        executor = StrawberryGraphQLCoreExecutionContext.build(
            self._schema._schema,
            operation.document.ast,
            context_value=context,
            raw_variable_values=operation.raw_variables,
            operation_name=operation.name,
            hide_suggestions=operation.prepared.hide_suggestions,
        )
        if isinstance(executor, list):
            raise RequestError(*executor)
        source = create_source_event_stream(executor)
        found = await source if isawaitable(source) else source
        if isinstance(found, ExecutionResult):
            raise RequestError(*(found.errors or ()))
        assert isinstance(found, AsyncGenerator)
        return found

    async def run(
        self,
        operation: Operation,
        context: object,
        event: SourceEvent | None = None,
        cache: FieldCacheView | None = None,
        deadline: Deadline | None = None,
        *,
        traces_fields: bool = False,
    ) -> ExecutionResult:
        """Executes the operation; a subscription for one of its events. Field errors are part of the result.

        `cache`: for fields with a policy. Cached values are JSON in the result's data, see `json_default`. `deadline`:
        the active one; a mutation returns what it has executed by then. `traces_fields`: resolvers record spans.

        Raises OperationTooComplex and ResponseTooLarge if the response exceeds a limit.
        """
        root = event.value if event else None
        plans, on_error = operation.prepared.plans, operation.on_error
        try:
            if operation.prepared.is_large:
                plan: Plan | None = await plans.load(
                    operation.variables, traces_fields=traces_fields, on_error=on_error
                )
            else:
                plan = plans.plan(operation.variables, traces_fields=traces_fields, on_error=on_error)
        except Unsupported as reason:
            if on_error is not OnError.PROPAGATE:
                raise OnErrorUnsupported(f"onError: {on_error} is not supported here: {reason}.") from None
            fallback_counts[str(reason)] += 1
            plan = None
        result = self._execute(operation, plan, context, root, cache, deadline)
        if not isinstance(result, ExecutionResult):
            result = await result
        if plan is None and result.errors:
            locate_in_document(self._schema._schema, operation.document.ast, result.errors)
        return result

    def _execute(
        self,
        operation: Operation,
        plan: Plan | None,
        context: object,
        root: object,
        cache: FieldCacheView | None,
        deadline: Deadline | None,
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Without a plan, graphql-core executes the operation."""
        if plan is not None:
            limits = self.result_limits
            run = ExecutionContext(
                plan, context, root, operation.variables, cache=cache, limits=limits, deadline=deadline
            )
            return execute_plan(run)
        return execute(
            self._schema._schema,
            operation.document.ast,
            root_value=root,
            context_value=context,
            variable_values=operation.raw_variables,
            operation_name=operation.name,
            executor_class=StrawberryGraphQLCoreExecutionContext,
            operation_extensions=None,
            hide_suggestions=operation.prepared.hide_suggestions,
        )


def _coerce(prepared: PreparedOperation, values: dict[str, object], *, allow_null_characters: bool) -> VariableValues:
    if values:
        _check_values(values, allow_null_characters=allow_null_characters)
    coerced = prepared.variables.coerce(values)
    if isinstance(coerced, list):
        raise RequestError(*(with_code(error, ErrorCode.BAD_USER_INPUT) for error in coerced))
    return coerced


def _check_values(values: dict[str, object], *, allow_null_characters: bool) -> None:
    """Raises RequestError for too many values, null characters, and a too deep nesting."""
    # JSON, which is encoded fast, rules out both in nearly all values. It also limits the nesting.
    encoded = _encode(values)
    # Each value is the first of its list or object, or follows a comma.
    most = sum(map(encoded.count, (b",", b"[", b"{")))
    if most > MAX_VARIABLE_VALUES and has_more_values(values, MAX_VARIABLE_VALUES):
        error = GraphQLError(f"`variables` have more than {MAX_VARIABLE_VALUES} values.")
        raise RequestError(with_code(error, ErrorCode.BAD_USER_INPUT))
    if b"\\u0000" in encoded and not allow_null_characters:
        for path, value in _iter_strings(values, ""):
            if "\x00" in value:
                raise RequestError(null_character_error(path))


def _encode(values: dict[str, object]) -> bytes:
    """As JSON. Raises RequestError if they are nested too deeply for recursive functions."""
    try:
        # The content of files is no JSON.
        return orjson.dumps(values, lambda _: None)
    except orjson.JSONEncodeError:
        error = GraphQLError("`variables` are nested too deeply; the limit is 250 levels.")
        raise RequestError(with_code(error, ErrorCode.BAD_USER_INPUT)) from None


def _select_operation(document: Document, name: str | None) -> PreparedOperation:
    operations = document.operations
    if name is not None:
        if name not in operations:
            raise RequestError(_request_error(f"Unknown operation named {name!r}."))
        return operations[name]
    if len(operations) != 1:
        problem = "Must provide an operation."
        if operations:
            problem = "Must provide `operationName` if the document contains multiple operations."
        raise RequestError(_request_error(problem))
    return next(iter(operations.values()))


def _request_error(message: str) -> GraphQLError:
    return with_code(GraphQLError(message), ErrorCode.OPERATION_RESOLUTION_FAILURE)


def _iter_strings(value: object, path: str) -> Iterator[tuple[str, str]]:
    """All strings in a JSON value with their paths."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _iter_strings(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _iter_strings(item, f"{path}.{index}")
