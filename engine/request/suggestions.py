"""Suggestions of names in graphql-core's errors ("Did you mean …?")."""

from importlib import import_module
from typing import Any

from graphql.pyutils.suggestion_list import LexicalDistance as _LexicalDistance


class LexicalDistance(_LexicalDistance):
    """Compares names in lower case, even if that is longer than the name, for which graphql-core raises IndexError. İ
    is the only such letter.
    """

    def __init__(self, input_: str) -> None:
        super().__init__(input_)
        size = len(self._input_list) + 1
        self._rows = [[0] * size for _ in range(3)]


def patch_suggestions() -> None:
    """Replace graphql-core's class, for which it has no option; it computes suggestions even if they are hidden."""
    # The package exports a function of the same name.
    module: Any = import_module("graphql.pyutils.suggestion_list")
    module.LexicalDistance = LexicalDistance
