"""Corrections of the dictionary."""

from datetime import datetime

import strawberry

from db.queries.corrections import CorrectionRow
from domain.enums import CorrectionKind, CorrectionState
from resolvers import corrections as resolve_corrections
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import Cost
from schema.nodes import Node, is_row


@strawberry.type(description="A corrected value.")
class CorrectedField:
    name: str = strawberry.field(description="Name of the field, such as reading or senses.")
    release: str = strawberry.field(
        description="The value in the release of the dictionary, as JSON, with JMdict's codes.",
        directives=[Cost(weight="50")],
    )
    corrected: str = strawberry.field(
        description="The corrected value, as JSON, with JMdict's codes.", directives=[Cost(weight="50")]
    )


@strawberry.type(description="Values by which editors replace those of a release of the dictionary.")
class Correction(Node):
    is_type_of = is_row(CorrectionRow)

    kind: CorrectionKind = strawberry.field(description="What is corrected.")
    vocabulary = strawberry.field(
        resolver=resolve_corrections.vocabulary,
        graphql_type=ref.Vocabulary | None,
        description="The word, or the word of the sentence; null for a kanji, and if the dictionary omits the word.",
    )
    kanji = strawberry.field(
        resolver=resolve_corrections.kanji, graphql_type=ref.Kanji | None, description="The kanji; null for words."
    )
    sentence: str | None = strawberry.field(
        description="The example sentence in the release; null for others.", directives=[Cost(weight="3")]
    )
    position: int | None = strawberry.field(
        description="Position of the sentence among the word's examples, from 0; null for others."
    )
    fields = strawberry.field(
        resolver=resolve_corrections.fields,
        graphql_type=list[CorrectedField],
        description="The corrected values. Others are those of the release.",
        directives=[list_sizes.CORRECTED_FIELDS],
    )
    state: CorrectionState = strawberry.field(description="Whether it has effect.")
    source: str = strawberry.field(
        description="Where the values come from, such as another dictionary.", directives=[Cost(weight="5")]
    )
    note: str | None = strawberry.field(description="Why they are better.", directives=[Cost(weight="20")])
    author = strawberry.field(
        resolver=resolve_corrections.author,
        graphql_type=ref.User | None,
        description="The editor who made it last; visible to editors.",
    )
    version: int = strawberry.field(
        description="Version for optimistic locking; incremented by every change. Pass it as `expectedVersion`."
    )
    created_at: datetime = strawberry.field(description="Creation time.")
    updated_at: datetime = strawberry.field(description="Time of the last change, by an editor or a release.")
