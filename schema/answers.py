"""Checked answers to cards."""

import strawberry

from domain.enums import AnswerResult
from resolvers import answers as resolve_answers
from schema import list_sizes
from schema.directives import Cost
from schema.nodes import is_row


@strawberry.type(description="How an answer compares with the expected ones.")
class CheckedAnswer:
    is_type_of = is_row(resolve_answers.CheckedAnswer)

    result: AnswerResult = strawberry.field(description="The result.")
    expected: list[str] = strawberry.field(
        description="The first expected answers, the usual ones first.",
        directives=[list_sizes.EXPECTED_ANSWERS, Cost(weight="4")],
    )
    matched: str | None = strawberry.field(
        description="The accepted answer that is nearest; null for INCORRECT.", directives=[Cost(weight="4")]
    )
