"""Executes plan nodes that are not compiled."""

from collections.abc import Iterator

from engine.nodes import Complete, Fill, NodeFunctions, Path, ResponsePosition, Select, SelectionPlan
from engine.run.complete_value import complete_items, complete_value, execute_field
from engine.run.context import ExecutionContext


def interpret_selection(selection: SelectionPlan) -> Select:
    """A function that executes the selection field by field."""

    def select(source: object, run: ExecutionContext, path: Path) -> dict[str, object]:
        run.remaining -= len(selection.fields)
        return {field.key: execute_field(field, source, run, (path, field.key)) for field in selection.fields}

    return select


def interpret_position(position: ResponsePosition) -> Complete:
    """A function that completes values at the position."""

    def complete(value: object, run: ExecutionContext, path: Path) -> object:
        return complete_value(position, value, run, path)

    return complete


def interpret_list(position: ResponsePosition) -> Fill:
    """A function that completes items of lists at the position."""

    def fill(items: Iterator[object], run: ExecutionContext, path: Path, found: list[object]) -> list[object]:
        return complete_items(position, items, run, path, found)

    return fill


INTERPRETED = NodeFunctions(interpret_selection, interpret_position, interpret_list)
