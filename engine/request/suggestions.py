"""Suggestions of names in graphql-core's errors ("Did you mean …?")."""

from importlib import import_module
from typing import Any

from graphql.pyutils.suggestion_list import LexicalDistance as _LexicalDistance


class LexicalDistance(_LexicalDistance):
    """Compares names in lower case, even if that is longer than the name, for which graphql-core raises IndexError. İ
    is the only such letter. Most names of a schema are excluded by their letters, which is faster.
    """

    def __init__(self, input_: str) -> None:
        super().__init__(input_)
        size = len(self._input_list) + 1
        self._rows = [[0] * size for _ in range(3)]
        self._letters = frozenset(input_.lower())

    def measure(self, option: str, threshold: int) -> int | None:
        # Each letter that the input does not have takes an edit.
        if len(frozenset(option.lower()) - self._letters) > threshold:
            return None
        return super().measure(option, threshold)


def patch_suggestions() -> None:
    """Replace graphql-core's class, for which it has no option; it computes suggestions even if they are hidden."""
    # The package exports a function of the same name.
    module: Any = import_module("graphql.pyutils.suggestion_list")
    module.LexicalDistance = LexicalDistance
