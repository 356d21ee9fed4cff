"""Readings that an author gives, in place of those of the analysis."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.tokens import Token
from domain.annotated_text import Ruby
from domain.furigana import Segment
from domain.search.folding import has_kanji
from domain.search.kana import hiragana


def apply_ruby(tokens: Iterable[Token], ruby: Sequence[Ruby]) -> list[Token]:
    """Return tokens with the given readings.

    A token gets the reading and the furigana of the author; its reading is null if it has other kanji without a given
    one. Tokens that only have a reading together, and another than the analysis found, become one token. The surfaces,
    joined, stay the same.
    """
    result: list[Token] = []
    given = iter(ruby)
    following = next(given, None)
    position = 0
    remaining = iter(tokens)
    for token in remaining:
        start, end = position, position + len(token.surface)
        readings: list[Ruby] = []
        group = [token]
        while following is not None and following.start < end:
            readings.append(following)
            while end < following.start + following.length and (extension := [*islice(remaining, 1)]):
                group += extension
                end += len(extension[0].surface)
            following = next(given, None)
        result += _with_readings(group, start, readings) if readings else group
        position = end
    return result


def _with_readings(group: Sequence[Token], start: int, ruby: Sequence[Ruby]) -> list[Token]:
    surface = "".join(token.surface for token in group)
    segments = tuple(_segments(surface, start, ruby))
    parts = [hiragana(part.text if part.reading is None else part.reading) for part in segments]
    is_read = not any(part.reading is None and has_kanji(part.text) for part in segments)
    reading = "".join(parts) if is_read else None
    found = "".join(token.reading or "" for token in group)
    if len(group) == 1:
        return [group[0]._replace(reading=reading, furigana=segments)]
    if reading == found and all(token.reading is not None for token in group):
        return list(group)
    is_noun = group[-1].part_of_speech in (TokenPartOfSpeech.SUFFIX, TokenPartOfSpeech.SYMBOL)
    part_of_speech = TokenPartOfSpeech.NOUN if is_noun else group[-1].part_of_speech
    return [Token(surface, surface, reading, part_of_speech, (), reading, furigana=segments)]


def _segments(surface: str, start: int, ruby: Sequence[Ruby]) -> Iterator[Segment]:
    position = 0
    for each in ruby:
        base = max(each.start - start, position)
        if base > position:
            yield Segment(surface[position:base], None)
        position = each.start + each.length - start
        yield Segment(surface[base:position], each.reading)
    if position < len(surface):
        yield Segment(surface[position:], None)
