"""Texts that were analysed by a job, and their parts."""

from datetime import datetime

import strawberry

from db.queries.analyzed_texts import AnalyzedTextRow, TextPartRow
from resolvers import analyzed_texts as resolve_analyzed_texts
from schema import lazy_types as ref
from schema import list_sizes
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A part of an analysed text: whole sentences.")
class TextPart:
    is_type_of = is_row(TextPartRow)

    number: int = strawberry.field(description="Number of the part, from 1.")
    text: str = strawberry.field(
        description="The text, at most 600 characters. The texts of all parts concatenate to the analysed text.",
        directives=[Cost(weight="6")],
    )
    tokens = strawberry.field(
        resolver=resolve_analyzed_texts.part_tokens,
        graphql_type=list[ref.Token],
        description="Words and symbols of the part. Their surfaces, joined, are `text`.",
        directives=[list_sizes.TOKENS_OF_PART],
    )


@strawberry.type(description="Text of the viewer that was analysed by a job.")
class AnalyzedText(Node):
    is_type_of = is_row(AnalyzedTextRow)

    length: int = strawberry.field(description="Number of characters, in Unicode code points.")
    part_count: int = strawberry.field(description="Number of parts.")
    sentence_count: int = strawberry.field(description="Number of sentences.")
    word_count: int = strawberry.field(
        description="Number of words, each occurrence counted, without particles, auxiliaries and symbols."
    )
    unknown_word_count: int = strawberry.field(description="How many of them the dictionary did not have.")
    created_at: datetime = strawberry.field(description="When the analysis was requested.")
    expires_at = strawberry.field(
        resolver=resolve_analyzed_texts.expires_at,
        graphql_type=datetime,
        description="When the text is deleted, a week after its analysis; earlier if 20 newer ones were requested.",
    )
    parts = strawberry.field(
        resolver=resolve_analyzed_texts.parts,
        graphql_type=Connection[TextPart] | None,
        description="The text by part.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
