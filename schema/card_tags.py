"""Tags of cards."""

import strawberry

from db.queries.card_tags import CardTagRow
from schema.directives import Cost
from schema.nodes import is_row


@strawberry.type(description="A tag of the learner's cards.")
class CardTag:
    is_type_of = is_row(CardTagRow)

    tag: str = strawberry.field(description="The tag; at most 50 characters.", directives=[Cost(weight="2")])
    card_count: int = strawberry.field(description="Number of cards with the tag.")
