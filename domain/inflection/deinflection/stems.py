"""The stems that endings follow, each with what the dictionary form ends in instead."""

from typing import NamedTuple

from domain.inflection.deinflection.kinds import (
    ADJECTIVE,
    ARU,
    COPULAR,
    GODAN,
    HONORIFIC,
    ICHIDAN,
    II,
    IKU,
    KURERU,
    KURU,
    NA,
    SPECIAL,
    SURU,
    TOU,
)


class Stem(NamedTuple):
    """The end of a stem, with what a word of `classes` ends in instead."""

    end: str
    base: str
    classes: int


# A godan verb's last kana moves along its row: か, き, く, け, こ.
ROWS = ("かきくけこ", "がぎぐげご", "さしすせそ", "たちつてと", "なにぬねの", "ばびぶべぼ", "まみむめも", "らりるれろ")


def godan(vowel: int, ru: int = GODAN | HONORIFIC | ARU) -> list[Stem]:
    """Stems of all godan verbs with a vowel of a, i, u, e, o. `ru`: classes of those in る."""
    classes = {"く": GODAN | IKU, "る": ru}
    stems = [Stem(row[vowel], row[2], classes.get(row[2], GODAN)) for row in ROWS]
    return [*stems, Stem("わいうえお"[vowel], "う", GODAN | TOU)]


def kuru(kana: str) -> list[Stem]:
    return [Stem(kana, "くる", KURU), Stem("来", "来る", KURU), Stem("來", "來る", KURU)]


ICHIDAN_STEM = Stem("", "る", ICHIDAN | KURERU)
# いらっしゃる, なさる, ござる; 仰る, 仰有る, 御座る.
HONORIFIC_I = [Stem(f"{before}い", f"{before}る", HONORIFIC) for before in "さざゃ仰有座"]
SHI = [Stem("し", "する", SURU | SPECIAL), Stem("為", "為る", SURU), Stem("じ", "ずる", SPECIAL)]

CONTINUATIVE = [ICHIDAN_STEM, *godan(1), *HONORIFIC_I, *SHI, *kuru("き")]
BEFORE_NAI = [
    ICHIDAN_STEM,
    *godan(0, ru=GODAN | HONORIFIC),
    *SHI,
    Stem("さ", "する", SPECIAL),
    *kuru("こ"),
    # Contracted: 分かんない, 信じらんない.
    Stem("ん", "る", GODAN),
    Stem("らん", "られる", ICHIDAN),
]
BEFORE_ZU = [
    ICHIDAN_STEM,
    *godan(0),
    Stem("せ", "する", SURU | SPECIAL),
    Stem("為", "為る", SURU),
    Stem("さ", "する", SPECIAL),
    Stem("ぜ", "ずる", SPECIAL),
    *kuru("こ"),
]
# The stem before て and た; and before で and だ.
BEFORE_TE = [
    ICHIDAN_STEM,
    Stem("い", "く", GODAN),
    Stem("し", "す", GODAN),
    Stem("っ", "る", GODAN | HONORIFIC | ARU),
    Stem("っ", "う", GODAN),
    Stem("っ", "つ", GODAN),
    # The て and で of 持ってく and 飛んでく.
    *(Stem(f"{before}っ", f"{before}く", IKU) for before in "行いゆ逝往てで"),
    Stem("う", "う", TOU),
    Stem("いらし", "いらっしゃる", HONORIFIC),
    *SHI,
    *kuru("き"),
]
BEFORE_DE = [Stem("い", "ぐ", GODAN), *(Stem("ん", base, GODAN) for base in "ぬぶむ")]

GOOD = [Stem(kanji, f"{kanji}い", ADJECTIVE | II) for kanji in "良好善佳宜"]
ADJECTIVE_STEM = [Stem("", "い", ADJECTIVE), Stem("よ", "いい", II), Stem("よ", "よい", II), *GOOD]
# Before そう and すぎる, ない and よい end in さ.
ADJECTIVE_SA = [
    *ADJECTIVE_STEM,
    Stem("なさ", "ない", ADJECTIVE),
    Stem("無さ", "無い", ADJECTIVE),
    Stem("よさ", "よい", ADJECTIVE | II),
    Stem("よさ", "いい", II),
    *(Stem(f"{stem.end}さ", stem.base, stem.classes) for stem in GOOD),
]
NOUN_STEM = [Stem("", "", COPULAR)]
NA_STEM = [Stem("", "", NA)]
