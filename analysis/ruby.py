"""Readings that an author gives, in place of those of the analysis. They also decide which entry a word is."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice

from analysis.parts_of_speech import TokenPartOfSpeech
from analysis.readings import dictionary_reading
from analysis.tokens import Sentence, Token
from domain.annotated_text import Ruby
from domain.furigana import Segment, furigana
from domain.search.folding import has_kanji
from domain.search.kana import hiragana


def apply_ruby(sentences: Sequence[Sentence], ruby: Sequence[Ruby]) -> list[Sentence]:
    """Return sentences with the given readings, before their entries are looked up."""
    if not ruby:
        return list(sentences)
    result: list[Sentence] = []
    start = first = 0
    for sentence in sentences:
        end = start + len(sentence.text)
        last = first
        while last < len(ruby) and ruby[last].start < end:
            last += 1
        if last > first:
            sentence = Sentence(sentence.text, tuple(_apply_to_tokens(sentence.tokens, start, ruby[first:last])))
        result.append(sentence)
        start, first = end, last
    return result


def _apply_to_tokens(tokens: Iterable[Token], position: int, ruby: Sequence[Ruby]) -> list[Token]:
    """Return tokens, of which the first one is at the position, with the given readings.

    A token gets the reading and the furigana of the author. Other kanji of it are read as in the analysis if that has
    the given readings, too; if not, its reading is null. Tokens that only have a reading together, and another than the
    analysis found, become one token. The surfaces, joined, stay the same.
    """
    result: list[Token] = []
    given = iter(ruby)
    following = next(given, None)
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
        return [_with_reading(group[0], reading, segments)]
    if reading == found and all(token.reading is not None for token in group):
        return [_with_own_reading(token) for token in group]
    is_noun = group[-1].part_of_speech in (TokenPartOfSpeech.SUFFIX, TokenPartOfSpeech.SYMBOL)
    part_of_speech = TokenPartOfSpeech.NOUN if is_noun else group[-1].part_of_speech
    return [Token(surface, surface, reading, part_of_speech, (), reading, furigana=segments)]


def _with_own_reading(token: Token) -> Token:
    """Return the token with its reading as a given one, which an entry of several tokens must have, too."""
    return token._replace(furigana=furigana(token.surface, token.reading or "", _without_kanji_readings))


def _without_kanji_readings(_: str) -> frozenset[str]:
    return frozenset()


def _with_reading(token: Token, reading: str | None, segments: tuple[Segment, ...]) -> Token:
    known = token.dictionary_reading
    if reading is None and token.reading is not None:
        completed = _completed(segments, token.reading)
        if completed is not None:
            return token._replace(furigana=completed)
    if reading is not None:
        known = dictionary_reading(token.surface, reading, token.dictionary_form)
    return token._replace(reading=reading, dictionary_reading=known, furigana=segments)


def _completed(segments: Iterable[Segment], reading: str) -> tuple[Segment, ...] | None:
    """Return the segments with readings of the other kanji, as the analysis found them; None if it disagrees.

    気《き》に入る is read きにはいる, so 入 is はい.
    """
    parts = [part for segment in segments for part in _parts(segment)]
    pattern = "".join(
        "(.+?)" if part.reading is None and has_kanji(part.text) else re.escape(hiragana(part.reading or part.text))
        for part in parts
    )
    found = re.fullmatch(pattern, reading)
    if found is None:
        return None
    others = iter(found.groups())
    return tuple(
        Segment(part.text, next(others)) if part.reading is None and has_kanji(part.text) else part for part in parts
    )


def _parts(segment: Segment) -> Iterator[Segment]:
    """Yield runs of kanji and of other characters of a segment without a reading."""
    if segment.reading is not None:
        yield segment
        return
    for _, characters in groupby(segment.text, has_kanji):
        yield Segment("".join(characters), None)


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
