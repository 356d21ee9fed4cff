"""The forms of verbs."""

from collections.abc import Iterator

from domain.inflection.conjugation.derived import Derived
from domain.inflection.conjugation.plain_forms import plain_derivations, plain_forms
from domain.inflection.conjugation.verb_stems import VerbStems
from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass


def verb_forms(word: str, stems: VerbStems, word_class: WordClass) -> Iterator[tuple[str, tuple[I, ...]]]:
    for ending, chain in (
        ("ます", ()),
        ("ました", (I.PAST,)),
        ("ません", (I.NEGATIVE,)),
        ("ませんでした", (I.NEGATIVE, I.PAST)),
        ("ましょう", (I.VOLITIONAL,)),
        ("まして", (I.TE,)),
        ("ましたら", (I.TARA_CONDITIONAL,)),
        ("ますれば", (I.BA_CONDITIONAL,)),
        ("ますか", (I.QUESTION,)),
        ("ましたか", (I.PAST, I.QUESTION)),
        ("ませんか", (I.NEGATIVE, I.QUESTION)),
        ("ませんでしたか", (I.NEGATIVE, I.PAST, I.QUESTION)),
        ("ましょうか", (I.VOLITIONAL, I.QUESTION)),
    ):
        yield stems.polite + ending, (I.POLITE, *chain)
    yield stems.continuative + "なさい", (I.POLITE, I.IMPERATIVE)
    yield stems.continuative, (I.STEM,)
    yield stems.continuative + "ながら", (I.SIMULTANEOUS,)
    yield stems.continuative + "つつ", (I.SIMULTANEOUS,)
    yield stems.continuative + "ながらも", (I.SIMULTANEOUS, I.CONCESSIVE)
    yield stems.continuative + "に", (I.PURPOSE,)

    for negative in stems.negative:
        yield negative + "ないで", (I.NEGATIVE, I.TE)
        yield negative + "ないでください", (I.NEGATIVE, I.REQUEST)
        yield negative + "なきゃ", (I.NEGATIVE, I.BA_CONDITIONAL)
        yield negative + "なくちゃ", (I.NEGATIVE, I.TE_WA)
        yield negative + "ねえ", (I.NEGATIVE, I.SLANG)
        yield negative + "なければなりません", (I.OBLIGATION, I.POLITE)
        yield negative + "ないと", (I.OBLIGATION,)
    for ending, chain in (
        ("ず", ()),
        ("ぬ", ()),
        ("ん", ()),
        ("ずに", (I.ADVERBIAL,)),
        ("ざる", (I.ATTRIBUTIVE,)),
        ("ねば", (I.BA_CONDITIONAL,)),
    ):
        yield stems.classical_negative + ending, (I.NEGATIVE, *chain)
    yield stems.classical_negative + "ざるを得ません", (I.OBLIGATION, I.POLITE)
    yield stems.classical_negative + "ざるをえませんでした", (I.OBLIGATION, I.POLITE, I.PAST)

    for imperative in stems.imperative:
        yield imperative, (I.IMPERATIVE,)
    if word_class is not WordClass.GODAN_ARU:
        yield stems.continuative + "な", (I.IMPERATIVE,)
    yield word + "な", (I.PROHIBITIVE,)
    if word.endswith("る"):
        yield word[:-1] + "んな", (I.PROHIBITIVE,)
    yield stems.volitional, (I.VOLITIONAL,)
    yield stems.volitional + "か", (I.VOLITIONAL, I.QUESTION)
    yield stems.volitional[:-1], (I.VOLITIONAL,)
    yield stems.volitional[:-1] + "っか", (I.VOLITIONAL, I.QUESTION)
    yield stems.conditional + "ば", (I.BA_CONDITIONAL,)
    if word.endswith("る"):
        yield stems.conditional[:-1] + "りゃ", (I.BA_CONDITIONAL,)
    elif not word.endswith("う"):
        yield stems.continuative + "ゃ", (I.BA_CONDITIONAL,)
    yield (stems.continuative if word_class is WordClass.ICHIDAN else word) + "まい", (I.NEGATIVE_VOLITIONAL,)
    yield from plain_forms(word)

    te, is_voiced = stems.te, stems.te.endswith("で")
    past = te[:-1] + ("だ" if is_voiced else "た")
    cha = te[:-1] + ("じゃ" if is_voiced else "ちゃ")
    yield te, (I.TE,)
    yield te + "も", (I.CONCESSIVE,)
    yield te + "は", (I.TE_WA,)
    yield cha, (I.TE_WA,)
    yield te + "ください", (I.REQUEST,)
    yield te + "はいけません", (I.PROHIBITIVE, I.POLITE)
    yield past, (I.PAST,)
    yield past + "ら", (I.TARA_CONDITIONAL,)
    yield past + "り", (I.TARI,)
    yield past + "ろう", (I.PAST, I.PRESUMPTIVE)
    for form, following in plain_forms(past):
        yield form, (I.PAST, *following)
    yield past + "って", (I.CONCESSIVE,)


