"""Mutations of cards."""

import strawberry

from domain.enums import Role
from resolvers.mutations import cards as resolve_cards
from schema import lazy_types as ref
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_cards.CardContextInput,
    "The sentence in which a word was met. A card that has a context keeps it.",
    vocabulary_id="The word; one of `vocabularyIds`.",
    text="The sentence; 1 to 500 characters.",
    book_id="The book that the sentence is from.",
    page="The page of the book.",
)

describe_input(
    resolve_cards.CreateCardsInput,
    "Input of createCards: words by their ids, of a chapter, or of a level, which exclude each other.",
    vocabulary_ids="1 to 1,000 words.",
    chapter_id="The words of this chapter.",
    jlpt_level="The words of this level.",
    limit="Maximum number of words, between 1 and 5,000; default all.",
    kind="What the cards ask; RECOGNITION by default. A word in kana gets no card for its reading.",
    contexts="The sentences in which words of `vocabularyIds` were met, max 1,000; at most one of each word.",
)

describe_input(
    resolve_cards.CreateKanjiCardsInput,
    "Input of createKanjiCards: kanji by their ids, or of a level, which exclude each other.",
    kanji_ids="1 to 1,000 kanji.",
    jlpt_level="The kanji of this level.",
    limit="Maximum number of kanji, between 1 and 5,000; default all.",
    kind="What the cards ask; RECOGNITION by default.",
)

describe_input(
    resolve_cards.CustomWordInput,
    "A word that the dictionary does not have. A word with the same reading exists once, with its last meaning.",
    word="The word; 1 to 100 characters.",
    reading="The reading; max 100 characters.",
    meaning="The meaning, or several ones that are separated by semicolons; max 500 characters.",
)

describe_input(
    resolve_cards.CreateCustomCardsInput,
    "Input of createCustomCards.",
    words="1 to 200 words.",
    kind="What the cards ask; RECOGNITION by default. A word in kana, or without a reading, gets no card for it.",
)

describe_input(
    resolve_cards.SetCardsSuspendedInput,
    "Input of setCardsSuspended.",
    card_ids="1 to 1,000 cards.",
    suspended="True suspends the cards; false resumes them.",
)


@strawberry.type(description="Result of createCards.")
class CreateCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(
        description="The cards of the words, including existing ones.", directives=[NULL_ON_ERROR]
    )
    created_count: int = strawberry.field(description="Number of cards that did not exist before.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of createKanjiCards.")
class CreateKanjiCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(
        description="The cards of the kanji, including existing ones.", directives=[NULL_ON_ERROR]
    )
    created_count: int = strawberry.field(description="Number of cards that did not exist before.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of createCustomCards.")
class CreateCustomCardsPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(
        description="The cards of the words, including existing ones.", directives=[NULL_ON_ERROR]
    )
    created_count: int = strawberry.field(description="Number of cards that did not exist before.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of setCardsSuspended.")
class SetCardsSuspendedPayload(ViewerPayload):
    cards: list[ref.Card] | None = strawberry.field(description="The updated cards.", directives=[NULL_ON_ERROR])
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class CardMutations:
    create_cards = strawberry.mutation(
        resolver=resolve_cards.create_cards,
        graphql_type=CreateCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Creates cards, which are due immediately. Words with a card of the kind are skipped; deleted cards are "
            "restored, with their reviews."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.CREATED_CARDS],
    )
    create_kanji_cards = strawberry.mutation(
        resolver=resolve_cards.create_kanji_cards,
        graphql_type=CreateKanjiCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Creates cards of kanji, which are due immediately. Kanji with a card of the kind are skipped; deleted "
            "cards are restored, with their reviews."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.CREATED_KANJI_CARDS],
    )
    create_custom_cards = strawberry.mutation(
        resolver=resolve_cards.create_custom_cards,
        graphql_type=CreateCustomCardsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Creates cards of words that the dictionary does not have, with the viewer's own text, which only the "
            "viewer sees. Words with a card of the kind are skipped; deleted cards are restored, with their reviews."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.words", "cards")],
    )
    set_cards_suspended = strawberry.mutation(
        resolver=resolve_cards.set_cards_suspended,
        graphql_type=SetCardsSuspendedPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Suspends or resumes cards, all of the given ones or none.",
        directives=[NULL_ON_ERROR, Cost(weight="1000"), list_sizes.as_long_as("input.cardIds", "cards")],
    )
