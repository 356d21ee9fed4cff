"""What follows every plain form of a verb or an adjective, such as 食べる, 食べた and 高い."""

from collections.abc import Iterator

from domain.inflection.conjugation.derived import Derived
from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass


def plain_forms(plain: str) -> Iterator[tuple[str, tuple[I, ...]]]:
    for ending, chain in (
        ("だろう", (I.PRESUMPTIVE,)),
        ("でしょう", (I.PRESUMPTIVE,)),
        ("でしょうか", (I.PRESUMPTIVE, I.QUESTION)),
        ("かもしれません", (I.PRESUMPTIVE, I.POLITE)),
        ("かも", (I.PRESUMPTIVE,)),
        ("なら", (I.NARA_CONDITIONAL,)),
        ("んだ", (I.EXPLANATORY,)),
        ("んです", (I.EXPLANATORY,)),
        ("のです", (I.EXPLANATORY,)),
        ("んですか", (I.EXPLANATORY, I.QUESTION)),
        ("んだろう", (I.EXPLANATORY, I.PRESUMPTIVE)),
        ("そうだ", (I.HEARSAY, I.COPULA)),
        ("そうです", (I.HEARSAY, I.POLITE)),
        ("らしい", (I.PRESUMPTIVE,)),
        ("か", (I.QUESTION,)),
    ):
        yield plain + ending, chain


def plain_derivations(plain: str) -> Iterator[Derived]:
    """The endings that inflect further."""
    yield Derived(plain + "らしい", WordClass.I_ADJECTIVE, (I.PRESUMPTIVE,))
    yield Derived(plain + "かもしれない", WordClass.I_ADJECTIVE, (I.PRESUMPTIVE,))
    yield Derived(plain + "みたい", WordClass.NA_ADJECTIVE, (I.RESEMBLING,))
    yield Derived(plain + "よう", WordClass.NA_ADJECTIVE, (I.RESEMBLING,))
