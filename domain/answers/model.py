"""What answers are compared with, and the result."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.enums import AnswerResult
from domain.errors import BadUserInput
from domain.text import is_single_line

# In characters.
MAX_ANSWER_LENGTH = 300
# The listed answers that are expected.
MAX_EXPECTED = 10


@dataclass(frozen=True, slots=True)
class AcceptedAnswers:
    """The right answers about a word or a kanji, each list with the usual ones first.

    `spellings`: with kanji, or as the word is written. `irregular_spellings`: those with unusual okurigana. `readings`:
    in kana. `meanings`: English glosses. `endings`: what may follow a spelling or a reading, as する follows 勉強.
    `kanji_readings`: all readings in words of each kanji, in hiragana. `is_read_as_word`: whether a reading is
    accepted for the word; it is not for a kanji.
    """

    spellings: tuple[str, ...]
    readings: tuple[str, ...]
    meanings: tuple[str, ...]
    irregular_spellings: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    kanji_readings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_read_as_word: bool = True


@dataclass(frozen=True, slots=True)
class AnswerMatch:
    """The result, and the accepted answer that is nearest; None for INCORRECT.

    `search_keys`: if a word of the dictionary has one of these keys, the answer is that word and not a typing error,
    and the result is `result_of_other_word`.
    """

    result: AnswerResult
    accepted: str | None = None
    search_keys: frozenset[str] = frozenset()
    result_of_other_word: AnswerResult = AnswerResult.INCORRECT

    def settle(self, *, is_other_word: bool) -> "AnswerMatch":
        """Return the result when it is known whether a word of the dictionary has one of the keys."""
        if not is_other_word or not self.search_keys:
            return AnswerMatch(self.result, self.accepted)
        result = self.result_of_other_word
        return AnswerMatch(result, None if result is AnswerResult.INCORRECT else self.accepted)


INCORRECT = AnswerMatch(AnswerResult.INCORRECT)


def validate_answer(name: str, value: str) -> None:
    """Raise BadUserInput for a string that is too long or has control characters. An empty one is a wrong answer."""
    if len(value) > MAX_ANSWER_LENGTH:
        raise BadUserInput(f"{name} has {len(value)} characters; the maximum is {MAX_ANSWER_LENGTH}.")
    if not is_single_line(value.strip()):
        raise BadUserInput(f"{name} has line breaks or other control characters.")
