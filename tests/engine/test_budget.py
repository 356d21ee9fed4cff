# mypy: disable-error-code="untyped-decorator"
"""The limits of a run, and when it yields to other tasks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from inspect import isawaitable
from itertools import count

import pytest
import strawberry
from graphql import ExecutionResult, OperationDefinitionNode, parse
from graphql.execution import VariableValues
from strawberry.schema.config import StrawberryConfig

from common.errors import ClientError
from engine.budget import FIRST_INTERVAL, INTERVAL, TURN_SECONDS, ResultLimits, Turn
from engine.errors import DeadlineExceeded, ErrorCode
from engine.loading.batch_loader import BatchLoader
from engine.loading.loader_field import loader_field
from engine.request.plan_cache import PlanCache
from engine.run.context import ExecutionContext
from engine.run.deadline import Deadline
from engine.run.execute import execute
from tests.engine.test_shapes import DictionaryCache, EverythingIsPublic

WORK_SECONDS = 0.0001


@dataclass
class Meter:
    """The context: a clock advanced by resolvers, and the work done without a yield."""

    now: float = 0.0
    done: int = 0
    stretches: list[int] = field(default_factory=list)
    may: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.cells = Cells()
        self.turn = Turn(clock=lambda: self.now)

    def work(self) -> None:
        self.now += WORK_SECONDS
        self.done += 1

    async def watch(self) -> None:
        """A task that records how often it runs."""
        while True:
            self.stretches.append(self.done)
            self.done = 0
            await asyncio.sleep(0)


Info = strawberry.Info[Meter, None]


class Cells(BatchLoader[int, list[int]]):
    async def load_batch(self, keys: Sequence[int]) -> list[list[int]]:
        return [[key] * 3 for key in keys]


def _cells_of(meter: Meter) -> Cells:
    return meter.cells


@strawberry.interface
class Thing:
    number: int


@strawberry.type
class Cell(Thing):
    @strawberry.field
    def value(self, info: Info) -> int:
        info.context.work()
        return self.number


@strawberry.type
class Row:
    number: int

    @strawberry.field
    def cells(self, count: int = 3) -> list[Cell]:
        return [Cell(number=number) for number in range(count)]

    @strawberry.field
    async def later(self) -> list[Cell]:
        return [Cell(number=number) for number in range(3)]

    loaded: list[Cell] = strawberry.field(
        resolver=loader_field(_cells_of, "number", lambda found: [Cell(number=number) for number in found]),
        graphql_type=list[Cell],
    )


@strawberry.type
class Query:
    @strawberry.field
    def cells(self, count: int) -> list[Cell]:
        return [Cell(number=number) for number in range(count)]

    @strawberry.field
    def things(self, count: int) -> list[Thing]:
        return [Cell(number=number) for number in range(count)]

    @strawberry.field
    def rows(self, count: int) -> list[Row]:
        return [Row(number=number) for number in range(count)]

    @strawberry.field(graphql_type=list[Cell])
    def generated(self) -> Iterator[Cell]:
        return (Cell(number=number) for number in count())

    @strawberry.field(graphql_type=list[Cell])
    async def streamed(self, count: int) -> AsyncIterator[Cell]:
        return (Cell(number=number) async for number in _numbers(count))

    @strawberry.field
    def numbers(self, count: int) -> list[int]:
        return list(range(count))

    @strawberry.field
    def words(self, count: int) -> list[str]:
        return ["word"] * count

    @strawberry.field
    def text(self, length: int) -> str:
        return "x" * length


async def _numbers(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


@strawberry.type
class Mutation:
    @strawberry.field
    async def save(self, number: int) -> Cell | None:
        return Cell(number=number)

    @strawberry.field
    async def list(self, count: int) -> list[Cell] | None:
        return [Cell(number=number) for number in range(count)]

    @strawberry.field
    async def wait(self, info: Info) -> Cell | None:
        await info.context.may.wait()
        return Cell(number=0)


schema = strawberry.Schema(Query, Mutation, types=[Cell], config=StrawberryConfig(auto_camel_case=False))
NONE = VariableValues({}, {})

FIELDS = 10

# Each completes 3,000 cells.
LARGE = {
    "a long list": "{ cells(count: 3000) { value } }",
    "a list in a list": "{ rows(count: 10) { cells(count: 300) { value } } }",
    "short lists in a long one": "{ rows(count: 1000) { cells { value } } }",
    "an interface": "{ things(count: 3000) { ... on Cell { value } } }",
    "an asynchronous list": "{ streamed(count: 3000) { value } }",
    "what a loader gave": "{ rows(count: 1000) { loaded { value } } }",
    "what coroutines gave": "{ rows(count: 1000) { later { value } } }",
    "many fields": f"{{ {' '.join(f'a{number}: cells(count: 300) {{ value }}' for number in range(FIELDS))} }}",
}


class Runs:
    """Of one operation: interpreted, compiled, with all types known."""

    def __init__(self, text: str, *, cached: bool = False) -> None:
        document = parse(text)
        [operation] = document.definitions
        assert isinstance(operation, OperationDefinitionNode)
        policies = EverythingIsPublic() if cached else None
        self._plans = PlanCache(schema._schema, operation, {}, policies=policies)
        self._cache = DictionaryCache() if cached else None

    async def run(
        self, meter: Meter, limits: ResultLimits | None = None, deadline: Deadline | None = None
    ) -> ExecutionResult:
        limits = limits or ResultLimits(turn=meter.turn)
        plan = self._plans.plan(NONE)
        found = execute(ExecutionContext(plan, meter, None, NONE, cache=self._cache, limits=limits, deadline=deadline))
        async with asyncio.timeout(60):
            return await found if isawaitable(found) else found


async def watched(run: Callable[[Meter], Awaitable[ExecutionResult]]) -> tuple[ExecutionResult, Meter]:
    meter = Meter()
    watching = asyncio.create_task(meter.watch())
    await asyncio.sleep(0)
    try:
        result = await run(meter)
    finally:
        watching.cancel()
    meter.stretches.append(meter.done)
    return result, meter


@pytest.mark.parametrize("cached", [False, True], ids=["resolver", "cached"])
@pytest.mark.parametrize("name", LARGE)
async def test_large_response_yields_to_other_tasks(name: str, cached: bool) -> None:
    runs = Runs(LARGE[name], cached=cached)
    for _ in range(1 if cached else 3):
        result, meter = await watched(runs.run)
        assert not result.errors
        assert sum(meter.stretches) == 3_000
        # A turn and an interval: each cached field has a run of its own.
        assert max(meter.stretches) <= TURN_SECONDS / WORK_SECONDS + INTERVAL + FIELDS * FIRST_INTERVAL


async def test_small_response_does_not_yield() -> None:
    runs = Runs("{ cells(count: 90) { value } }")
    for _ in range(3):
        _, meter = await watched(runs.run)
        assert meter.stretches == [0, 90]


OVER = {
    **LARGE,
    "a list without end": "{ generated { number } }",
    "numbers": "{ numbers(count: 3000) }",
    "words": "{ words(count: 3000) }",
}


@pytest.mark.parametrize("name", OVER)
async def test_too_many_values_stop_operation(name: str) -> None:
    runs = Runs(OVER[name])
    for _ in range(3):
        meter = Meter()
        with pytest.raises(ClientError, match=r"^Response exceeds the limit of 1000 values\.$") as raised:
            await runs.run(meter, ResultLimits(values=1_000, turn=meter.turn))
        assert raised.value.code is ErrorCode.OPERATION_TOO_COMPLEX
        assert meter.done <= 1_000 + INTERVAL


@pytest.mark.parametrize("text", ["{ text(length: 1001) }", "{ a: text(length: 501) b: text(length: 501) }"])
async def test_long_strings_stop_operation(text: str) -> None:
    runs = Runs(text)
    for _ in range(3):
        with pytest.raises(ClientError, match=r"^Response exceeds the limit of 1000 bytes\.$") as raised:
            await runs.run(Meter(), ResultLimits(bytes=1_000))
        assert raised.value.code is ErrorCode.RESPONSE_TOO_LARGE


async def test_cached_values_count_as_bytes() -> None:
    runs = Runs(f"{{ {' '.join(f'a{number}: text(length: 100)' for number in range(11))} }}", cached=True)
    await runs.run(Meter())
    with pytest.raises(ClientError) as raised:
        await runs.run(Meter(), ResultLimits(bytes=1_000))
    assert raised.value.code is ErrorCode.RESPONSE_TOO_LARGE


async def test_value_count_is_equal_in_every_mode() -> None:
    for text, values in (
        # Two root fields; a list of two rows with two fields each; in each row a list of three cells with one field.
        ("{ rows(count: 2) { number cells { number } } words(count: 5) }", 2 + 2 + 4 + 2 * 6 + 5),
        ("{ things(count: 2) { number } numbers(count: 4) }", 2 + 2 + 2 + 4),
    ):
        runs = Runs(text)
        counts = [getattr(await runs.run(Meter()), "values", None) for _ in range(3)]
        assert counts == [values] * 3


async def test_mutation_returns_executed_fields_at_value_limit() -> None:
    runs = Runs(
        "mutation { a: save(number: 1) { number } b: list(count: 2000) { number } c: save(number: 2) { number } }"
    )
    for _ in range(3):
        result = await runs.run(Meter(), ResultLimits(values=1_000))
        assert result.data == {"a": {"number": 1}, "b": None, "c": None}
        assert [error.path for error in result.errors or ()] == [["b"], ["c"]]


async def test_mutation_returns_executed_fields_at_deadline() -> None:
    runs = Runs("mutation { a: save(number: 1) { number } b: wait { number } c: save(number: 2) { number } }")
    for _ in range(3):
        async with Deadline(0.01) as deadline:
            result = await runs.run(Meter(), None, deadline)
        assert result.data == {"a": {"number": 1}, "b": None, "c": None}
        assert [error.path for error in result.errors or ()] == [["b"], ["c"]]
        assert all(isinstance(error.original_error, DeadlineExceeded) for error in result.errors or ())
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0


async def test_mutation_without_executed_fields_fails_at_deadline() -> None:
    with pytest.raises(DeadlineExceeded):
        async with Deadline(0.01) as deadline:
            await Runs("mutation { b: wait { number } }").run(Meter(), None, deadline)


async def test_mutation_can_be_cancelled_otherwise() -> None:
    async def run() -> None:
        async with Deadline(60) as deadline:
            await Runs("mutation { a: save(number: 1) { number } b: wait { number } }").run(Meter(), None, deadline)

    running = asyncio.create_task(run())
    for _ in range(5):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.parametrize("name", LARGE)
async def test_deadline_stops_pure_computation(name: str) -> None:
    """The timer fires when the run yields."""
    meter = Meter()
    with pytest.raises(DeadlineExceeded):
        async with Deadline(0) as deadline:
            await Runs(LARGE[name]).run(meter, None, deadline)
    assert meter.done <= 2 * (TURN_SECONDS / WORK_SECONDS + INTERVAL)
