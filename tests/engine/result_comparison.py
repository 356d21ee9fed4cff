"""What of an answer has to be the same, whoever executes."""

import json
from collections import Counter
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLError

# graphql-core leaves coroutines behind where a list fails inside a list; they are collected before other tests run,
# which would be blamed for them.
LEAVES_COROUTINES = [
    pytest.mark.filterwarnings(
        "ignore:.*was never awaited:RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
    ),
    pytest.mark.usefixtures("garbage_collected_at_the_end"),
]


def errors_told(result: ExecutionResult) -> tuple[Counter[str], set[str]]:
    """The errors, without their order, which concurrency decides.

    Where several fields that cannot be null fail below the same position, or that position itself does, the
    specification lets one of them be told: then which, and how many, depends on the order too. What is left is that
    there is one.
    """
    alone = Counter[str]()
    together = set[str]()
    own = {json.dumps(error.path) for error in result.errors or ()}
    for error in result.errors or ():
        nulled = _nulled_at(result.data, error)
        if nulled == len(error.path or ()):
            alone[json.dumps([error.message, error.path, [place.formatted for place in error.locations or ()]])] += 1
        else:
            together.add(json.dumps((error.path or [])[:nulled]))
    return alone, together - own


def _nulled_at(data: Any, error: GraphQLError) -> int:
    """How many keys of the error's path lead to the null in the data."""
    for index, key in enumerate(error.path or ()):
        if data is None:
            return index
        data = data[key]
    return len(error.path or ())
