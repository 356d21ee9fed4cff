"""Inflected forms of the verbs and adjectives of the JLPT levels, as queries."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from domain.inflection import WordClass, conjugate
from domain.search.kana import hiragana, romaji

CLASSES = tuple(WordClass(1 << bit) for bit in range(14))
"""All but `NOUN`."""
SCRIPTS = ("written", "kana", "romaji")

# Of auxiliaries that follow a word in kanji.
_READINGS = {"始": "はじ", "続": "つづ", "終": "お", "出来": "でき", "得": "え"}
# The second steps of a kind are shared by this number of words.
_WORDS_OF_KIND = 5
# A prime number, so that chosen places are those of other words and endings each time.
_STEP = 7919


class Form(NamedTuple):
    """A form in one of `SCRIPTS`. `depth`: 0 for one step, as in 食べられる; 1 for two, as in 食べられなかった."""

    word_class: WordClass
    place: int
    depth: int
    script: str
    word: str
    query: str


def forms_of(words: Sequence[asyncpg.Record]) -> list[Form]:
    """Return the forms of all words, each once: the first as written, the next in kana, the next in romaji, and so on.

    `words`: rows with word, reading and inflection.
    """
    forms: dict[tuple[str, str], Form] = {}
    for row in words:
        for word_class in CLASSES:
            if row["inflection"] & word_class:
                for place, pair in enumerate(_forms(row, word_class, 0)):
                    script = SCRIPTS[(place + len(row["word"]) + ord(row["word"][0])) % len(SCRIPTS)]
                    form = Form(word_class, place, 0, script, row["word"], _query(pair, script))
                    forms.setdefault((form.word, form.query), form)
    return list(forms.values())


def two_step_forms(words: Sequence[asyncpg.Record], seed: int, every: int = 1) -> list[Form]:
    """Return the forms of two steps of every class and row of a godan verb, of a few words each, in each script.

    `every`: only every Nth place in the conjugation.
    """
    kinds = defaultdict(list)
    for row in words:
        for word_class in CLASSES:
            if row["inflection"] & word_class:
                kinds[word_class, row["word"][-1] if word_class is WordClass.GODAN else ""].append(row)
    forms: dict[tuple[str, str], Form] = {}
    for (word_class, _), rows in kinds.items():
        chosen = [rows[(seed + number) * _STEP % len(rows)] for number in range(_WORDS_OF_KIND)]
        for number, row in enumerate(chosen):
            one_step = len(_forms(row, word_class, 0))
            for place, pair in list(enumerate(_forms(row, word_class, 1)[one_step:]))[number::_WORDS_OF_KIND][::every]:
                for script in SCRIPTS:
                    form = Form(word_class, place, 1, script, row["word"], _query(pair, script))
                    forms.setdefault((form.word, form.query), form)
    return list(forms.values())


def sample(one_step: Sequence[Form], two_steps: Sequence[Form], size: int) -> list[Form]:
    """Return a fixed sample: one form of each place in the conjugation of each class, then every Nth of two steps."""
    by_place = defaultdict(list)
    for form in one_step:
        by_place[form.word_class, form.place].append(form)
    chosen = [of_place[number * _STEP % len(of_place)] for number, of_place in enumerate(by_place.values())]
    missing = size - len(chosen)
    return [*chosen, *(two_steps[number * len(two_steps) // missing] for number in range(missing))]


def _forms(row: asyncpg.Record, word_class: WordClass, depth: int) -> list[tuple[str, str]]:
    """Return the forms as written with those of the reading; none if one is not of the class, such as その為."""
    try:
        written = [form for form, _ in conjugate(row["word"], word_class, depth)]
        spoken = [form for form, _ in conjugate(row["reading"], word_class, depth)]
    except ValueError:
        return []
    return list(zip(written, spoken, strict=True))


def _query(pair: tuple[str, str], script: str) -> str:
    written, spoken = pair
    if script == "written":
        return written
    kana = _in_kana(spoken)
    return kana if script == "kana" else romaji(hiragana(kana))


def _in_kana(form: str) -> str:
    for kanji, reading in _READINGS.items():
        form = form.replace(kanji, reading)
    return form
