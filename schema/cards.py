"""Cards and reviews."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from db.queries.card_lists import DeletedCardRow
from db.queries.cards import CardContextRow, CardRow, RescheduledCard
from db.queries.reviews import NewReview, ReviewRow
from domain.enums import CardKind, CardState
from resolvers import cards as resolve_cards
from schema import lazy_types as ref
from schema import list_sizes
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import Node, is_row


@strawberry.type(description="Preview of a review with a quality.")
class ReviewPreview:
    quality: int = strawberry.field(description="Quality of the answer, between 0 (forgotten) and 5 (easy).")
    due_at: datetime = strawberry.field(description="When the card would be due.")
    interval_days: float = strawberry.field(description="Interval in days.")


@strawberry.type(description="The sentence in which the learner met the word of a card.")
class CardContext:
    is_type_of = is_row(CardContextRow)

    text: str = strawberry.field(
        description="The text, as it was when the card was created.", directives=[Cost(weight="5")]
    )
    book = strawberry.field(
        resolver=resolve_cards.context_book,
        graphql_type=ref.Book | None,
        description="The book that the text is from; null if it is from none, or if the viewer cannot see the book.",
    )
    page: int | None = strawberry.field(description="The page of the book.")


CardSubject = Annotated[
    ref.Vocabulary | ref.Kanji | ref.CustomVocabulary,
    strawberry.union("CardSubject", description="What a card is about."),
]


@strawberry.type(
    description=(
        "The viewer's flashcard of a word, of a kanji, or of an own word. Each has at most one card of each kind; "
        "these are siblings."
    )
)
class Card(Node):
    is_type_of = is_row(CardRow, RescheduledCard)

    kind: CardKind = strawberry.field(description="What the card asks.")
    subject = strawberry.field(
        resolver=resolve_cards.subject,
        graphql_type=CardSubject,
        description="The word, the kanji, or the own word of the card.",
    )
    vocabulary = strawberry.field(
        resolver=resolve_cards.vocabulary,
        graphql_type=ref.Vocabulary | None,
        description="The word of the card; null if it is of a kanji or of an own word.",
    )
    kanji = strawberry.field(
        resolver=resolve_cards.kanji,
        graphql_type=ref.Kanji | None,
        description="The kanji of the card; null if it is of a word.",
    )
    custom_vocabulary = strawberry.field(
        resolver=resolve_cards.custom_vocabulary,
        graphql_type=ref.CustomVocabulary | None,
        description="The own word of the card; null if it is of a word or kanji of the dictionary.",
    )
    state: CardState = strawberry.field(description="Learning state.")
    due_at: datetime = strawberry.field(
        description="When the card is due: the start of `dueDay`, or a time if it is new or in learning steps."
    )
    due_day: date | None = strawberry.field(
        description="The learner's day on which the card is due; null if it is new or in learning steps."
    )
    interval_days: float = strawberry.field(
        description="Interval in days that the algorithm computed. With FSRS, `dueDay` is chosen around it."
    )
    ease_factor: float = strawberry.field(description="SM-2 ease factor; at least 1.3.")
    stability: float | None = strawberry.field(description="FSRS stability: days until retrievability falls to 90 %.")
    difficulty: float | None = strawberry.field(description="FSRS difficulty, between 1 (easy) and 10 (hard).")
    repetitions: int = strawberry.field(description="Number of consecutive successful reviews.")
    lapses: int = strawberry.field(description="Number of lapses.")
    suspended: bool = strawberry.field(description="Whether the card is suspended.")
    buried_until = strawberry.field(
        resolver=resolve_cards.buried_until,
        graphql_type=datetime | None,
        description="When a card that `buryCards` hides is shown again; null if it does not hide the card.",
    )
    leech = strawberry.field(
        resolver=resolve_cards.leech,
        graphql_type=bool,
        description="Whether the card was forgotten so often that it is a leech: `StudySettings.leechThreshold`.",
    )
    flag: int = strawberry.field(description="The color that the learner chose, between 1 and 7; 0 without one.")
    tags = strawberry.field(
        resolver=resolve_cards.tags,
        graphql_type=list[str],
        description="The tags, at most 10.",
        directives=[list_sizes.TAGS_OF_CARD],
    )
    last_reviewed_at: datetime | None = strawberry.field(description="Time of the last review.")
    created_at: datetime = strawberry.field(description="Time of creation.")
    version: int = strawberry.field(description="Version for optimistic locking; incremented by every change.")
    context = strawberry.field(
        resolver=resolve_cards.context,
        graphql_type=CardContext | None,
        description="The sentence in which the learner met the word, if it was given to `createCards`.",
    )
    reviews = strawberry.field(
        resolver=resolve_cards.reviews,
        graphql_type=Connection[ref.Review] | None,
        description="The reviews of the card, newest first, including undone ones.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    next_reviews = strawberry.field(
        resolver=resolve_cards.next_reviews,
        graphql_type=list[ReviewPreview],
        description="Preview of a review with each quality from 0 to 5.",
        directives=[list_sizes.QUALITIES],
    )


@strawberry.type(description="A card that was deleted, and can be restored by `restoreCards`.")
class DeletedCard:
    is_type_of = is_row(DeletedCardRow)

    card = strawberry.field(
        resolver=resolve_cards.deleted_card, graphql_type=ref.Card, description="The card, as it was deleted."
    )
    card_id = strawberry.field(
        resolver=resolve_cards.deleted_card_id,
        graphql_type=strawberry.ID,
        description="The global id of the card, for `restoreCards`.",
    )
    deleted_at: datetime = strawberry.field(description="Time of the deletion.")
    restorable_until = strawberry.field(
        resolver=resolve_cards.restorable_until,
        graphql_type=datetime,
        description="When the card is purged with its reviews.",
    )


@strawberry.type(description="One review of a card.")
class Review(Node):
    is_type_of = is_row(ReviewRow, NewReview)

    card = strawberry.field(
        resolver=resolve_cards.review_card, graphql_type=ref.Card, description="The card, even if it was deleted."
    )
    card_id = strawberry.field(
        resolver=resolve_cards.review_card_id,
        graphql_type=strawberry.ID,
        description="The global id of the card, for clients that keep copies.",
    )
    quality: int = strawberry.field(description="Quality of the answer, between 0 (forgotten) and 5 (easy).")
    reviewed_at: datetime = strawberry.field(description="Time of the answer.")
    interval_days_before: float = strawberry.field(description="The card's interval in days before the review.")
    interval_days_after: float = strawberry.field(description="The card's interval in days after the review.")
    duration_ms: int | None = strawberry.field(description="Answer time in milliseconds; at most one minute.")
    undone: bool = strawberry.field(description="Whether the review was undone.")
    rescheduled: bool = strawberry.field(
        description="Whether the answer moved the card's schedule; false for `ReviewInput.reschedule: false`."
    )
