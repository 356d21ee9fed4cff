"""What the search finds a word by, from its forms and senses."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from domain.dictionary import PartOfSpeech
from domain.furigana import Readings, furigana
from domain.inflection import WordClass
from domain.inflection.word_classes import word_classes_of
from domain.search.folding import has_kanji
from domain.search.index_keys import IndexedEntry

RANK_OF_UNUSUAL, RANK_OF_OTHER = 0.85, 0.97
# Interjections such as あの and ふん are rarely looked up, and their homophones are.
_MAX_FILLER = 2
_PHRASES = frozenset((PartOfSpeech.EXPRESSION, PartOfSpeech.INTERJECTION))
_PARTICLES = frozenset((PartOfSpeech.PARTICLE, PartOfSpeech.AUXILIARY, PartOfSpeech.COPULA))


class IndexedForm(Protocol):
    """A spelling or a reading. `is_unusual`: irregular or out of date."""

    @property
    def text(self) -> str: ...
    @property
    def is_common(self) -> bool: ...
    @property
    def is_unusual(self) -> bool: ...


def index_word(
    spellings: Sequence[IndexedForm],
    readings: Sequence[IndexedForm],
    glosses: Sequence[Sequence[str]],
    *,
    word: str,
    reading: str,
    latin: str,
    popularity: int,
    is_common: bool,
    parts_of_speech: Iterable[str],
    kanji_readings: Readings,
) -> IndexedEntry:
    """`latin`: the reading in romaji. `glosses`: those of each sense. `parts_of_speech`: those of the first sense."""
    first_parts = set(parts_of_speech)
    ranked = _rank(spellings) or _rank(readings)
    kana = sorted(_rank(readings), key=lambda form: form[0] != reading)
    first = word if has_kanji(word) else ranked[0][0]
    return IndexedEntry(
        spellings=ranked,
        readings=kana,
        romaji=latin,
        segments=furigana(first, kana[0][0], kanji_readings) if has_kanji(first) else (),
        glosses=glosses,
        popularity=popularity,
        is_common=is_common,
        is_phrase=_is_phrase(first_parts) and len(reading) > _MAX_FILLER,
        is_particle=not _PARTICLES.isdisjoint(first_parts),
    )


def _is_phrase(parts_of_speech: set[str]) -> bool:
    """Return whether a word is a phrase that does not inflect."""
    return not _PHRASES.isdisjoint(parts_of_speech) and word_classes_of(parts_of_speech) is WordClass.NONE


def _rank(forms: Sequence[IndexedForm]) -> list[tuple[str, float]]:
    return [
        (
            form.text,
            RANK_OF_UNUSUAL if form.is_unusual else 1.0 if position == 0 or form.is_common else RANK_OF_OTHER,
        )
        for position, form in enumerate(forms)
    ]
