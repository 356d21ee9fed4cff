"""Runs of tokens that are one entry of the dictionary together, such as 運転 and 手."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from analysis.known_entries import Entry
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


def joined_runs(tokens: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of all runs of tokens that can be one entry, shorter ones first."""
    joins = [token.part_of_speech in _JOINED for token in tokens]
    for last in range(1, len(tokens)):
        start = last - 1
        if not joins[last] or not (joins[start] or _is_stem(tokens[start])):
            continue
        surface = tokens[start].surface
        for end in range(last, min(start + _MAX_JOINED, len(tokens))):
            if not joins[end]:
                break
            surface += tokens[end].surface
            if len(surface) > _MAX_JOINED_LENGTH:
                break
            # Other runs of hiragana are a word by accident.
            if not _is_hiragana(surface) or tokens[end].surface in _TITLES:
                yield start, end + 1, surface


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


def compound_token(tokens: Sequence[Token], surface: str, entry: Entry) -> Token:
    first, last = tokens[0].part_of_speech, tokens[-1].part_of_speech
    is_noun = first not in _NAMES or last is TokenPartOfSpeech.NOUN
    reading = hiragana(entry.reading)
    part_of_speech = TokenPartOfSpeech.NOUN if is_noun else first
    return Token(surface, surface, reading, part_of_speech, (), reading, _NOUN, VocabularyId(to_uuid(entry.id)))
