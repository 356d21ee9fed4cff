"""Finds the particles は and へ in words and phrases, which are pronounced わ and え: こんにちは is konnichiwa.

A kana is a particle if it is written as kana in the spelling with kanji, is not the first one, and does not begin a
word: 鼻が高い has none, and neither has 型にはまる.
"""

import re
from collections.abc import Iterator, Sequence

import jaconv

from content.jmdict import JmdictEntry
from domain.dictionary import PartOfSpeech

# Of phrases, and of words that were phrases. Others have kana of verbs and nouns.
_PHRASES = frozenset(
    {
        PartOfSpeech.EXPRESSION,
        PartOfSpeech.INTERJECTION,
        PartOfSpeech.CONJUNCTION,
        PartOfSpeech.PARTICLE,
        PartOfSpeech.ADVERB,
        PartOfSpeech.TO_ADVERB,
        PartOfSpeech.AUXILIARY,
        PartOfSpeech.COPULA,
    }
)
# The beginnings of words that follow other words in phrases of JMdict.
_NO_PARTICLE = {
    "は": re.compile(
        "は(く$|ぐ|まる|める|ね|がれ|がし|せる|たく|たら|ばか|ず|じけ|ばたく|かとなく|よっす|あちゃん|きはき|いはい|たはた|あはあ|はあ|は$|あ$)"
    ),
    "へ": re.compile("へ(ん|へ|そ(?!れ)|し|ら|ぺ|い|え|る|ル|$(?<=へへ))"),
}
_PHRASES_WITHOUT = frozenset(
    {
        "あはは",
        "おは",
        "いやはや",
        "いやあはや",
        "がはは",
        "なはれ",
        "はあはあ",
        "はいはい",
        "はきはき",
        "はたはた",
        "ははあ",
        "わはは",
        "方違へ所",
        "へこへこ",
        "へたへた",
        "へなへな",
        "へのへのもへじ",
    }
)
# Particles themselves, and verbs and nouns that are phrases.
_PARTICLES = frozenset({"は", "へ", "へと"})
_PHRASES_BY_SPELLING = frozenset({"寄せては返す", "平生は", "後へ引く", "九州へ下る", "デジタルからアナログへ"})
_PRONOUNCED = {"は": "わ", "へ": "え"}
_KANA = "[ぁ-ゖー・]"
_NO_BEGINNING = tuple("んーっゃゅょ")
# Of a character: 志 is こころざし.
_MAX_KANA = 5


def pronounced_reading(entry: JmdictEntry, reading: str) -> str:
    """Return a reading of the entry with わ and え for the particles は and へ."""
    if "は" not in reading and "へ" not in reading:
        return reading
    spelling = next((form.text for form in entry.spellings if reading in _texts(entry, form.text)), reading)
    parts_of_speech = {part for sense in entry.senses for part in sense.parts_of_speech}
    is_phrase = not _PHRASES.isdisjoint(parts_of_speech) or spelling in _PHRASES_BY_SPELLING
    places = particles(spelling, reading, is_phrase=is_phrase)
    return "".join(_PRONOUNCED[kana] if place in places else kana for place, kana in enumerate(reading))


def particles(spelling: str, reading: str, *, is_phrase: bool) -> set[int]:
    """Return the positions in the reading of the particles は and へ of a spelling."""
    if spelling in _PHRASES_WITHOUT:
        return set()
    found = [
        place
        for place, kana in enumerate(spelling)
        if kana in _NO_PARTICLE
        # Nouns, too, have へ before の: ローマ人への手紙.
        and (is_phrase or spelling[place : place + 2] == "への")
        and (place > 0 or spelling in _PARTICLES)
        and not _NO_PARTICLE[kana].match(spelling, place)
    ]
    if not found:
        return set()
    pieces = [(place in found, piece) for place, piece in _pieces(jaconv.kata2hira(spelling))]
    aligned = _align(pieces, jaconv.kata2hira(reading), 0)
    return set() if aligned is None else set(aligned[1])


def _pieces(spelling: str) -> Iterator[tuple[int, str]]:
    """Yield single kana and runs of other characters, with their positions."""
    for piece in re.finditer(f"{_KANA}|(?:(?!{_KANA}).)+", spelling):
        yield piece.start(), piece[0]


def _align(pieces: Sequence[tuple[bool, str]], reading: str, start: int) -> tuple[float, tuple[int, ...]] | None:
    """Return the most even distribution of the kana of a reading among the pieces, None if there is none.

    母は強し is はは-は-つよ-し rather than は-は-はつよ-し. A character has about two kana. Returns the deviation
    and the positions of the particles.
    """
    if not pieces:
        return (0, ()) if start == len(reading) else None
    (is_particle, piece), rest = pieces[0], pieces[1:]
    if re.fullmatch(_KANA, piece):
        following = _align(rest, reading, start + 1) if reading[start : start + 1] == piece else None
        return following and (following[0], (start, *following[1]) if is_particle else following[1])
    if reading[start : start + 1] in _NO_BEGINNING:
        return None
    best: tuple[float, tuple[int, ...]] | None = None
    for end in range(start + 1, min(len(reading), start + _MAX_KANA * len(piece)) + 1):
        following = _align(rest, reading, end)
        if following is not None:
            cost = following[0] + abs(end - start - 2 * len(piece)) / len(piece)
            if best is None or cost < best[0]:
                best = cost, following[1]
    return best


def _texts(entry: JmdictEntry, spelling: str) -> list[str]:
    return [form.text for form in entry.readings_of(spelling)]
