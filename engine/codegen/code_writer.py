"""Collects generated functions, and what they find by name."""

from collections.abc import Iterable
from typing import Any

from graphql import Undefined

from engine.plan.nodes import Position
from engine.run.complete_value import answer, complete, rest_of
from engine.run.context import abandon

_SHARED = {
    "Undefined": Undefined,
    "abandon": abandon,
    "answer": answer,
    "complete": complete,
    "infinity": float("inf"),
    "rest_of": rest_of,
}


class Writer:
    """`completed`: positions that have a function of their own. `filled`: lists that have one.

    `functions`: how many were written.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.namespace: dict[str, Any] = dict(_SHARED)
        self.completed: list[Position] = []
        self.filled: list[Position] = []
        self.functions = 0
        self._names: dict[tuple[str, int], str] = {}
        self._kept: list[object] = []

    def name_of(self, prefix: str, thing: object) -> str:
        key = (prefix, id(thing))
        if key not in self._names:
            self._names[key] = f"{prefix}_{len(self._names)}"
            # As long as it lives, nothing else has its id.
            self._kept.append(thing)
        return self._names[key]

    def constant(self, prefix: str, thing: object) -> str:
        """The name under which functions find a thing."""
        name = self.name_of(prefix, thing)
        self.namespace[name] = thing
        return name

    def function(self, name: str, parameters: str, body: list[str]) -> None:
        self.functions += 1
        self.lines += [f"def {name}({parameters}):", *indented(body)]


def indented(lines: Iterable[str], levels: int = 1) -> list[str]:
    return [f"{'    ' * levels}{line}" for line in lines]
