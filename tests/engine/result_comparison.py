"""Compares results of different executors."""

import json
from collections import Counter
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLError

# graphql-core leaves coroutines pending if a nested list fails. They are collected before other tests run, which would
# get their warnings.
LEAVES_COROUTINES = [
    pytest.mark.filterwarnings(
        "ignore:.*was never awaited:RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
    ),
    pytest.mark.usefixtures("collect_garbage"),
]


def comparable_errors(result: ExecutionResult) -> tuple[Counter[str], set[str]]:
    """The errors without their order, which concurrency decides.

    If several non-null fields fail below the same position, or that position itself fails, the specification requires
    one of the errors: which, and how many there are, depends on the order, too. Then only their existence is compared.
    """
    alone = Counter[str]()
    together = set[str]()
    own = {json.dumps(error.path) for error in result.errors or ()}
    for error in result.errors or ():
        nulled = _nulled_at(result.data, error)
        if nulled == len(error.path or ()):
            alone[json.dumps([error.message, error.path, [slot.formatted for slot in error.locations or ()]])] += 1
        else:
            together.add(json.dumps((error.path or [])[:nulled]))
    return alone, together - own


def _nulled_at(data: Any, error: GraphQLError) -> int:
    """The number of keys of the error's path that lead to the null in the data."""
    for index, key in enumerate(error.path or ()):
        if data is None:
            return index
        data = data[key]
    return len(error.path or ())
