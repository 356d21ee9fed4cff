"""Conjugation: the forms of a word.

Written class by class from the stems that a grammar lists, and not from the rules of deinflection.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass


class Conjugation(NamedTuple):
    """A form of a word."""

    form: str
    chain: tuple[I, ...]
    """The inflections, from the dictionary form outward."""


class _Derived(NamedTuple):
    """A word that was made of another by an auxiliary, and inflects like any word of its class."""

    form: str
    word_class: WordClass
    chain: tuple[I, ...]


@dataclass(frozen=True, slots=True)
class _VerbStems:
    continuative: str
    polite: str
    """Before ます; only honorific verbs have one that differs from the continuative."""
    negative: tuple[str, ...]
    """Before ない."""
    classical_negative: str
    """Before ず."""
    te: str
    conditional: str
    """Before ば."""
    imperative: tuple[str, ...]
    volitional: str
    potential: tuple[str, ...] = ()
    passive: tuple[str, ...] = ()
    causative: tuple[str, ...] = ()
    short_causative: str | None = None


_GODAN_ROWS = {
    "く": "かきくけこ",
    "ぐ": "がぎぐげご",
    "す": "さしすせそ",
    "つ": "たちつてと",
    "ぬ": "なにぬねの",
    "ぶ": "ばびぶべぼ",
    "む": "まみむめも",
    "る": "らりるれろ",
    "う": "わいうえお",
}
_GODAN_TE = {
    "く": "いて",
    "ぐ": "いで",
    "す": "して",
    **dict.fromkeys("うつる", "って"),
    **dict.fromkeys("ぬぶむ", "んで"),
}


def conjugate(word: str, word_class: WordClass, depth: int = 2) -> Iterator[Conjugation]:
    """Forms of a word of one class: the word itself, then usual forms before literary and contracted ones.

    `depth` is how many auxiliaries that inflect again follow each other before the last ending: none in 食べた, one in
    食べられた, two in 食べられたかった. Call it for each spelling of a word, such as its reading in kana.

    Raises:
        ValueError: the word cannot be of this class.
    """
    if not _is_possible(word, word_class):
        raise ValueError(f"{word} is no {word_class!r}")
    yield Conjugation(word, ())
    if word_class is WordClass.SURU_NOUN:
        yield from _forms(_Derived(f"{word}する", WordClass.SURU, ()), depth)
    else:
        yield from _forms(_Derived(word, word_class, ()), depth)


def _is_possible(word: str, word_class: WordClass) -> bool:
    match word_class:
        case WordClass.NOUN | WordClass.NA_ADJECTIVE | WordClass.SURU_NOUN:
            return bool(word)
        case WordClass.GODAN:
            return len(word) > 1 and word[-1] in _GODAN_ROWS
        case WordClass.GODAN_IKU:
            return len(word) > 1 and word.endswith("く")
        case WordClass.GODAN_TOU:
            return len(word) > 1 and word.endswith("う")
        case WordClass.SURU_SPECIAL:
            return word.endswith(("する", "ずる"))
        case WordClass.SURU:
            return word.endswith(("する", "為る"))
        case WordClass.KURU:
            return word.endswith(("くる", "来る", "來る"))
        case WordClass.KURERU:
            return word.endswith(("くれる", "呉れる"))
        case WordClass.ARU:
            return word.endswith(("ある", "有る", "在る"))
        case WordClass.I_ADJECTIVE:
            return len(word) > 1 and word.endswith("い")
        case WordClass.II:
            return word.endswith(("いい", "良い", "好い", "善い", "よい"))
        case WordClass.ICHIDAN | WordClass.GODAN_ARU:
            return len(word) > 1 and word.endswith("る")
        case _:
            return False


def _forms(word: _Derived, depth: int) -> Iterator[Conjugation]:
    """The forms of a word, except itself."""
    if word.word_class in (WordClass.I_ADJECTIVE, WordClass.II):
        endings = _adjective_forms(word.form, word.word_class)
        is_negative = word.chain[-1:] == (I.NEGATIVE,) or word.form in ("ない", "無い")
        derived = _adjective_derivations(word.form, word.word_class, is_negative=is_negative)
    elif word.word_class in (WordClass.NA_ADJECTIVE, WordClass.NOUN):
        endings = _noun_forms(word.form, word.word_class)
        derived = _noun_derivations(word.form, word.word_class)
    else:
        stems = _verb_stems(word.form, word.word_class)
        endings = _verb_forms(word.form, stems, word.word_class)
        derived = _verb_derivations(word.form, stems, word.word_class)

    following = [
        _Derived(form, word_class, word.chain + chain)
        for form, word_class, chain in derived
        if _follows(word.chain, chain)
    ]
    for form, _, chain in following:
        yield Conjugation(form, chain)
    for form, chain in endings:
        if _follows(word.chain, chain):
            yield Conjugation(form, word.chain + chain)
    if depth:
        for each in following:
            yield from _forms(each, depth - 1)


# Auxiliaries follow each other in this order; those of one group exclude each other.
_ORDER = {
    inflection: position
    for position, group in enumerate(
        (
            (I.CAUSATIVE,),
            (I.PASSIVE, I.HONORIFIC, I.HUMBLE),
            (I.POTENTIAL,),
            (I.TE_OKU, I.TE_MIRU, I.TE_IKU, I.TE_KURU, I.TE_ARU, I.START, I.CONTINUE, I.FINISH),
            (I.TE_SHIMAU,),
            (I.TE_AGERU, I.TE_YARU, I.TE_MORAU, I.TE_KURERU),
            (I.PROGRESSIVE,),
            (I.DESIDERATIVE, I.EASY, I.DIFFICULT, I.TE_HOSHII, I.COPULA, I.RESEMBLING),
            (I.GARU,),
            (I.NEGATIVE, I.OBLIGATION, I.PERMISSION, I.PROHIBITIVE),
            (I.EXCESSIVE, I.BECOME),
            (I.APPEARANCE, I.NOMINALIZATION),
        )
    )
    for inflection in group
}


def _follows(chain: tuple[I, ...], following: tuple[I, ...]) -> bool:
    if not chain or not following:
        return True
    last = max(_ORDER.get(inflection, 0) for inflection in chain)
    first = _ORDER.get(following[0])
    return first is None or first > last


def _verb_stems(word: str, word_class: WordClass) -> _VerbStems:
    stem = word[:-1]
    match word_class:
        case WordClass.ICHIDAN | WordClass.KURERU:
            return _VerbStems(
                continuative=stem,
                polite=stem,
                negative=(stem,),
                classical_negative=stem,
                te=stem + "て",
                conditional=stem + "れ",
                imperative=(stem,) if word_class is WordClass.KURERU else (stem + "ろ", stem + "よ"),
                volitional=stem + "よう",
                potential=(stem + "られる", stem + "れる"),
                passive=(stem + "られる",),
                causative=(stem + "させる",),
                short_causative=stem + "さす",
            )
        case WordClass.KURU:
            # The vowel of the stem changes in speech, which shows in kana only.
            before = word[:-2]
            ki, ko, ku = ("き", "こ", "く") if word.endswith("くる") else (word[-2],) * 3
            return _VerbStems(
                continuative=before + ki,
                polite=before + ki,
                negative=(before + ko,),
                classical_negative=before + ko,
                te=before + ki + "て",
                conditional=before + ku + "れ",
                imperative=(before + ko + "い",),
                volitional=before + ko + "よう",
                potential=(before + ko + "られる", before + ko + "れる"),
                passive=(before + ko + "られる",),
                causative=(before + ko + "させる",),
                short_causative=before + ko + "さす",
            )
        case WordClass.SURU | WordClass.SURU_SPECIAL:
            return _suru_stems(word, word_class)
        case _:
            return _godan_stems(word, word_class)


def _suru_stems(word: str, word_class: WordClass) -> _VerbStems:
    before = word[:-2]
    if word.endswith("為る"):
        return _VerbStems(
            continuative=before + "為",
            polite=before + "為",
            negative=(before + "為",),
            classical_negative=before + "せ",
            te=before + "為て",
            conditional=before + "為れ",
            imperative=(before + "為ろ",),
            volitional=before + "為よう",
        )
    if word.endswith("ずる"):
        return _VerbStems(
            continuative=before + "じ",
            polite=before + "じ",
            negative=(before + "じ",),
            classical_negative=before + "ぜ",
            te=before + "じて",
            conditional=before + "ずれ",
            imperative=(before + "じろ", before + "ぜよ"),
            volitional=before + "じよう",
            potential=(before + "じられる",),
            passive=(before + "じられる", before + "ぜられる"),
            causative=(before + "じさせる",),
        )
    if word_class is WordClass.SURU_SPECIAL:
        return _VerbStems(
            continuative=before + "し",
            polite=before + "し",
            negative=(before + "さ", before + "し"),
            classical_negative=before + "さ",
            te=before + "して",
            conditional=before + "すれ",
            imperative=(before + "せ", before + "せよ", before + "しろ"),
            volitional=before + "そう",
            potential=(before + "せる",),
            passive=(before + "される", before + "せられる"),
            causative=(before + "させる",),
        )
    return _VerbStems(
        continuative=before + "し",
        polite=before + "し",
        negative=(before + "し",),
        classical_negative=before + "せ",
        te=before + "して",
        conditional=before + "すれ",
        imperative=(before + "しろ", before + "せよ"),
        volitional=before + "しよう",
        potential=(before + "できる", before + "出来る"),
        passive=(before + "される",),
        causative=(before + "させる",),
        short_causative=before + "さす",
    )


def _godan_stems(word: str, word_class: WordClass) -> _VerbStems:
    stem = word[:-1]
    a, i, _, e, o = (stem + kana for kana in _GODAN_ROWS[word[-1]])
    te = stem + _GODAN_TE[word[-1]]
    if word_class is WordClass.GODAN_IKU:
        te = stem + "って"
    elif word_class is WordClass.GODAN_TOU:
        te = word + "て"
    is_honorific = word_class is WordClass.GODAN_ARU
    is_aru = word_class is WordClass.ARU
    return _VerbStems(
        continuative=i,
        polite=stem + "い" if is_honorific else i,
        # ある has ない for a negative, which is a word of its own here.
        negative=() if is_aru else (a,),
        classical_negative=a,
        te=te,
        conditional=e,
        imperative=(stem + "い",) if is_honorific else (e,),
        volitional=o + "う",
        potential=() if is_aru else (e + "る",),
        passive=() if is_aru else (a + "れる",),
        causative=() if is_aru else (a + "せる",),
        short_causative=None if is_aru else a + "す",
    )


def _verb_forms(word: str, stems: _VerbStems, word_class: WordClass) -> Iterator[tuple[str, tuple[I, ...]]]:
    for ending, chain in (
        ("ます", ()),
        ("ました", (I.PAST,)),
        ("ません", (I.NEGATIVE,)),
        ("ませんでした", (I.NEGATIVE, I.PAST)),
        ("ましょう", (I.VOLITIONAL,)),
        ("まして", (I.TE,)),
        ("ましたら", (I.TARA_CONDITIONAL,)),
        ("ますれば", (I.BA_CONDITIONAL,)),
    ):
        yield stems.polite + ending, (I.POLITE, *chain)
    yield stems.continuative + "なさい", (I.POLITE, I.IMPERATIVE)
    yield stems.continuative, (I.STEM,)
    yield stems.continuative + "ながら", (I.SIMULTANEOUS,)
    yield stems.continuative + "つつ", (I.SIMULTANEOUS,)
    yield stems.continuative + "に", (I.PURPOSE,)

    for negative in stems.negative:
        yield negative + "ないで", (I.NEGATIVE, I.TE)
        yield negative + "ないでください", (I.NEGATIVE, I.REQUEST)
        yield negative + "なきゃ", (I.NEGATIVE, I.BA_CONDITIONAL)
        yield negative + "なくちゃ", (I.NEGATIVE, I.TE_WA)
        yield negative + "ねえ", (I.NEGATIVE, I.SLANG)
        yield negative + "なければなりません", (I.OBLIGATION, I.POLITE)
    for ending, chain in (
        ("ず", ()),
        ("ぬ", ()),
        ("ん", ()),
        ("ずに", (I.ADVERBIAL,)),
        ("ざる", (I.ATTRIBUTIVE,)),
        ("ねば", (I.BA_CONDITIONAL,)),
    ):
        yield stems.classical_negative + ending, (I.NEGATIVE, *chain)

    for imperative in stems.imperative:
        yield imperative, (I.IMPERATIVE,)
    yield word + "な", (I.PROHIBITIVE,)
    yield stems.volitional, (I.VOLITIONAL,)
    yield stems.conditional + "ば", (I.BA_CONDITIONAL,)
    if word.endswith("る"):
        yield stems.conditional[:-1] + "りゃ", (I.BA_CONDITIONAL,)
    elif not word.endswith("う"):
        yield stems.continuative + "ゃ", (I.BA_CONDITIONAL,)
    yield (stems.continuative if word_class is WordClass.ICHIDAN else word) + "まい", (I.NEGATIVE_VOLITIONAL,)
    yield word + "だろう", (I.PRESUMPTIVE,)
    yield word + "でしょう", (I.PRESUMPTIVE,)
    yield word + "なら", (I.NARA_CONDITIONAL,)
    yield word + "んです", (I.EXPLANATORY,)

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
    yield past + "だろう", (I.PAST, I.PRESUMPTIVE)
    yield past + "んだ", (I.PAST, I.EXPLANATORY)
    yield past + "って", (I.CONCESSIVE,)


def _verb_derivations(word: str, stems: _VerbStems, word_class: WordClass) -> Iterator[_Derived]:
    for negative in stems.negative:
        yield _Derived(negative + "ない", WordClass.I_ADJECTIVE, (I.NEGATIVE,))
        yield _Derived(negative + "なければならない", WordClass.I_ADJECTIVE, (I.OBLIGATION,))
        yield _Derived(negative + "なきゃいけない", WordClass.I_ADJECTIVE, (I.OBLIGATION,))
    for potential in stems.potential:
        yield _Derived(potential, WordClass.ICHIDAN, (I.POTENTIAL,))
    for passive in stems.passive:
        yield _Derived(passive, WordClass.ICHIDAN, (I.PASSIVE,))
    for causative in stems.causative:
        yield _Derived(causative, WordClass.ICHIDAN, (I.CAUSATIVE,))
    if stems.short_causative:
        yield _Derived(stems.short_causative, WordClass.GODAN, (I.CAUSATIVE,))
    if word_class is WordClass.SURU and word.endswith("する"):
        yield _Derived(f"{word[:-2]}いたす", WordClass.GODAN, (I.HUMBLE,))
        yield _Derived(f"{word[:-2]}なさる", WordClass.GODAN_ARU, (I.HONORIFIC,))

    continuative = stems.continuative
    yield _Derived(continuative + "たい", WordClass.I_ADJECTIVE, (I.DESIDERATIVE,))
    yield _Derived(continuative + "そう", WordClass.NA_ADJECTIVE, (I.APPEARANCE,))
    yield _Derived(continuative + "すぎる", WordClass.ICHIDAN, (I.EXCESSIVE,))
    yield _Derived(continuative + "やすい", WordClass.I_ADJECTIVE, (I.EASY,))
    yield _Derived(continuative + "にくい", WordClass.I_ADJECTIVE, (I.DIFFICULT,))
    yield _Derived(continuative + "づらい", WordClass.I_ADJECTIVE, (I.DIFFICULT,))
    yield _Derived(continuative + "始める", WordClass.ICHIDAN, (I.START,))
    yield _Derived(continuative + "つづける", WordClass.ICHIDAN, (I.CONTINUE,))
    yield _Derived(continuative + "終わる", WordClass.GODAN, (I.FINISH,))

    te = stems.te
    teru, toku, chau, teku = (
        ("でる", "どく", "じゃう", "でく") if te.endswith("で") else ("てる", "とく", "ちゃう", "てく")
    )
    yield _Derived(te + "いる", WordClass.ICHIDAN, (I.PROGRESSIVE,))
    yield _Derived(te[:-1] + teru, WordClass.ICHIDAN, (I.PROGRESSIVE,))
    yield _Derived(te + "おく", WordClass.GODAN, (I.TE_OKU,))
    yield _Derived(te[:-1] + toku, WordClass.GODAN, (I.TE_OKU,))
    yield _Derived(te + "しまう", WordClass.GODAN, (I.TE_SHIMAU,))
    yield _Derived(te[:-1] + chau, WordClass.GODAN, (I.TE_SHIMAU,))
    yield _Derived(te + "みる", WordClass.ICHIDAN, (I.TE_MIRU,))
    yield _Derived(te + "いく", WordClass.GODAN_IKU, (I.TE_IKU,))
    yield _Derived(te[:-1] + teku, WordClass.GODAN_IKU, (I.TE_IKU,))
    yield _Derived(te + "くる", WordClass.KURU, (I.TE_KURU,))
    yield _Derived(te + "ある", WordClass.ARU, (I.TE_ARU,))
    yield _Derived(te + "ほしい", WordClass.I_ADJECTIVE, (I.TE_HOSHII,))
    yield _Derived(te + "もらう", WordClass.GODAN, (I.TE_MORAU,))
    yield _Derived(te + "くれる", WordClass.KURERU, (I.TE_KURERU,))
    yield _Derived(te + "くださる", WordClass.GODAN_ARU, (I.TE_KURERU, I.HONORIFIC))
    yield _Derived(te + "あげる", WordClass.ICHIDAN, (I.TE_AGERU,))
    yield _Derived(te + "やる", WordClass.GODAN, (I.TE_YARU,))
    yield _Derived(te + "もいい", WordClass.II, (I.PERMISSION,))
    yield _Derived(te + "はいけない", WordClass.I_ADJECTIVE, (I.PROHIBITIVE,))


def _adjective_stem(word: str, word_class: WordClass) -> str:
    if word_class is WordClass.II and word.endswith("いい"):
        return word[:-2] + "よ"
    return word[:-1]


def _adjective_forms(word: str, word_class: WordClass) -> Iterator[tuple[str, tuple[I, ...]]]:
    stem = _adjective_stem(word, word_class)
    for ending, chain in (
        ("かった", (I.PAST,)),
        ("かったです", (I.PAST, I.POLITE)),
        ("かっただろう", (I.PAST, I.PRESUMPTIVE)),
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
    yield word + "でしょう", (I.PRESUMPTIVE,)
    yield word + "だろう", (I.PRESUMPTIVE,)
    yield word + "なら", (I.NARA_CONDITIONAL,)
    yield word + "んです", (I.EXPLANATORY,)


def _adjective_derivations(word: str, word_class: WordClass, *, is_negative: bool) -> Iterator[_Derived]:
    stem = _adjective_stem(word, word_class)
    yield _Derived(stem + "くない", WordClass.I_ADJECTIVE, (I.NEGATIVE,))
    yield _Derived(stem + "くなる", WordClass.GODAN, (I.BECOME,))
    yield _Derived(stem + "くなければならない", WordClass.I_ADJECTIVE, (I.OBLIGATION,))
    yield _Derived(stem + "さ", WordClass.NOUN, (I.NOMINALIZATION,))
    yield _Derived(stem + "がる", WordClass.GODAN, (I.GARU,))
    # なさそう and よさそう, but 少なそう.
    before = stem + "さ" if is_negative or word in ("よい", "良い") or word_class is WordClass.II else stem
    yield _Derived(before + "そう", WordClass.NA_ADJECTIVE, (I.APPEARANCE,))
    yield _Derived(before + "すぎる", WordClass.ICHIDAN, (I.EXCESSIVE,))


def _noun_forms(word: str, word_class: WordClass) -> Iterator[tuple[str, tuple[I, ...]]]:
    for ending, chain in (
        ("だ", (I.COPULA,)),
        ("です", (I.POLITE,)),
        ("だった", (I.PAST,)),
        ("でした", (I.POLITE, I.PAST)),
        ("だったら", (I.TARA_CONDITIONAL,)),
        ("だったり", (I.TARI,)),
        ("で", (I.TE,)),
        ("でも", (I.CONCESSIVE,)),
        ("なら", (I.NARA_CONDITIONAL,)),
        ("なんだ", (I.EXPLANATORY,)),
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


def _noun_derivations(word: str, word_class: WordClass) -> Iterator[_Derived]:
    yield _Derived(word + "じゃない", WordClass.I_ADJECTIVE, (I.NEGATIVE,))
    yield _Derived(word + "ではない", WordClass.I_ADJECTIVE, (I.NEGATIVE,))
    yield _Derived(word + "になる", WordClass.GODAN, (I.BECOME,))
    yield _Derived(word + "である", WordClass.ARU, (I.COPULA,))
    if word_class is WordClass.NA_ADJECTIVE:
        yield _Derived(word + "そう", WordClass.NA_ADJECTIVE, (I.APPEARANCE,))
        yield _Derived(word + "すぎる", WordClass.ICHIDAN, (I.EXCESSIVE,))
        yield _Derived(word + "さ", WordClass.NOUN, (I.NOMINALIZATION,))
