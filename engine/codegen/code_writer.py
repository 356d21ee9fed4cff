"""Collects the source of generated functions, and their namespace."""

from collections.abc import Iterable
from typing import Any

from graphql import Undefined

from engine.nodes import ResponsePosition
from engine.run.complete_value import complete_value, execute_field
from engine.run.discarding import discard_awaitables, remaining_awaitables

_SHARED = {
    "Undefined": Undefined,
    "discard_awaitables": discard_awaitables,
    "execute_field": execute_field,
    "complete_value": complete_value,
    "infinity": float("inf"),
    "remaining_awaitables": remaining_awaitables,
}


class Writer:
    """`completed`, `filled`: positions and lists with a function of their own. `functions`: the number of functions."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.namespace: dict[str, Any] = dict(_SHARED)
        self.completed: list[ResponsePosition] = []
        self.filled: list[ResponsePosition] = []
        self.functions = 0
        self._names: dict[tuple[str, int], str] = {}
        self._references: list[object] = []

    def name_of(self, prefix: str, thing: object) -> str:
        key = (prefix, id(thing))
        if key not in self._names:
            self._names[key] = f"{prefix}_{len(self._names)}"
            # Keeps the object alive, and with it the id unique.
            self._references.append(thing)
        return self._names[key]

    def constant(self, prefix: str, thing: object) -> str:
        """The name of an object in the functions' namespace."""
        name = self.name_of(prefix, thing)
        self.namespace[name] = thing
        return name

    def function(self, name: str, parameters: str, body: list[str]) -> None:
        self.functions += 1
        self.lines += [f"def {name}({parameters}):", *indented(body)]


def indented(lines: Iterable[str], levels: int = 1) -> list[str]:
    return [f"{'    ' * levels}{line}" for line in lines]
