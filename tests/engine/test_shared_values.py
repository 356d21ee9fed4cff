"""Runs share completed values of objects that a loader knows for all requests."""

from collections.abc import Iterator
from inspect import isawaitable
from typing import Any

import pytest
from graphql import DocumentNode, execute, parse

from engine.loading import shared_values
from engine.loading.shared_values import SharedValues
from tests.engine.kitchen_sink_schema import schema
from tests.engine.planned_executor import PlannedExecutor
from tests.engine.zoo import Zoo, animal, known_guides

PLAIN = "{ animal(number: %d) { ... on Fish { guide { number name weight mood } } } }"
DEPENDENT = "{ animal(number: %d) { ... on Fish { guide { number initial } } } }"


@pytest.fixture
def known() -> Iterator[SharedValues[int, Any]]:
    known = known_guides()
    known.completed.clear()
    yield known
    known.completed.clear()


async def run(document: DocumentNode) -> Any:
    found = execute(schema._schema, document, context_value=Zoo(0, 0), executor_class=PlannedExecutor)
    result = await found if isawaitable(found) else found
    assert not result.errors
    return result


def query(template: str) -> str:
    """Of a fish whose guide is a known fish."""
    known = known_guides()
    mates = ((number, animal(number).mate_number) for number in range(0, 100, 2))
    return template % next(number for number, mate in mates if mate in known and mate % 2 == 0)


async def test_second_run_takes_the_value_of_the_first(known: SharedValues[int, Any]) -> None:
    document = parse(query(PLAIN))
    # The first one is not compiled.
    results = [await run(document) for _ in range(4)]
    assert all(result.data == results[0].data for result in results)
    guides = [result.data["animal"]["guide"] for result in results]
    assert guides[2] is guides[3]
    assert len({result.values for result in results[1:]}) == 1


async def test_value_that_depends_on_the_run_is_not_shared(known: SharedValues[int, Any]) -> None:
    document = parse(query(DEPENDENT))
    for _ in range(3):
        await run(document)
    assert not known.completed


async def test_number_of_values_is_bounded(known: SharedValues[int, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_values, "MAX_VALUES", 20)
    # Each has a plan of its own.
    for alias in "abcde":
        document = parse(query(PLAIN).replace("number name", f"number {alias}: name"))
        for _ in range(3):
            await run(document)
        found = [entry for entries in known.completed.values() for entry in entries.values()]
        assert sum(number + 1 for _, number in found) + len(known.completed) <= 20
    assert found
