"""Words of a learner that the dictionary does not have."""

from typing import NamedTuple

MAX_WORD_LENGTH = 100
MAX_CUSTOM_MEANING_LENGTH = 500
# Of one request.
MAX_CUSTOM_WORDS = 200


class CustomWord(NamedTuple):
    """The learner's own text. `reading`: '' if there is none."""

    word: str
    reading: str
    meaning: str

    @property
    def has_reading_card(self) -> bool:
        """Whether a card can ask the reading: not of a word in kana, or without one."""
        return bool(self.reading) and self.reading != self.word
