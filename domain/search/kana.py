"""Kana and romaji: conversion in both directions, and keys that ignore how long vowels and small kana are spelled."""

import re
import unicodedata
from functools import lru_cache

from domain.text import without_accents

_A, _I, _U, _E, _O = "aiueo"

# The rows of the syllabary in Hepburn. Combinations with a small kana follow from them.
_ROWS = {
    "": "あいうえお",
    "k": "かきくけこ",
    "g": "がぎぐげご",
    "s": "さしすせそ",
    "z": "ざじずぜぞ",
    "t": "たちつてと",
    "d": "だぢづでど",
    "n": "なにぬねの",
    "h": "はひふへほ",
    "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ",
    "m": "まみむめも",
    "r": "らりるれろ",
}
_SMALL = dict(zip("ぁぃぅぇぉゃゅょゎっゕゖ", "あいうえおやゆよわつかけ", strict=True))


def _hepburn() -> dict[str, str]:
    """Romaji of each syllable in hiragana, those of foreign words included."""
    table = {
        kana: consonant + vowel for consonant, row in _ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)
    }
    table |= {"し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu"}
    table |= {"や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "ゐ": "i", "ゑ": "e", "を": "o", "ん": "n", "ゔ": "vu"}
    for kana, consonant in zip(
        "きぎにひびぴみりゔ", ("ky", "gy", "ny", "hy", "by", "py", "my", "ry", "vy"), strict=True
    ):
        table |= {kana + small: consonant + vowel for small, vowel in zip("ゃゅょ", "auo", strict=True)}
        table[kana + "ぇ"] = consonant + "e"
    for kana, consonant in zip("しじちぢ", ("sh", "j", "ch", "j"), strict=True):
        table |= {kana + small: consonant + vowel for small, vowel in zip("ゃゅょぇ", "auoe", strict=True)}
    for kana, consonant in (("ふ", "f"), ("ゔ", "v"), ("つ", "ts"), ("く", "kw"), ("ぐ", "gw")):
        table |= {kana + small: consonant + vowel for small, vowel in zip("ぁぃぇぉ", "aieo", strict=True)}
    table |= {"ふゅ": "fyu", "うぃ": "wi", "うぇ": "we", "うぉ": "wo", "いぇ": "ye", "くゎ": "kwa", "ぐゎ": "gwa"}
    table |= {"てぃ": "ti", "でぃ": "di", "とぅ": "tu", "どぅ": "du", "てゅ": "tyu", "でゅ": "dyu", "すぃ": "si"}
    return table | {small: table.get(large, "") for small, large in _SMALL.items() if small != "っ"}


_ROMAJI = _hepburn()


def _typed() -> dict[str, str]:
    """Hiragana of each syllable as it is typed: Hepburn, Kunrei-shiki, Nihon-shiki and those of input methods."""
    table = {latin: kana for kana, latin in reversed(_ROMAJI.items()) if kana not in _SMALL and latin != "n"}
    table |= {
        "ji": "じ",
        "zu": "ず",
        "ja": "じゃ",
        "ju": "じゅ",
        "jo": "じょ",
        "je": "じぇ",
        "o": "お",
        "i": "い",
        "e": "え",
    }
    for consonant, row in (*_ROWS.items(), ("l", "らりるれろ")):
        table |= {consonant + vowel: kana for vowel, kana in zip("aiueo", row, strict=True)}
    table |= {"ti": "ち", "tu": "つ", "hu": "ふ", "si": "し", "di": "ぢ", "du": "づ"}
    table |= {"dzu": "づ", "wo": "を", "va": "ゔぁ", "yi": "い", "wu": "う", "dji": "ぢ"}
    for consonant, kana in (("sy", "し"), ("zy", "じ"), ("jy", "じ"), ("ty", "ち"), ("cy", "ち"), ("dy", "ぢ")):
        table |= {consonant + vowel: kana + small for vowel, small in zip("auoe", "ゃゅょぇ", strict=True)}
    return table | _of_input_methods()


def _of_input_methods() -> dict[str, str]:
    """Hiragana of what input methods alone accept: thi for てぃ, xtu for a small つ."""
    vowels = ("a", "i", "u", "e", "o", "ya", "yu", "yo")
    small = dict(zip((*vowels, "tu", "tsu", "ka", "ke", "wa"), "ぁぃぅぇぉゃゅょっっゕゖゎ", strict=True))
    table = {f"x{latin}": kana for latin, kana in small.items()}
    # l with a vowel is rather r.
    table |= {f"l{latin}": kana for latin, kana in small.items() if latin[0] in "ytw"}
    for consonants, kana, smalls in (
        ("th", "て", "ゃぃゅぇょ"),
        ("dh", "で", "ゃぃゅぇょ"),
        ("tw", "と", "ぁぃぅぇぉ"),
        ("dw", "ど", "ぁぃぅぇぉ"),
        ("sw", "す", "ぁぃぅぇぉ"),
        ("q", "く", "ぁぃ ぇぉ"),
        ("qw", "く", "ぁぃぅぇぉ"),
        ("qy", "く", "ゃぃゅぇょ"),
        ("hw", "ふ", "ぁぃ ぇぉ"),
        ("fy", "ふ", "ゃぃゅぇょ"),
        ("wh", "う", "ぁぃ ぇぉ"),
    ):
        table |= {consonants + vowel: (kana + small).strip() for vowel, small in zip("aiueo", smalls, strict=True)}
    table |= {"t'i": "てぃ", "d'i": "でぃ", "t'u": "とぅ", "d'u": "どぅ", "t'yu": "てゅ", "d'yu": "でゅ"}
    return table | {"wyi": "ゐ", "wye": "ゑ", "xn": "ん"}


_KANA = _typed()
_LONGEST = max(map(len, _KANA))
_CIRCUMFLEX = dict(zip("âîûêôāīūēō", ("aa", "ii", "uu", "ei", "ou") * 2, strict=True))
_ONLY_KANA = re.compile("[ぁ-ゖァ-ヺー・ゝゞ]+")
_APOSTROPHES = re.compile(r"['’‘`´ʼʻ′＇]")
_NOT_ROMAJI = re.compile(r"[^a-z' ]")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_LABIAL_M = re.compile(r"m(?=[bpm])")
_LONG = re.compile(r"ou|oo|uu|aa|ii|ee|ei")
_DOUBLED_CH = re.compile(r"っ+(?=ch)")
_DOUBLED = re.compile(r"っ+([bcdfghjkmprstvwz])")
_ENGLISH = re.compile("th[aeo]|wh|tw|sw|qu")
_HYPHENS = re.compile(r"(?<=[aiueoAIUEO])[-‐‑−－]")
_VOWEL_BEFORE = re.compile(r"([aiueo])ー")

_MAX_READINGS = 6


_KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}


