"""The number of values in variables is limited, whatever their types, before they are coerced."""

from collections.abc import Sequence
from typing import Any

import pytest
from graphql import GraphQLError

from engine.request.cost_analysis import Limits
from engine.request.document_cache import DocumentCache
from engine.request.operations import Operations
from engine.request.request_errors import RequestError
from engine.request.variables import MAX_VARIABLE_VALUES
from resolvers.mutations.reviews import MAX_REVIEWS
from schema import schema
from schema.costs import COSTS

OPERATIONS = Operations(schema, DocumentCache(COSTS, max_tokens=1_000), Limits(100, 100, 10**9))
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
REVIEWS = "mutation($reviews: [ReviewInput!]!) { reviewCards(input: {reviews: $reviews}) { errors { code } } }"
REVIEW = {
    "cardId": "1,2",
    "quality": 4,
    "reviewedAt": "2026-01-01T00:00:00Z",
    "durationMs": 1,
    "reschedule": True,
    "idempotencyKey": ",",
}


def refusals(query: str, variables: dict[str, Any]) -> Sequence[GraphQLError]:
    try:
        OPERATIONS.prepare(query, None, variables, introspection=True, read_only=False)
    except RequestError as refused:
        return refused.errors
    return ()


@pytest.mark.parametrize(
    "ids",
    [
        [1] * 990_000,
        ["1"] * MAX_VARIABLE_VALUES,
        [[1] * 99] * (MAX_VARIABLE_VALUES // 99),
        [{}] * MAX_VARIABLE_VALUES,
        [[[[[1]]]]] * (MAX_VARIABLE_VALUES // 5),
        [dict.fromkeys(map(str, range(MAX_VARIABLE_VALUES)))],
    ],
)
def test_more_values_are_rejected(ids: list[Any]) -> None:
    for values in ({"ids": ids}, {"ids": [], "unknown": ids}):
        [error] = refusals(NODES, values)
        assert error.message == f"`variables` have more than {MAX_VARIABLE_VALUES} values."
        assert (error.extensions or {})["code"] == "BAD_USER_INPUT"


def test_largest_input_is_accepted() -> None:
    assert refusals(REVIEWS, {"reviews": [REVIEW] * MAX_REVIEWS}) == ()


def test_commas_in_strings_are_no_values() -> None:
    assert refusals(NODES, {"ids": ["," * MAX_VARIABLE_VALUES] * 9}) == ()
