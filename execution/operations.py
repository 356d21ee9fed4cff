"""From a document to its answer: which operation, with which variables, within which limits."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLField, OperationDefinitionNode, OperationType
from graphql.execution import Executor, create_source_event_stream, execute, get_variable_values
from strawberry import Schema

from domain.errors import ErrorCode
from execution.documents import Document, Documents, coded, null_character
from execution.limits import Limits, Measurer

_NEEDS_A_STREAM = (
    "A subscription needs a connection that stays open: a WebSocket, or Accept: text/event-stream or multipart/mixed."
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
    """One operation of a valid document, chosen and checked."""

    document: Document
    node: OperationDefinitionNode
    variables: dict[str, Any]

    @property
    def name(self) -> str | None:
        return self.node.name.value if self.node.name else None

    @property
    def kind(self) -> str:
        return self.node.operation.value


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """What a subscription's resolver yields.

    `value`: the field's. `id`: counts up, so that a client can say which event it had last; None where it cannot.
    `merged`: events before it that are left out, because the client did not keep up.
    """

    value: object
    id: int | None = None
    merged: int = 0


class Operations:
    """Runs operations of one schema."""

    def __init__(
        self, schema: Schema, documents: Documents, limits: Limits, weight_of: Callable[[GraphQLField], int]
    ) -> None:
        self._schema = schema
        self._documents = documents
        self._limits = limits
        self._weight_of = weight_of

    def prepare(
        self,
        text: str,
        operation_name: str | None,
        variables: Mapping[str, Any],
        *,
        introspection: bool,
        read_only: bool,
        streams: bool = False,
    ) -> Operation:
        """The operation to run. `read_only`: no mutation may run. `streams`: the way of asking can carry subscriptions.

        Raises RequestErrors when it cannot run, and OperationTooComplex.
        """
        document = self._documents.get(text, introspection=introspection)
        if document.errors:
            raise RequestErrors(*document.errors)
        node = _chosen(document, operation_name)
        if node.operation is OperationType.SUBSCRIPTION and not streams:
            raise OperationNotAllowed(_refusal(_NEEDS_A_STREAM))
        if read_only and node.operation is OperationType.MUTATION:
            raise OperationNotAllowed(_refusal("A mutation cannot be sent by GET. Use POST."))
        self._check_variables(node, variables)
        Measurer(self._schema._schema, document.tree, variables, self._weight_of).measure(node).check(self._limits)
        return Operation(document, node, dict(variables))

    def is_subscription(self, text: str, operation_name: str | None) -> bool:
        """Whether this operation of the text is one, and the text is valid."""
        document = self._documents.get(text, introspection=False)
        try:
            return not document.errors and _chosen(document, operation_name).operation is OperationType.SUBSCRIPTION
        except RequestErrors:
            return False

    async def subscribe(self, operation: Operation, context: object) -> AsyncGenerator[SourceEvent, None]:
        """The events of a subscription, each to be `run`. Raises RequestErrors where there is no stream of them."""
        executor = (self._schema.execution_context_class or Executor).build(
            self._schema._schema,
            operation.document.tree,
            context_value=context,
            raw_variable_values=operation.variables,
            operation_name=operation.name,
        )
        if isinstance(executor, list):
            raise RequestErrors(*executor)
        source = create_source_event_stream(executor)
        found = await source if isawaitable(source) else source
        if isinstance(found, ExecutionResult):
            raise RequestErrors(*(found.errors or ()))
        assert isinstance(found, AsyncGenerator)
        return found

    async def run(self, operation: Operation, context: object, event: SourceEvent | None = None) -> ExecutionResult:
        """Runs it; a subscription for one of its events. Errors of fields are in the result."""
        result = execute(
            self._schema._schema,
            operation.document.tree,
            root_value=event.value if event else None,
            context_value=context,
            variable_values=operation.variables,
            operation_name=operation.name,
            executor_class=self._schema.execution_context_class,
            operation_extensions=None,
        )
        return await result if isawaitable(result) else result

    def _check_variables(self, node: OperationDefinitionNode, variables: Mapping[str, Any]) -> None:
        for path, value in _texts(variables, ""):
            if "\x00" in value:
                raise RequestErrors(null_character(path))
        found = get_variable_values(self._schema._schema, node.variable_definitions or (), dict(variables), 10)
        if isinstance(found, list):
            raise RequestErrors(*(coded(error, ErrorCode.BAD_USER_INPUT) for error in found))


def _chosen(document: Document, name: str | None) -> OperationDefinitionNode:
    operations = document.operations
    if name is not None:
        if name not in operations:
            raise RequestErrors(_refusal(f"There is no operation {name!r} in the document."))
        return operations[name]
    if len(operations) != 1:
        problem = "no operation" if not operations else f"{len(operations)} operations; operationName says which to run"
        raise RequestErrors(_refusal(f"The document has {problem}."))
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
