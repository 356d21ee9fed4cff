"""The forms of adjectives in い."""

from collections.abc import Iterator

from domain.inflection.conjugation.derived import Derived
from domain.inflection.conjugation.plain_forms import plain_derivations, plain_forms
from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass


def _adjective_stem(word: str, word_class: WordClass) -> str:
    if word_class is WordClass.II and word.endswith("いい"):
        return word[:-2] + "よ"
    return word[:-1]


def adjective_forms(word: str, word_class: WordClass) -> Iterator[tuple[str, tuple[I, ...]]]:
    stem = _adjective_stem(word, word_class)
    for ending, chain in (
        ("かった", (I.PAST,)),
        ("かったです", (I.PAST, I.POLITE)),
        ("かったですか", (I.PAST, I.POLITE, I.QUESTION)),
        ("かったろう", (I.PAST, I.PRESUMPTIVE)),
        ("かったら", (I.TARA_CONDITIONAL,)),
        ("かったり", (I.TARI,)),
        ("かろう", (I.PRESUMPTIVE,)),
        ("く", (I.ADVERBIAL,)),
        ("くて", (I.TE,)),
        ("くても", (I.CONCESSIVE,)),
        ("くては", (I.TE_WA,)),
        ("くちゃ", (I.TE_WA,)),
        ("くありません", (I.POLITE, I.NEGATIVE)),
        ("くありませんでした", (I.POLITE, I.NEGATIVE, I.PAST)),
        ("ければ", (I.BA_CONDITIONAL,)),
        ("けりゃ", (I.BA_CONDITIONAL,)),
        ("きゃ", (I.BA_CONDITIONAL,)),
    ):
        yield stem + ending, chain
    yield word + "です", (I.POLITE,)
    yield word + "ですか", (I.POLITE, I.QUESTION)
    yield from plain_forms(word)
    for form, following in plain_forms(stem + "かった"):
        yield form, (I.PAST, *following)


def adjective_derivations(word: str, word_class: WordClass, *, is_negative: bool) -> Iterator[Derived]:
    stem = _adjective_stem(word, word_class)
    yield from plain_derivations(word)
    yield Derived(stem + "くない", WordClass.I_ADJECTIVE, (I.NEGATIVE,))
    yield Derived(stem + "くなる", WordClass.GODAN, (I.BECOME,))
    yield Derived(stem + "くなければならない", WordClass.I_ADJECTIVE, (I.OBLIGATION,))
    yield Derived(stem + "さ", WordClass.NOUN, (I.NOMINALIZATION,))
    yield Derived(stem + "がる", WordClass.GODAN, (I.GARU,))
    # なさそう and よさそう, but 少なそう.
    before = stem + "さ" if is_negative or word in ("よい", "良い") or word_class is WordClass.II else stem
    yield Derived(before + "そう", WordClass.NA_ADJECTIVE, (I.APPEARANCE,))
    yield Derived(before + "すぎる", WordClass.ICHIDAN, (I.EXCESSIVE,))
