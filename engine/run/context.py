"""The state of one run of a plan: its inputs, errors and pending values."""

import asyncio
from collections.abc import AsyncIterable, Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeGuard

from graphql import ExecutionResult, GraphQLError
from graphql.execution import VariableValues
from graphql.pyutils.is_awaitable import is_async_iterable

from common.errors import ClientError
from engine.budget import ERROR_VALUES, FIRST_INTERVAL, INTERVAL, UNLIMITED, ResultLimits
from engine.caching.policy import FieldCacheView
from engine.errors import Limit, OperationTooComplex, ResponseTooLarge
from engine.loading.loader_field import LoaderField
from engine.nodes import Path, Plan, ResponsePosition, path_to_list
from engine.run.deadline import Deadline
from engine.run.discarding import discard_awaitables
from engine.run.located_error import locate

# A pending value: its container (None: found by the path), the awaitable or the key to load, its position and path.
Pending: TypeAlias = "tuple[Any, Any, ResponsePosition, Path]"

# A partly completed list: completed items, an iterator of the others, its position and path.
Deferred: TypeAlias = "tuple[list[object], Iterator[object], ResponsePosition, Path]"


class Result(ExecutionResult):
    """`values`: their number. `bytes`: of long strings and cached values, counted while the response was built."""

    __slots__ = ("bytes", "values")

    def __init__(
        self, data: dict[str, object] | None, errors: list[GraphQLError] | None, values: int, bytes: int
    ) -> None:
        super().__init__(data, errors)
        self.values = values
        self.bytes = bytes


