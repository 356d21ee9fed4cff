"""Cards and reviews."""

from datetime import datetime

import strawberry

from db.queries.cards import CardRow
from db.queries.reviews import ReviewRow
from domain.enums import CardState
from resolvers import cards as resolve_cards
from schema import lazy_types as ref
from schema import list_sizes
from schema.nodes import Node, is_row


@strawberry.type(description="What answering with a quality would lead to.")
class ReviewPreview:
    quality: int = strawberry.field(description="The answer: 0 (forgotten) to 5 (easy).")
    due_at: datetime = strawberry.field(description="When the card would be due.")
    interval_days: float = strawberry.field(description="Days until then.")


@strawberry.type(description="The viewer's flashcard for a word.")
class Card(Node):
    is_type_of = is_row(CardRow)

    vocabulary = strawberry.field(
        resolver=resolve_cards.vocabulary, graphql_type=ref.Vocabulary, description="The word on it."
    )
    state: CardState = strawberry.field(description="Where it stands in learning.")
    due_at: datetime = strawberry.field(description="When it is to be reviewed.")
    interval_days: float = strawberry.field(description="Days from the last review to the next.")
    ease_factor: float = strawberry.field(description="SM-2: how fast intervals grow; 1.3 at least.")
    stability: float | None = strawberry.field(description="FSRS: days until recall falls to 90 %.")
    difficulty: float | None = strawberry.field(description="FSRS: 1 (easy) to 10 (hard).")
    repetitions: int = strawberry.field(description="Times recalled in a row.")
    lapses: int = strawberry.field(description="Times forgotten after it had been learnt.")
    suspended: bool = strawberry.field(description="Whether it is left out of reviews.")
    last_reviewed_at: datetime | None = strawberry.field(description="When it was reviewed last.")
    version: int = strawberry.field(description="Raised by every change.")
    next_reviews = strawberry.field(
        resolver=resolve_cards.next_reviews,
        graphql_type=list[ReviewPreview],
        description="What each quality from 0 to 5 would lead to.",
        directives=[list_sizes.QUALITIES],
    )


@strawberry.type(description="One review of a card.")
class Review(Node):
    is_type_of = is_row(ReviewRow)

    card = strawberry.field(resolver=resolve_cards.review_card, graphql_type=ref.Card, description="The card.")
    quality: int = strawberry.field(description="The answer: 0 (forgotten) to 5 (easy).")
    reviewed_at: datetime = strawberry.field(description="When the learner answered.")
    interval_days_before: float = strawberry.field(description="The card's interval before.")
    interval_days_after: float = strawberry.field(description="The card's interval after.")
    duration_ms: int | None = strawberry.field(
        description="How long the answer took, in milliseconds; at most a minute."
    )
    undone: bool = strawberry.field(description="Whether the learner took it back.")
