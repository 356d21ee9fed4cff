"""Furigana: which part of a reading belongs to which characters of a word."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from domain.kanji_characters import KANJI_RANGES
from domain.search.kana import VOICED, hiragana

_KANJI = re.compile(f"[{KANJI_RANGES}々〆ヶヵ]")
_HALF_VOICED = str.maketrans("はひふへほ", "ぱぴぷぺぽ")
_STEMS = str.maketrans("うくぐすつぬぶむる", "いきぎしちにびみり")
# Bounds of the work: words longer than this keep one segment, and no block is longer.
_MAX_LENGTH = 40
_MAX_BLOCK, _MAX_BLOCK_READING = 4, 8

Readings = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters of a word and their reading in hiragana; None for characters that are kana already."""

    text: str
    reading: str | None


def furigana(word: str, reading: str, readings: Readings) -> tuple[Segment, ...]:
    """Align a word with its reading.

    `readings`: the readings of a kanji in hiragana, as `reading_forms` returns them. Each kanji with a known reading is
    a segment of its own; kanji that are only read together (今日, きょう) are one segment. Consecutive kana are one
    segment. The whole word is one segment if word and reading do not match.
    """
    if not _KANJI.search(word):
        return (Segment(word, None if hiragana(word) == hiragana(reading) else reading),)
    if len(word) > _MAX_LENGTH or len(reading) > 2 * _MAX_LENGTH:
        return (Segment(word, reading),)
    plain = hiragana(reading)
    simple = _align_simple(word, plain, readings)
    if simple is not None:
        return simple
    # Most words have known readings only. Blocks, which make many more alignments possible, are tried for the rest.
    aligned = _align(word, plain, readings, blocks=False) or _align(word, plain, readings, blocks=True)
    return tuple(_join_kana(aligned)) if aligned else (Segment(word, reading),)


def _align_simple(word: str, reading: str, readings: Readings) -> tuple[Segment, ...] | None:
    """Return the alignment of one or two kanji between kana, which most words are, in a tenth of the time of `_align`;
    None for other words.
    """
    plain = hiragana(word)
    start, end, until = 0, len(word), len(reading)
    while start < until and plain[start] == reading[start] and not _KANJI.match(word[start]):
        start += 1
    while end > start and until > start and plain[end - 1] == reading[until - 1] and not _KANJI.match(word[end - 1]):
        end, until = end - 1, until - 1
    middle = _align_kanji(word[start:end], reading[start:until], readings)
    if middle is None:
        return None
    before = (Segment(word[:start], None),) if start else ()
    return (*before, *middle, Segment(word[end:], None)) if end < len(word) else (*before, *middle)


def _align_kanji(kanji: str, reading: str, readings: Readings) -> tuple[Segment, ...] | None:
    """Return the alignment of one kanji, or of two with known readings."""
    if not reading or len(kanji) > 2 or "々" in kanji or not all(map(_KANJI.match, kanji)):
        return None
    if len(kanji) == 1:
        return (Segment(kanji, reading),) if len(reading) <= _MAX_BLOCK_READING else None
    first, second = kanji[0], kanji[1]
    lasts = readings(second)
    for known in readings(first):
        if reading.startswith(known) and reading[len(known) :] in lasts:
            return Segment(first, known), Segment(second, reading[len(known) :])
    return None


def _align(word: str, reading: str, readings: Readings, *, blocks: bool) -> tuple[Segment, ...] | None:
    """Return the cheapest alignment: known readings cost nothing, characters in a block with an unknown one cost 1."""
    plain = hiragana(word)

    @cache
    def best(start: int, position: int) -> tuple[int, tuple[Segment, ...]] | None:
        if start == len(word):
            return (0, ()) if position == len(reading) else None
        candidates: list[tuple[int, tuple[Segment, ...]]] = []

        def add(cost: int, end: int, until: int, read: str | None) -> None:
            rest = best(end, until)
            if rest is not None:
                candidates.append((cost + rest[0], (Segment(word[start:end], read), *rest[1])))

        character = word[start]
        if not _KANJI.match(character):
            if reading.startswith(plain[start], position) or (
                plain[start] in "はへを"
                and reading.startswith({"は": "わ", "へ": "え", "を": "お"}[plain[start]], position)
            ):
                add(0, start + 1, position + 1, None)
            return min(candidates, default=None, key=lambda candidate: candidate[0])
        base = word[start - 1] if character == "々" and start else character
        for known in readings(base):
            if reading.startswith(known, position):
                add(0, start + 1, position + len(known), known)
        end = start + 1
        while blocks and end - start <= _MAX_BLOCK:
            for until in range(position + 1, min(position + _MAX_BLOCK_READING, len(reading)) + 1):
                # Longer blocks cost more than the same characters in shorter ones.
                add(2 * (end - start) + 1, end, until, reading[position:until])
            if end < len(word) and _KANJI.match(word[end]):
                end += 1
            else:
                break
        return min(candidates, default=None, key=lambda candidate: (candidate[0], -len(candidate[1])))

    found = best(0, 0)
    return found[1] if found else None


def _join_kana(segments: Iterable[Segment]) -> Iterator[Segment]:
    kana = ""
    for segment in segments:
        if segment.reading is None:
            kana += segment.text
            continue
        if kana:
            yield Segment(kana, None)
            kana = ""
        yield segment
    if kana:
        yield Segment(kana, None)


def reading_forms(onyomi: Iterable[str], kunyomi: Iterable[str]) -> frozenset[str]:
    """Return all forms that the readings of a kanji take in words, in hiragana.

    `kunyomi` may mark okurigana with a dot and affixes with a hyphen, as KANJIDIC does: た.べる. The forms include
    stems (取引: とり), voiced initials (手紙: がみ) and geminated finals (学校: がっ).
    """
    plain: set[str] = {hiragana(reading).strip("-").replace(".", "") for reading in onyomi}
    for reading in kunyomi:
        stem, _, okurigana = hiragana(reading).strip("-").partition(".")
        plain.add(stem)
        if okurigana:
            whole = stem + okurigana
            plain.add(whole[:-1] + whole[-1].translate(_STEMS))
            if whole.endswith("る"):
                plain.add(whole[:-1])
    plain.discard("")
    forms = set(plain)
    for reading in plain:
        if len(reading) > 1 and reading[-1] in "つくちき":
            forms.add(reading[:-1] + "っ")
    for reading in tuple(forms):
        forms.add(reading[0].translate(VOICED) + reading[1:])
        forms.add(reading[0].translate(_HALF_VOICED) + reading[1:])
        if reading[0] in "ちつ":
            forms.add({"ち": "じ", "つ": "ず"}[reading[0]] + reading[1:])
    return frozenset(forms)