def hiragana(text: str) -> str:
    """Convert katakana to hiragana; the lengthening mark stays."""
    return text.translate(_KATAKANA)


def is_kana(text: str) -> bool:
    return _ONLY_KANA.fullmatch(text) is not None


# ヶ in a reading is か, and wave dashes lengthen.
_RARE = str.maketrans("ゕゖ〜～", "かかーー")
VOICED = str.maketrans("かきくけこさしすせそたちつてとはひふへほ", "がぎぐげござじずぜぞだぢづでどばびぶべぼ")
_REPEATED = re.compile("(.)([ゝゞ])")


def _repeat(found: re.Match[str]) -> str:
    return found[1] + (found[1].translate(VOICED) if found[2] == "ゞ" else found[1])


def with_large_kana(text: str) -> str:
    """Replace small kana in hiragana and marks of repetition, as in texts with the old spelling: すゝめ, ぼつちやん."""
    return "".join(_SMALL.get(c, c) for c in _REPEATED.sub(_repeat, text))


@lru_cache(maxsize=4096)
def romaji(kana: str) -> str:
    """Return Hepburn with long vowels as typed: とうきょう is toukyou, コーヒー is koohii, きんえん is kin'en."""
    text = _REPEATED.sub(_repeat, hiragana(kana)).translate(_RARE).strip("っ")
    parts: list[str] = []
    index = 0
    while index < len(text):
        pair = text[index : index + 2]
        if len(pair) == 2 and pair in _ROMAJI:
            syllable, width = _ROMAJI[pair], 2
        elif text[index] == "っ":
            syllable, width = "っ", 1
        else:
            syllable, width = _ROMAJI.get(text[index], text[index]), 1
        if parts and parts[-1] == "n" and text[index - 1] == "ん" and syllable[0] in "aiueoy":
            parts.append("'")
        parts.append(syllable)
        index += width
    joined = "".join(parts)
    if "っ" in joined:
        joined = _DOUBLED_CH.sub("t", joined)
        joined = _DOUBLED.sub(r"\1\1", joined).replace("っ", "")
    while _VOWEL_BEFORE.search(joined):
        joined = _VOWEL_BEFORE.sub(r"\1\1", joined)
    return joined.replace("ー", "").replace("・", " ")


