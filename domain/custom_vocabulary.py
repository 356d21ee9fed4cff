"""Words of a learner that the dictionary does not have."""

from typing import NamedTuple

from domain.search.folding import fold_japanese
from domain.search.kana import is_kana

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
        return bool(self.reading) and not _is_in_kana(self.word)

    @property
    def spoken(self) -> str:
        """The reading, which is the word itself if it is in kana; '' if it is unknown."""
        return self.reading or (self.word if _is_in_kana(self.word) else "")


def _is_in_kana(word: str) -> bool:
    return is_kana(fold_japanese(word))
