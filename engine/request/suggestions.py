"""Suggestions of names in graphql-core's errors ("Did you mean …?")."""

from functools import lru_cache
from importlib import import_module
from typing import Any

from graphql.pyutils.suggestion_list import LexicalDistance as _LexicalDistance

# Larger than the number of names in the schema.
_letters_of = lru_cache(maxsize=16_384)(lambda name: frozenset(name.lower()))


class LexicalDistance(_LexicalDistance):
    """Compares names in lower case, even if that is longer than the name, for which graphql-core raises IndexError. İ
    is the only such letter. Most names of a schema are excluded by their letters, which is faster.
    """

    def __init__(self, input_: str) -> None:
        super().__init__(input_)
        size = len(self._input_list) + 1
        self._rows = [[0] * size for _ in range(3)]
        self._letters = _letters_of(input_)

    def measure(self, option: str, threshold: int) -> int | None:
        # Each letter that only one of the names has takes an edit; a substitution replaces one of the input.
        letters = _letters_of(option)
        if len(letters - self._letters) > threshold or len(self._letters - letters) > threshold:
            return None
        return super().measure(option, threshold)


def patch_suggestions() -> None:
    """Replace graphql-core's class, for which it has no option; it computes suggestions even if they are hidden."""
    # The package exports a function of the same name.
    module: Any = import_module("graphql.pyutils.suggestion_list")
    module.LexicalDistance = LexicalDistance
