"""Inflected forms of the verbs and adjectives of the JLPT levels, as queries."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import asyncpg

from domain.inflection import WordClass, conjugate
from domain.search.kana import hiragana, romaji

CLASSES = tuple(WordClass(1 << bit) for bit in range(14))
"""All but `NOUN`."""


# Of auxiliaries that follow a word in kanji.
_READINGS = {"始": "はじ", "続": "つづ", "終": "お", "得": "え", "出来": "でき"}


class Form(NamedTuple):
    """A form in kanji, kana or romaji. `kind`: its class, the row of a godan verb, its place in the conjugation."""

    kind: tuple[WordClass, str, int]
    word: str
    query: str


def forms_of(words: Sequence[asyncpg.Record]) -> Iterator[Form]:
    """Yield the forms of all words, each once: the first as written, the next in kana, the next in romaji, and so on.

    `words`: rows with word, reading and inflection.
    """
    for row in words:
        found = set()
        for word_class in CLASSES:
            if not row["inflection"] & word_class:
                continue
            try:
                written = list(conjugate(row["word"], word_class, depth=0))
                spoken = list(conjugate(row["reading"], word_class, depth=0))
            except ValueError:
                # Such as その為, one of whose spellings is not of the class.
                continue
            ending = row["word"][-1] if word_class is WordClass.GODAN else ""
            for place, (in_kanji, in_kana) in enumerate(zip(written, spoken, strict=True)):
                kana = _in_kana(in_kana.form)
                query = (in_kanji.form, kana, romaji(hiragana(kana)))[
                    (place + len(row["word"]) + ord(row["word"][0])) % 3
                ]
                if query not in found:
                    found.add(query)
                    yield Form((word_class, ending, place), row["word"], query)


def _in_kana(form: str) -> str:
    for kanji, reading in _READINGS.items():
        form = form.replace(kanji, reading)
    return form


def sample(forms: Sequence[Form], size: int) -> list[Form]:
    """Return a fixed sample: one form of each kind, of another word each time, then every Nth of the others."""
    by_kind = defaultdict(list)
    for form in forms:
        by_kind[form.kind].append(form)
    # A prime number, so that forms of a kind are of other words than those of the next kind.
    chosen = {of_kind[place * 7919 % len(of_kind)] for place, of_kind in enumerate(by_kind.values())}
    others = [form for form in forms if form not in chosen]
    missing = size - len(chosen)
    return [*sorted(chosen), *others[:: len(others) // missing][:missing]]
