"""The keys under which the search finds a dictionary entry.

A key is a letter for its kind and folded text. Its score, 0 to 1, says how well a query that equals the key matches the
entry; prominence decides between equal matches. The statement of the search only compares keys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from domain.furigana import Segment
from domain.search.english import gloss_key, stem_key, stems, words
from domain.search.folding import fold_japanese, has_kanji
from domain.search.kana import latin_letters, phonetic, phonetic_of_kana, romaji

SPELLING, READING, ROMAJI, SOUND = "w", "k", "r", "p"
WITHIN, GLOSS, STEMMED_GLOSS, STEM = "c", "g", "e", "t"
# Of common words, for queries with typos: compared by trigrams, and by consonants alone. The trigram index has the keys
# from y on.
SIMILAR_SOUND, SIMILAR_GLOSS = "y", "z"
CONSONANTS_OF_SOUND, CONSONANTS_OF_GLOSS = "v", "x"

MAX_KEY_LENGTH = 60
# The part of a score that prominence decides.
_POPULARITY = 0.2
_MAX_REPLACED = 3
_MAX_SIMILAR_WORDS = 3
_MIN_GLOSS_RANK = 0.7
# Of equal words, the one with fewer meanings is rather meant: ありがとう before どうも.
_EACH_OTHER_SENSE, _MAX_OTHER_SENSES = 0.0004, 5
# Popularity is about writing. Greetings and other phrases are mostly spoken, and levels have few of them.
_PROMINENCE_OF_COMMON_PHRASE = 80
_LEAST_OF_EASIEST, _LEAST_OF_LEVELS, _LEAST_OF_COMMON, _LEAST_OF_BASIC = 90, 50, 20, 34
# The lists have few particles, which are in every sentence: は is the particle before 歯. In English, right is no ね.
_PROMINENCE_OF_PARTICLE = 95
_KINDS_OF_FORMS = frozenset((SPELLING, READING, ROMAJI, SOUND))
_WITHOUT_VOWELS = str.maketrans("", "", "aeiou")


@dataclass(frozen=True, slots=True)
class IndexedEntry:
    """What the search needs of an entry.

    `spellings` and `readings`: forms with their rank between 0 and 1. `segments`: the furigana of the first spelling.
    `glosses`: those of each sense. `popularity`: 0 to 100. `is_common`: whether typos find it, too. `is_phrase`:
    whether it is an expression or an interjection. `is_particle`: a particle or an auxiliary.
    """

    spellings: Sequence[tuple[str, float]]
    readings: Sequence[tuple[str, float]]
    romaji: str
    segments: Sequence[Segment]
    glosses: Sequence[Sequence[str]]
    popularity: int
    is_common: bool
    is_phrase: bool = False
    is_particle: bool = False

    @property
    def prominence(self) -> int:
        """How likely a query means the word rather than one that matches as well, 0 to 100.

        Equal to the popularity for words of levels, and for rare ones. The basic words of JMdict (ichi1) and the most
        frequent others are like those of N1 and N2.
        """
        popularity = self.popularity
        if not _LEAST_OF_COMMON <= popularity < _LEAST_OF_LEVELS:
            return popularity
        if self.is_phrase:
            return _PROMINENCE_OF_COMMON_PHRASE
        if popularity < _LEAST_OF_BASIC:
            return popularity
        return popularity + _LEAST_OF_LEVELS - _LEAST_OF_BASIC


def keys_of(entry: IndexedEntry) -> dict[str, float]:
    """Return the keys of an entry with their scores."""
    keys: dict[str, float] = {}
    share = 1 - _POPULARITY + _POPULARITY * entry.prominence / 100
    is_lifted = entry.is_particle and _LEAST_OF_COMMON <= entry.popularity < _LEAST_OF_EASIEST
    share_of_forms = 1 - _POPULARITY + _POPULARITY * _PROMINENCE_OF_PARTICLE / 100 if is_lifted else share
    other_senses = _EACH_OTHER_SENSE * min(len(entry.glosses) - 1, _MAX_OTHER_SENSES)

    def add(kind: str, text: str, quality: float) -> None:
        if text:
            key = (kind + text)[:MAX_KEY_LENGTH]
            score = quality * (share_of_forms if kind in _KINDS_OF_FORMS else share)
            if score > keys.get(key, 0):
                keys[key] = score

    for spelling, rank in entry.spellings:
        folded = fold_japanese(spelling)
        add(SPELLING, folded, rank)
        for variant in _honorific_variants(folded, entry.readings[0][0]):
            add(SPELLING, variant, 0.97 * rank)
        for start in range(1, len(folded)):
            if has_kanji(folded[start]):
                add(WITHIN, folded[start:], 0.55 * rank)
    for mixture in _mixtures(entry.segments):
        add(SPELLING, fold_japanese(mixture), 0.95)
    for reading, rank in entry.readings:
        folded = fold_japanese(reading)
        add(READING, folded, 0.98 * rank)
        latin = entry.romaji if reading == entry.readings[0][0] else romaji(reading)
        sound = phonetic(latin)
        add(ROMAJI, latin_letters(latin), 0.98 * rank)
        add(SOUND, sound, 0.86 * rank)
        add(SOUND, phonetic_of_kana(folded), 0.8 * rank)
        if entry.is_common:
            add(SIMILAR_SOUND, sound, 0.6 * rank)
            add(CONSONANTS_OF_SOUND, consonants(sound), 0.45 * rank)
    for sense, glosses in enumerate(entry.glosses):
        for position, gloss in enumerate(glosses):
            # The first senses and glosses describe the word best; later ones are often rare.
            rank = max(1 - other_senses - 0.06 * sense - 0.025 * position, _MIN_GLOSS_RANK)
            gloss_words = words(gloss)
            whole = gloss_key(gloss_words)
            add(GLOSS, whole, rank)
            if gloss_words[:1] == ["to"]:
                add(GLOSS, f"to {whole}", rank)
            add(STEMMED_GLOSS, stem_key(gloss_words), 0.97 * rank)
            if entry.is_common and len(gloss_words) <= _MAX_SIMILAR_WORDS:
                add(SIMILAR_GLOSS, whole, 0.6 * rank)
                add(CONSONANTS_OF_GLOSS, consonants(whole), 0.44 * rank)
            found = stems(gloss_words)
            for word in found:
                # A word counts for more in a short gloss, and most as its head: station in railway station.
                is_head = len(found) == 2 and word == found[-1]
                add(STEM, word, (0.86 if is_head else 0.72 if len(found) == 1 else 0.64) * rank)
    return keys


def consonants(text: str) -> str:
    """Return a string without vowels, which most typos change; an empty string if fewer than two letters remain."""
    left = text.translate(_WITHOUT_VOWELS)
    return left if len(left) > 1 else ""


def _mixtures(segments: Sequence[Segment]) -> Iterable[str]:
    """Return spellings in which some kanji are replaced with their readings: 友だち for 友達."""
    replaceable = [index for index, segment in enumerate(segments) if segment.reading is not None]
    if len(replaceable) < 2:
        # Without other kanji the result is the reading.
        return
    sizes = range(1, len(replaceable)) if len(replaceable) <= _MAX_REPLACED else (1,)
    for size in sizes:
        for replaced in combinations(replaceable, size):
            yield "".join(
                (segment.reading or "") if index in replaced else segment.text for index, segment in enumerate(segments)
            )


def _honorific_variants(spelling: str, reading: str) -> Iterable[str]:
    """Return spellings with 御 and with お or ご: 御飯 and ご飯."""
    if spelling[:1] == "御" and reading[:1] in ("お", "ご") and len(spelling) > 1:
        yield reading[0] + spelling[1:]
    elif spelling[:1] in ("お", "ご") and len(spelling) > 1 and has_kanji(spelling[1]):
        yield "御" + spelling[1:]