class ExecutionContext:
    """One run of a plan.

    `arguments`: coerced, if they are the same for every parent. `pending`: values to await. `pending_loads`: keys to
    load. `running`: futures being awaited. `deferred`: lists to continue after other tasks have run.
    `is_async_iterable`: whether a list is asynchronous. `known_values`: by loader field, of keys that need not be
    loaded.

    `remaining`: values until the next check of the clock; every function that completes values subtracts their number.
    `bytes`: of long strings and cached values so far. `stopped`: why the run ends early.
    """

    __slots__ = (
        "_allotted",
        "arguments",
        "bytes",
        "cache",
        "context",
        "data",
        "deadline",
        "deferred",
        "errors",
        "extensions",
        "is_async_iterable",
        "known_values",
        "limits",
        "nulled_paths",
        "pending",
        "pending_loads",
        "plan",
        "remaining",
        "root",
        "running",
        "stopped",
        "variables",
    )  # fmt: skip

    def __init__(
        self,
        plan: Plan,
        context: object,
        root: object,
        variables: VariableValues,
        extensions: Mapping[str, object] | None = None,
        cache: FieldCacheView | None = None,
        limits: ResultLimits = UNLIMITED,
        deadline: Deadline | None = None,
    ) -> None:
        self.plan = plan
        self.context = context
        self.root = root
        self.variables = variables
        self.extensions = extensions
        self.cache = cache
        self.is_async_iterable: Callable[[object], TypeGuard[AsyncIterable[object]]] = is_async_iterable
        self.arguments: dict[object, dict[str, object]] = {}
        self.data: dict[str, object] | None = None
        self.errors: list[GraphQLError] = []
        self.nulled_paths: set[Path] = set()
        self.pending: list[Pending] = []
        self.pending_loads: list[Pending] = []
        self.running: dict[asyncio.Future[object], list[Pending]] = {}
        self.known_values: dict[LoaderField[Any], Mapping[object, object]] = {}
        self.limits = limits
        self.deadline = deadline
        self.deferred: list[Deferred] = []
        self.stopped: ClientError | None = None
        self.bytes = 0
        self.remaining = self._allotted = FIRST_INTERVAL

    @property
    def values(self) -> int:
        """The number of completed values."""
        return self._allotted - self.remaining

    @property
    def is_complete(self) -> bool:
        """Whether nothing is pending."""
        return not (self.pending or self.pending_loads or self.deferred)

    def result(self) -> Result:
        """Raises ClientError if the run was stopped, unless a mutation has executed a field."""
        self.check_limits()
        data = None if None in self.nulled_paths else self.data
        if self.stopped is not None:
            has_done = self.plan.is_serial and data is not None and any(value is not None for value in data.values())
            if not has_done:
                raise self.stopped
        return Result(data, self.errors or None, self.values, self.bytes)

    def values_known_to(self, loader_field: LoaderField[Any]) -> Mapping[object, object]:
        """The values by key that a field need not load."""
        assert loader_field.known is not None
        found = self.known_values[loader_field] = loader_field.known(self.context)
        return found

    def is_interrupted(self) -> bool:
        """Called if none are `remaining`: whether to continue later, after other tasks have run."""
        if self.check_limits():
            return True
        turn = self.limits.turn
        if turn is not None and turn.is_expired():
            # With nothing remaining, the lists above are interrupted, too.
            return True
        self._allotted += INTERVAL - self.remaining
        self.remaining = INTERVAL
        return False

    def check_limits(self) -> bool:
        """Whether the run has to stop."""
        if self.stopped is None:
            limits = self.limits
            if self._allotted - self.remaining > limits.values:
                self.stopped = OperationTooComplex(
                    f"Response exceeds the limit of {limits.values} values.", limit=Limit.RESULT_VALUES.value
                )
            elif self.bytes > limits.bytes:
                self.stopped = ResponseTooLarge(
                    f"Response exceeds the limit of {limits.bytes} bytes.", limit=Limit.RESPONSE_BYTES.value
                )
        return self.stopped is not None

    def handle_field_error(self, error: Exception, position: ResponsePosition, path: Path) -> None:
        """Handles an error at a position: null, unless it propagates: then it raises the located error."""
        located = locate(error, position, path)
        if position.propagates:
            raise located
        self._null(located, path)

    def handle_root_error(self, error: GraphQLError) -> None:
        """Handles an error that propagated to the root."""
        self._null(error, None)

    def handle_async_error(self, error: Exception, position: ResponsePosition, path: Path) -> None:
        """Handles an error of an awaited value: nulls the closest position that does not propagate it.

        Cancels what runs below it.
        """
        located = locate(error, position, path)
        above: ResponsePosition | None = position
        failed = path
        while above is not None and above.propagates:
            assert path is not None
            path, above = path[0], above.parent
        if above is None:
            path = None
        if self.is_nulled(path):
            return
        self._null(located, path)
        if path is not None:
            self.set_at_path(None, path, None)
        if path is not failed:
            self._cancel_below()

    def is_nulled(self, path: Path) -> bool:
        """Whether an error nulled the position or one that contains it."""
        nulled = self.nulled_paths
        if not nulled:
            return False
        while path is not None:
            if path in nulled:
                return True
            path = path[0]
        return None in nulled

    def set_at_path(self, container: Any, path: Path, value: object) -> None:
        """Sets a value in the response, unless a parent was nulled."""
        assert path is not None
        if container is None:
            container = self.data
            for key in path_to_list(path[0]):
                container = container[key]
                if container is None:
                    return
        container[path[1]] = value

    def drain(self) -> tuple[list[Pending], list[Pending]]:
        """Removes and returns pending values and loads, without those below nulled positions."""
        pending, self.pending, keys, self.pending_loads = self.pending, [], self.pending_loads, []
        if self.nulled_paths:
            discard_awaitables(entry[1] for entry in pending if self.is_nulled(entry[3]))
            pending = [entry for entry in pending if not self.is_nulled(entry[3])]
            keys = [entry for entry in keys if not self.is_nulled(entry[3])]
        return pending, keys

    def _null(self, error: GraphQLError, path: Path) -> None:
        if not self.is_nulled(path):
            self.remaining -= ERROR_VALUES
            self.nulled_paths.add(path)
            self.errors.append(error)

    def _cancel_below(self) -> None:
        """Cancels tasks whose values are all below nulled positions."""
        for future, entries in self.running.items():
            if all(self.is_nulled(entry[3]) for entry in entries) and isinstance(future, asyncio.Task):
                future.cancel()