def verb_derivations(word: str, stems: VerbStems, word_class: WordClass) -> Iterator[Derived]:
    for negative in stems.negative:
        yield Derived(negative + "ない", WordClass.I_ADJECTIVE, (I.NEGATIVE,))
        yield Derived(negative + "なければならない", WordClass.I_ADJECTIVE, (I.OBLIGATION,))
        yield Derived(negative + "なきゃいけない", WordClass.I_ADJECTIVE, (I.OBLIGATION,))
        yield Derived(negative + "なくてもいい", WordClass.II, (I.NEGATIVE, I.PERMISSION))
    if word_class is WordClass.ARU and (word == "ある" or word.endswith(("がある", "である", "てある", "もある"))):
        yield Derived(f"{word[:-2]}ない", WordClass.I_ADJECTIVE, (I.NEGATIVE,))
    for potential in stems.potential:
        yield Derived(potential, WordClass.ICHIDAN, (I.POTENTIAL,))
    for passive in stems.passive:
        yield Derived(passive, WordClass.ICHIDAN, (I.PASSIVE,))
    for causative in stems.causative:
        yield Derived(causative, WordClass.ICHIDAN, (I.CAUSATIVE,))
    if stems.short_causative:
        yield Derived(stems.short_causative, WordClass.GODAN, (I.CAUSATIVE,))
    if word_class is WordClass.SURU and word.endswith("する"):
        yield Derived(f"{word[:-2]}いたす", WordClass.GODAN, (I.HUMBLE,))
        yield Derived(f"{word[:-2]}なさる", WordClass.GODAN_ARU, (I.HONORIFIC,))

    yield from plain_derivations(word)
    yield Derived(word + "べき", WordClass.NOUN, (I.OBLIGATION,))
    yield Derived(stems.classical_negative + "ざるを得ない", WordClass.I_ADJECTIVE, (I.OBLIGATION,))

    continuative = stems.continuative
    yield Derived(continuative + "たい", WordClass.I_ADJECTIVE, (I.DESIDERATIVE,))
    yield Derived(continuative + "そう", WordClass.NA_ADJECTIVE, (I.APPEARANCE,))
    yield Derived(continuative + "すぎる", WordClass.ICHIDAN, (I.EXCESSIVE,))
    yield Derived(continuative + "やすい", WordClass.I_ADJECTIVE, (I.EASY,))
    yield Derived(continuative + "にくい", WordClass.I_ADJECTIVE, (I.DIFFICULT,))
    yield Derived(continuative + "づらい", WordClass.I_ADJECTIVE, (I.DIFFICULT,))
    yield Derived(continuative + "がち", WordClass.NA_ADJECTIVE, (I.TENDENCY,))
    yield Derived(continuative + "始める", WordClass.ICHIDAN, (I.START,))
    yield Derived(continuative + "つづける", WordClass.ICHIDAN, (I.CONTINUE,))
    yield Derived(continuative + "終わる", WordClass.GODAN, (I.FINISH,))

    te = stems.te
    teru, toru, toku, chau, chimau, teku = (
        ("でる", "どる", "どく", "じゃう", "じまう", "でく")
        if te.endswith("で")
        else ("てる", "とる", "とく", "ちゃう", "ちまう", "てく")
    )
    yield Derived(te + "いる", WordClass.ICHIDAN, (I.PROGRESSIVE,))
    yield Derived(te[:-1] + teru, WordClass.ICHIDAN, (I.PROGRESSIVE,))
    yield Derived(te[:-1] + toru, WordClass.GODAN, (I.PROGRESSIVE,))
    yield Derived(te + "おく", WordClass.GODAN, (I.TE_OKU,))
    yield Derived(te[:-1] + toku, WordClass.GODAN, (I.TE_OKU,))
    yield Derived(te + "しまう", WordClass.GODAN, (I.TE_SHIMAU,))
    yield Derived(te[:-1] + chau, WordClass.GODAN, (I.TE_SHIMAU,))
    yield Derived(te[:-1] + chimau, WordClass.GODAN, (I.TE_SHIMAU,))
    yield Derived(te + "みる", WordClass.ICHIDAN, (I.TE_MIRU,))
    yield Derived(te + "いく", WordClass.GODAN_IKU, (I.TE_IKU,))
    yield Derived(te[:-1] + teku, WordClass.GODAN_IKU, (I.TE_IKU,))
    yield Derived(te + "くる", WordClass.KURU, (I.TE_KURU,))
    yield Derived(te + "ある", WordClass.ARU, (I.TE_ARU,))
    yield Derived(te + "ほしい", WordClass.I_ADJECTIVE, (I.TE_HOSHII,))
    yield Derived(te + "もらう", WordClass.GODAN, (I.TE_MORAU,))
    yield Derived(te + "いただく", WordClass.GODAN, (I.TE_MORAU, I.HUMBLE))
    yield Derived(te + "くれる", WordClass.KURERU, (I.TE_KURERU,))
    yield Derived(te + "くださる", WordClass.GODAN_ARU, (I.TE_KURERU, I.HONORIFIC))
    yield Derived(te + "あげる", WordClass.ICHIDAN, (I.TE_AGERU,))
    yield Derived(te + "やる", WordClass.GODAN, (I.TE_YARU,))
    yield Derived(te + "もいい", WordClass.II, (I.PERMISSION,))
    yield Derived(te + "はいけない", WordClass.I_ADJECTIVE, (I.PROHIBITIVE,))
