"""Runs of tokens that are one entry of the dictionary together, such as 運転 and 手."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from analysis.counters import is_counter
from analysis.known_entries import Entry
from analysis.numbers import INDEFINITE, kanji_amount
from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.tokens import Token
from domain.ids import VocabularyId, to_uuid
from domain.inflection import Inflection, WordClass
from domain.search.kana import hiragana, is_kana

_STEM = (Inflection.STEM,)
_MAX_JOINED, _MAX_JOINED_LENGTH = 4, 10
_JOINED = frozenset(
    (
        TokenPartOfSpeech.NOUN,
        TokenPartOfSpeech.PROPER_NOUN,
        TokenPartOfSpeech.PRONOUN,
        TokenPartOfSpeech.NUMERAL,
        TokenPartOfSpeech.PREFIX,
        TokenPartOfSpeech.SUFFIX,
    )
)
# おばあさん is お, ばあ and さん.
_TITLES = frozenset(("さん", "ちゃん", "さま"))
_NAMES = frozenset((TokenPartOfSpeech.PROPER_NOUN, TokenPartOfSpeech.PRONOUN))
_NOUN = int(WordClass.NOUN)
MIN_SCORE_OF_JOINED = 0.7


class Run(NamedTuple):
    """Tokens from `start` to `end` that can be one entry. `counted`: reading of the number and counter it starts with.

    That of the number is null for digits.
    """

    start: int
    end: int
    surface: str
    counted: tuple[str | None, str] | None

    @property
    def key(self) -> str:
        """What the entry depends on, if the author gives no readings."""
        return self.surface if self.counted is None else f"{self.surface} {self.counted[0]} {self.counted[1]}"

    @property
    def reading(self) -> str | None:
        """The reading of the whole run, if it is a number and a counter, and no digits."""
        if self.counted is None or self.counted[0] is None or self.end != self.start + 2:
            return None
        return self.counted[0] + self.counted[1]

    def fits(self, reading: str) -> bool:
        """Return whether the reading of an entry starts with that of the number and the counter, or is the same."""
        if self.counted is None:
            return True
        number, counter = self.counted
        is_whole = self.end == self.start + 2
        if number is None:
            return reading.endswith(counter) if is_whole else counter in reading
        return reading == number + counter if is_whole else reading.startswith(number + counter)


def joined_runs(tokens: Sequence[Token]) -> Iterator[Run]:
    """Yield all runs of tokens that can be one entry, shorter ones first."""
    joins = [token.part_of_speech in _JOINED for token in tokens]
    for last in range(1, len(tokens)):
        start = last - 1
        if not joins[last] or not (joins[start] or _is_stem(tokens[start])):
            continue
        surface = tokens[start].surface
        counted = _counted(tokens[start], tokens[last])
        for end in range(last, min(start + _MAX_JOINED, len(tokens))):
            if not joins[end]:
                break
            surface += tokens[end].surface
            if len(surface) > _MAX_JOINED_LENGTH:
                break
            # Other runs of hiragana are a word by accident.
            if not _is_hiragana(surface) or tokens[end].surface in _TITLES:
                yield Run(start, end + 1, surface, counted)


def _counted(number: Token, counter: Token) -> tuple[str | None, str] | None:
    if number.part_of_speech is not TokenPartOfSpeech.NUMERAL and number.surface not in INDEFINITE:
        return None
    if counter.reading is None or not (is_counter(counter.surface) and kanji_amount(number.surface)):
        return None
    return number.reading, counter.reading


def _is_stem(token: Token) -> bool:
    """Return whether a suffix makes another word of the token: 久し of 久しぶり, and 飲み of 飲み物."""
    if token.part_of_speech is TokenPartOfSpeech.I_ADJECTIVE:
        return token.surface == token.dictionary_form[:-1]
    return token.inflection == _STEM


def has_given_readings(tokens: Iterable[Token]) -> bool:
    return any(token.furigana for token in tokens)


@lru_cache(maxsize=1 << 14)
def _is_hiragana(text: str) -> bool:
    return is_kana(text) and hiragana(text) == text


def agrees(entry: Entry, tokens: Sequence[Token]) -> bool:
    """Return whether the reading of the entry has the readings that the author gives, in their order."""
    position = 0
    for token in tokens:
        for segment in token.furigana:
            if segment.reading is not None:
                reading = hiragana(segment.reading)
                position = hiragana(entry.reading).find(reading, position)
                if position < 0:
                    return False
                position += len(reading)
    return True


def compound_token(tokens: Sequence[Token], run: Run, entry: Entry) -> Token:
    first, last = tokens[run.start].part_of_speech, tokens[run.end - 1].part_of_speech
    is_noun = first not in _NAMES or last is TokenPartOfSpeech.NOUN
    reading = run.reading or hiragana(entry.reading)
    part_of_speech = TokenPartOfSpeech.NOUN if is_noun else first
    return Token(run.surface, run.surface, reading, part_of_speech, (), reading, _NOUN, VocabularyId(to_uuid(entry.id)))