def latin_letters(text: str) -> str:
    """Return lower-case letters without accents, apostrophes, hyphens and spaces; long vowels with a macron doubled."""
    return _NOT_LETTERS.sub("", text.lower() if text.isascii() else _spelled_out(text))


def _spelled_out(text: str) -> str:
    lower = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    doubled = "".join(_CIRCUMFLEX.get(c, c) for c in lower)
    return _NOT_ROMAJI.sub(" ", _APOSTROPHES.sub("'", without_accents(doubled)))


def has_syllabic_n(text: str) -> bool:
    """Whether an apostrophe says that an n is ん, as in kin'en."""
    return "n'" in _APOSTROPHES.sub("'", text.casefold())


def is_rather_english(letters: str) -> bool:
    """Whether letters are romaji by the syllables of input methods only that English words have: the, who, two."""
    return _ENGLISH.search(letters) is not None


def kana_of_romaji(text: str) -> list[str]:
    """Return the readings in hiragana that romaji can stand for, most probable first; none if it is not romaji.

    Accepts every usual system, macrons, apostrophes and spaces between words. `o`, `wa` and `e` between spaces are
    particles.
    """
    words = _spelled_out(text).split()
    particles = {"o": "wo", "wa": "ha", "e": "he"}
    variants = ["".join(words)]
    if len(words) > 1:
        middle = [particles.get(word, word) if index else word for index, word in enumerate(words)]
        variants.insert(0, "".join(middle))
    # A hyphen is typed for ー, or between the parts of a word.
    if (lengthened := _HYPHENS.sub("ー", text)) != text:
        lengthened = "".join("ー".join(map(_spelled_out, lengthened.split("ー"))).split())
        variants.insert(0 if lengthened.endswith("ー") else 1, lengthened)
    found: dict[str, None] = {}
    for variant in dict.fromkeys(variants):
        for reading in _parse(variant):
            found.setdefault(reading)
    return list(found)[:_MAX_READINGS]


def _parse(letters: str) -> list[str]:
    letters = _LABIAL_M.sub("n", letters).replace("tch", "cch")
    readings = [""]
    index = 0
    while index < len(letters):
        rest = letters[index:]
        if rest[0] == "'":
            index += 1
        elif rest[0] == "ー":
            readings = [reading + "ー" for reading in readings]
            index += 1
        elif rest[0] == "n" and rest[1:2] not in _VOWELS_AND_Y:
            heads = [reading + "ん" for reading in readings]
            # Input methods take two n for ん: kinnen is きんねん, the more probable reading, or きんえん.
            doubled = rest.startswith("nn")
            if doubled and rest[2:3] in _VOWELS_AND_Y:
                width, syllable = _syllable(rest[1:])
                _, other = _syllable(rest[2:])
                readings = [head + kana for kana in (syllable, other) if kana for head in heads][:_MAX_READINGS]
                index += 1 + width
            else:
                readings = heads
                index += 2 if doubled else 1
        elif len(rest) > 1 and rest[0] == rest[1] and rest[0] not in "aiueon":
            readings = [reading + "っ" for reading in readings]
            index += 1
        else:
            width, syllable = _syllable(rest)
            if not syllable:
                return []
            readings = [reading + syllable for reading in readings]
            index += width
    return readings


_VOWELS_AND_Y = frozenset("aiueoy")


def _syllable(letters: str) -> tuple[int, str]:
    """Return the width and the kana of the longest syllable at the start; an empty string if there is none."""
    for width in range(min(_LONGEST, len(letters)), 0, -1):
        kana = _KANA.get(letters[:width])
        if kana is not None:
            return width, kana
    return 1, ""


def phonetic(latin: str) -> str:
    """Return romaji reduced to what is heard whatever the spelling: short vowels, n before labials, no apostrophes.

    `latin`: the result of `romaji` or `latin_letters`.
    """
    letters = _LABIAL_M.sub("n", _NOT_LETTERS.sub("", latin))
    # Twice, because a vowel that was shortened may be a part of another long one.
    return _LONG.sub(_first_vowel, _LONG.sub(_first_vowel, letters))


def _first_vowel(found: re.Match[str]) -> str:
    return found[0][0]


def phonetic_of_kana(kana: str) -> str:
    """Return the phonetic key of a reading, for which small kana count as large: がつこう is like がっこう."""
    return phonetic(romaji(with_large_kana(hiragana(kana))))
