"""The stems of verbs, class by class."""

from dataclasses import dataclass

from domain.inflection.word_classes import WordClass


@dataclass(frozen=True, slots=True)
class VerbStems:
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


GODAN_ROWS = {
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


def verb_stems(word: str, word_class: WordClass) -> VerbStems:
    stem = word[:-1]
    match word_class:
        case WordClass.ICHIDAN | WordClass.KURERU:
            return VerbStems(
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
            return VerbStems(
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


def _suru_stems(word: str, word_class: WordClass) -> VerbStems:
    before = word[:-2]
    if word.endswith("為る"):
        return VerbStems(
            continuative=before + "為",
            polite=before + "為",
            negative=(before + "為",),
            classical_negative=before + "為",
            te=before + "為て",
            conditional=before + "為れ",
            imperative=(before + "為ろ",),
            volitional=before + "為よう",
        )
    if word.endswith("ずる"):
        return VerbStems(
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
        return VerbStems(
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
    return VerbStems(
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


def _godan_stems(word: str, word_class: WordClass) -> VerbStems:
    stem = word[:-1]
    a, i, _, e, o = (stem + kana for kana in GODAN_ROWS[word[-1]])
    te = stem + _GODAN_TE[word[-1]]
    if word_class is WordClass.GODAN_IKU:
        te = stem + "って"
    elif word_class is WordClass.GODAN_TOU:
        te = word + "て"
    is_honorific = word_class is WordClass.GODAN_ARU
    is_aru = word_class is WordClass.ARU
    return VerbStems(
        continuative=i,
        polite=stem + "い" if is_honorific else i,
        # The negative ない has no stem of ある.
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
