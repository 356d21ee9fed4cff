"""One run of a plan: what it works with, its errors, and what it still waits for."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from graphql import ExecutionResult, GraphQLError, located_error
from graphql.execution import VariableValues
from graphql.pyutils.is_awaitable import is_async_iterable

from common.errors import ClientError
from engine.caching.policy import CacheAccess
from engine.errors import OperationTooComplex, ResponseTooLarge
from engine.plan.nodes import Path, Plan, Position, keys_of
from engine.run.budget import ERROR_VALUES, FIRST_INTERVAL, INTERVAL, UNLIMITED, ResultLimits
from engine.run.deadline import Deadline

# A value that is not there yet: what holds its place (None: found by the path), what to wait for or the key to load,
# its position and its path.
Pending: TypeAlias = "tuple[Any, Any, Position, Path]"

# A list whose items are completed in part: what is completed, the other items, its position and its path.
Deferred: TypeAlias = "tuple[list[Any], Iterator[Any], Position, Path]"


class Result(ExecutionResult):
    """`values`: how many it has. `bytes`: of them, those that were counted."""

    __slots__ = ("bytes", "values")

    def __init__(self, data: dict[str, Any] | None, errors: list[GraphQLError] | None, values: int, bytes: int) -> None:
        super().__init__(data, errors)
        self.values = values
        self.bytes = bytes


class Run:
    """`arguments`: those that are the same for every parent. `cache`: where values of fields are kept. `pending`: what
    is to be waited for. `keys`: those that loaders are to load. `running`: what is waited for. `is_async_iterable`:
    which lists are asynchronous.

    `left`: values that may be completed before it is time to look at the clock; each function that completes some
    takes them from it. `bytes`: of long strings and cached parts so far. `deferred`: lists to go on with when other
    tasks have run. `stopped`: why the run ends before it is complete.
    """

    __slots__ = (
        "_allotted", "arguments", "bytes", "cache", "context", "data", "deadline", "deferred", "errors",
        "extensions", "is_async_iterable", "keys", "left", "limits", "nulled", "pending", "plan", "root", "running",
        "stopped", "variables",
    )  # fmt: skip

    def __init__(
        self,
        plan: Plan,
        context: Any,
        root: Any,
        variables: VariableValues,
        extensions: Mapping[str, Any] | None = None,
        cache: CacheAccess | None = None,
        limits: ResultLimits = UNLIMITED,
        deadline: Deadline | None = None,
    ) -> None:
        self.plan = plan
        self.context = context
        self.root = root
        self.variables = variables
        self.extensions = extensions
        self.cache = cache
        self.is_async_iterable: Callable[[Any], bool] = is_async_iterable
        self.arguments: dict[Any, dict[str, Any]] = {}
        self.data: dict[str, Any] | None = None
        self.errors: list[GraphQLError] = []
        self.nulled: set[Path] = set()
        self.pending: list[Pending] = []
        self.keys: list[Pending] = []
        self.running: dict[asyncio.Future[Any], list[Pending]] = {}
        self.limits = limits
        self.deadline = deadline
        self.deferred: list[Deferred] = []
        self.stopped: ClientError | None = None
        self.bytes = 0
        self.left = self._allotted = FIRST_INTERVAL

    @property
    def values(self) -> int:
        """Those completed so far."""
        return self._allotted - self.left

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing to wait for."""
        return not (self.pending or self.keys or self.deferred)

    def result(self) -> Result:
        """Raises ClientError where the run was stopped, unless a mutation has done something."""
        self.check_limits()
        data = None if None in self.nulled else self.data
        if self.stopped is not None:
            has_done = self.plan.is_serial and data is not None and any(value is not None for value in data.values())
            if not has_done:
                raise self.stopped
        return Result(data, self.errors or None, self.values, self.bytes)

    def is_interrupted(self) -> bool:
        """Asked where nothing is `left`: whether what follows is for later, because other tasks are to run."""
        if self.check_limits():
            return True
        if self.limits.is_turn_over():
            # As nothing is left, the lists above come to ask too.
            return True
        self._allotted += INTERVAL - self.left
        self.left = INTERVAL
        return False

    def check_limits(self) -> bool:
        """Whether the run has to stop."""
        if self.stopped is None:
            limits = self.limits
            if self.values > limits.values:
                self.stopped = OperationTooComplex(f"Response exceeds the limit of {limits.values} values.")
            elif self.bytes > limits.bytes:
                self.stopped = ResponseTooLarge(f"Response exceeds the limit of {limits.bytes} bytes.")
        return self.stopped is not None

    def fail(self, error: Exception, position: Position, path: Path) -> None:
        """An error found while the value is completed. Raises it, located, where the position cannot be null."""
        located = located_error(error, position.field.nodes, keys_of(path))
        if position.non_null:
            raise located
        self._null(located, path)

    def fail_root(self, error: GraphQLError) -> None:
        """An error that nothing below the root could take."""
        self._null(error, None)

    def fail_later(self, error: Exception, position: Position, path: Path) -> None:
        """An error of a value that was waited for: null goes where the next nullable position above it is."""
        located = located_error(error, position.field.nodes, keys_of(path))
        above: Position | None = position
        failed = path
        while above is not None and above.non_null:
            assert path is not None
            path, above = path[0], above.parent
        if above is None:
            path = None
        if self.is_nulled(path):
            return
        self._null(located, path)
        if path is not None:
            self.place(None, path, None)
        if path is not failed:
            self._cancel_below()

    def is_nulled(self, path: Path) -> bool:
        """Whether the position, or one that it is in, has become null because of an error."""
        nulled = self.nulled
        if not nulled:
            return False
        while path is not None:
            if path in nulled:
                return True
            path = path[0]
        return None in nulled

    def place(self, container: Any, path: Path, value: object) -> None:
        """Puts a value where it belongs, unless there is nothing any more to put it into."""
        assert path is not None
        if container is None:
            container = self.data
            for key in keys_of(path[0]):
                container = container[key]
                if container is None:
                    return
        container[path[1]] = value

    def take_pending(self) -> tuple[list[Pending], list[Pending]]:
        """What is to be waited for, and the keys to load, without what is below a position that has become null."""
        pending, self.pending, keys, self.keys = self.pending, [], self.keys, []
        if self.nulled:
            abandon(entry[1] for entry in pending if self.is_nulled(entry[3]))
            pending = [entry for entry in pending if not self.is_nulled(entry[3])]
            keys = [entry for entry in keys if not self.is_nulled(entry[3])]
        return pending, keys

    def _null(self, error: GraphQLError, path: Path) -> None:
        if not self.is_nulled(path):
            self.left -= ERROR_VALUES
            self.nulled.add(path)
            self.errors.append(error)

    def _cancel_below(self) -> None:
        """Nobody waits any more for what is below a position that has become null."""
        for future, entries in self.running.items():
            if all(self.is_nulled(entry[3]) for entry in entries) and isinstance(future, asyncio.Task):
                future.cancel()


def abandon(values: Iterable[object]) -> None:
    """Ends what nobody will wait for: what has not begun does not begin, what runs may end as it will."""
    for value in values:
        if asyncio.iscoroutine(value):
            value.close()
        elif isinstance(value, asyncio.Future):
            value.add_done_callback(_look_at)


def _look_at(future: "asyncio.Future[Any]") -> None:
    """An exception that nobody looks at would be logged as forgotten."""
    if not future.cancelled():
        future.exception()
