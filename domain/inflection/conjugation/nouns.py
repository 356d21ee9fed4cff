"""The forms of nouns and adjectives in な, which the copula follows."""

from collections.abc import Iterator

from domain.inflection.conjugation.derived import Derived
from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass


def noun_forms(word: str, word_class: WordClass) -> Iterator[tuple[str, tuple[I, ...]]]:
    for ending, chain in (
        ("だ", (I.COPULA,)),
        ("です", (I.POLITE,)),
        ("だった", (I.PAST,)),
        ("ですか", (I.POLITE, I.QUESTION)),
        ("でした", (I.POLITE, I.PAST)),
        ("でして", (I.POLITE, I.TE)),
        ("だったら", (I.TARA_CONDITIONAL,)),
        ("だったり", (I.TARI,)),
        ("で", (I.TE,)),
        ("でも", (I.CONCESSIVE,)),
        ("なら", (I.NARA_CONDITIONAL,)),
        ("なんだ", (I.EXPLANATORY,)),
        ("なんですか", (I.EXPLANATORY, I.QUESTION)),
        ("だそうです", (I.HEARSAY, I.POLITE)),
        ("かもしれません", (I.PRESUMPTIVE, I.POLITE)),
        ("だったかも", (I.PAST, I.PRESUMPTIVE)),
        ("だったらしい", (I.PAST, I.PRESUMPTIVE)),
        ("だろう", (I.PRESUMPTIVE,)),
        ("でしょう", (I.PRESUMPTIVE,)),
        ("だっただろう", (I.PAST, I.PRESUMPTIVE)),
        ("じゃありません", (I.POLITE, I.NEGATIVE)),
        ("ではありませんでした", (I.POLITE, I.NEGATIVE, I.PAST)),
    ):
        yield word + ending, chain
    if word_class is WordClass.NA_ADJECTIVE:
        yield word + "な", (I.ATTRIBUTIVE,)
        yield word + "に", (I.ADVERBIAL,)
    else:
        yield word + "の", (I.ATTRIBUTIVE,)


def noun_derivations(word: str, word_class: WordClass) -> Iterator[Derived]:
    yield Derived(word + "じゃない", WordClass.I_ADJECTIVE, (I.NEGATIVE,))
    yield Derived(word + "ではない", WordClass.I_ADJECTIVE, (I.NEGATIVE,))
    yield Derived(word + "になる", WordClass.GODAN, (I.BECOME,))
    yield Derived(word + "らしい", WordClass.I_ADJECTIVE, (I.RESEMBLING,))
    yield Derived(word + "みたい", WordClass.NA_ADJECTIVE, (I.RESEMBLING,))
    yield Derived(word + "かもしれない", WordClass.I_ADJECTIVE, (I.PRESUMPTIVE,))
    yield Derived(word + "である", WordClass.ARU, (I.COPULA,))
    if word_class is WordClass.NA_ADJECTIVE:
        yield Derived(word + "そう", WordClass.NA_ADJECTIVE, (I.APPEARANCE,))
        yield Derived(word + "すぎる", WordClass.ICHIDAN, (I.EXCESSIVE,))
        yield Derived(word + "さ", WordClass.NOUN, (I.NOMINALIZATION,))
