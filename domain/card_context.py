"""The sentence in which a learner met the word of a card."""

from dataclasses import dataclass

from domain.ids import BookId, VocabularyId

# In characters.
MAX_CONTEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class CardContext:
    """The context of a word's card. `book_id` and `page`: where the text is from."""

    vocabulary_id: VocabularyId
    text: str
    book_id: BookId | None
    page: int | None
