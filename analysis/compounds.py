"""Runs of tokens that are one entry of the dictionary together, such as 運転 and 手."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from analysis.counters import is_counter
from analysis.known_entries import Entry
from analysis.numbers import INDEFINITE, kanji_amount
from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.tokens import Token
from domain.ids import VocabularyId, to_uuid
from domain.inflection import Inflection, WordClass
from domain.search.folding import has_kanji
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
_KATAKANA = re.compile("[ァ-ヺー]+")
# おばあさん is お, ばあ and さん.
_TITLES = frozenset(("さん", "ちゃん", "さま"))
_HONORIFIC = frozenset(("お", "ご"))
_PREDICATES = frozenset((TokenPartOfSpeech.VERB, TokenPartOfSpeech.NA_ADJECTIVE))
_NAMES = frozenset((TokenPartOfSpeech.PROPER_NOUN, TokenPartOfSpeech.PRONOUN))
_NOUN, _SURU, _SURU_NOUN = int(WordClass.NOUN), int(WordClass.SURU), int(WordClass.SURU_NOUN)
MIN_SCORE_OF_JOINED = 0.7


class Run(NamedTuple):
    """Tokens from `start` to `end` that can be one entry, with this spelling.

    `counted`: reading of the number and counter it starts with. That of the number is null for digits. `classes`: those
    that the entry must have, if the last token is inflected; else 0.
    """

    start: int
    end: int
    spelling: str
    counted: tuple[str | None, str] | None
    classes: int = 0

    @property
    def key(self) -> str:
        """What the entry depends on, if the author gives no readings."""
        if self.classes:
            return f"{self.spelling} {self.classes}"
        return self.spelling if self.counted is None else f"{self.spelling} {self.counted[0]} {self.counted[1]}"

    @property
    def is_katakana(self) -> bool:
        return _is_katakana(self.spelling)

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
    joins = [_joins(token) for token in tokens]
    for last in range(1, len(tokens)):
        start = last - 1
        if not (joins[start] or _is_stem(tokens[start])):
            continue
        if not joins[last]:
            if tokens[last].part_of_speech in _PREDICATES:
                yield from _with_predicate(tokens, start)
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
            if not _is_hiragana(surface) or tokens[end].surface in _TITLES or tokens[start].surface in _HONORIFIC:
                yield Run(start, end + 1, surface, counted)


def _counted(number: Token, counter: Token) -> tuple[str | None, str] | None:
    if number.part_of_speech is not TokenPartOfSpeech.NUMERAL and number.surface not in INDEFINITE:
        return None
    if counter.reading is None or not (is_counter(counter.surface) and kanji_amount(number.surface)):
        return None
    return number.reading, counter.reading


def _joins(token: Token) -> bool:
    if token.part_of_speech is TokenPartOfSpeech.NA_ADJECTIVE:
        return token.surface == token.dictionary_form
    return token.part_of_speech in _JOINED


def _with_predicate(tokens: Sequence[Token], start: int) -> Iterator[Run]:
    """Yield the run of a token and a verb or な adjective: 見 and 慣れました, 不 and 安定です, お and 休み."""
    first, last = tokens[start], tokens[start + 1]
    if last.inflection == _STEM and first.surface in _HONORIFIC:
        yield Run(start, start + 2, first.surface + last.surface, None)
    elif has_kanji(first.surface) and has_kanji(last.surface):
        is_suru = last.classes & _SURU and last.dictionary_form.endswith("する")
        form = last.dictionary_form[:-2] if is_suru else last.dictionary_form
        classes = _SURU_NOUN if is_suru else last.classes
        if len(first.surface + form) <= _MAX_JOINED_LENGTH and classes:
            yield Run(start, start + 2, first.surface + form, None, classes)


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


@lru_cache(maxsize=1 << 14)
def _is_katakana(text: str) -> bool:
    return _KATAKANA.fullmatch(text) is not None


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
    if run.classes:
        return _inflected_token(tokens[run.start], tokens[run.start + 1], run.spelling, entry)
    first, last = tokens[run.start].part_of_speech, tokens[run.end - 1].part_of_speech
    is_noun = first not in _NAMES or last is TokenPartOfSpeech.NOUN
    reading = run.reading or hiragana(entry.reading)
    part_of_speech = TokenPartOfSpeech.NOUN if is_noun else first
    id = VocabularyId(to_uuid(entry.id))
    return Token(run.spelling, run.spelling, reading, part_of_speech, (), reading, _NOUN, id)


def _inflected_token(first: Token, last: Token, spelling: str, entry: Entry) -> Token:
    """Return a compound whose last part is inflected. Its reading is that of the entry with the ending of the part."""
    form = first.surface + last.dictionary_form
    known = hiragana(entry.reading) + last.dictionary_form[len(spelling) - len(first.surface) :]
    reading = None if first.reading is None or last.reading is None else first.reading + last.reading
    part, part_read = last.dictionary_reading, last.reading
    if reading is not None and part is not None and part_read is not None:
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(part, part_read, strict=False)))
        if known.endswith(part[same:]):
            reading = known.removesuffix(part[same:]) + part_read[same:]
    id = VocabularyId(to_uuid(entry.id))
    return Token(
        first.surface + last.surface, form, reading, last.part_of_speech, last.inflection, known, last.classes, id
    )
