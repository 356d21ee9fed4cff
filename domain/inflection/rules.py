"""The rules of deinflection: which endings follow which stems, and what a word ends in instead.

An ending is written once for each stem it follows: ました for the continuative of all verbs (食べ, 書き, し). The table
has the combinations of endings and stems, きました for く, as a trie of characters from the last to the first.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass

# Forms that are no dictionary forms, but are followed by more endings.
PAST_VERB = 1 << 15
PAST_ADJECTIVE = 1 << 16
# Forms that no ending of another rule follows.
FINAL = 1 << 17

WORDS = reduce(or_, (word_class.value for word_class in WordClass))
ANY = WORDS | PAST_VERB | PAST_ADJECTIVE | FINAL

_ICHIDAN = int(WordClass.ICHIDAN)
_KURERU = int(WordClass.KURERU)
_GODAN = int(WordClass.GODAN)
_IKU = int(WordClass.GODAN_IKU)
_HONORIFIC = int(WordClass.GODAN_ARU)
_TOU = int(WordClass.GODAN_TOU)
_ARU = int(WordClass.ARU)
_KURU = int(WordClass.KURU)
_SURU = int(WordClass.SURU)
_SPECIAL = int(WordClass.SURU_SPECIAL)
_ADJECTIVE = int(WordClass.I_ADJECTIVE)
_II = int(WordClass.II)
_NA = int(WordClass.NA_ADJECTIVE)
_NOUN = int(WordClass.NOUN)

_RU = _ICHIDAN | _KURERU | _GODAN | _HONORIFIC | _ARU | _KURU | _SURU | _SPECIAL
_VERBS = _RU | _IKU | _TOU
_NOUNS = _NA | _NOUN
_PLAIN = _VERBS | _ADJECTIVE | _II | PAST_VERB | PAST_ADJECTIVE | _NOUNS

# The start of the text, for the few rules of whole words.
START = "^"

# Kinds of forms by their last character. Nouns end in anything.
KINDS_BY_LAST = {
    "る": _RU,
    "く": _GODAN | _IKU,
    "う": _GODAN | _TOU,
    "い": _ADJECTIVE | _II,
    "イ": _ADJECTIVE | _II,
    **dict.fromkeys("ぐすつぬぶむ", _GODAN),
    "た": PAST_VERB | PAST_ADJECTIVE,
    "だ": PAST_VERB,
}
NOUNS = _NOUNS | int(WordClass.SURU_NOUN)


class Stem(NamedTuple):
    """The end of a stem, with what a word of `classes` ends in instead."""

    end: str
    base: str
    classes: int


class Rule(NamedTuple):
    """A form of the kind `surface` becomes a form of the kind `base`, unless one of `excluded` follows already."""

    surface: int
    base: int
    ending: str
    """Replaces the ending of the surface."""
    chain: str
    """The inflections as characters of `CODES`."""
    used: int
    excluded: int
    is_ichidan: bool
    """Whether the stem is ichidan, whose last vowel is i or e."""


class Trie(NamedTuple):
    """Rules by their ending, from its last character to its first."""

    children: dict[str, "Trie"]
    rules: list[Rule]

    def add(self, surface: str, rule: Rule) -> None:
        node = self
        for character in reversed(surface):
            node = node.children.setdefault(character, Trie({}, []))
        if rule not in node.rules:
            node.rules.append(rule)


# Chains are strings while they grow, because strings are joined and hashed much faster than tuples of enum members.
CODES = {inflection: chr(ord("A") + index) for index, inflection in enumerate(I)}

# Repeated by a double negation (食べなくない), and where two auxiliaries are humble or honorific (お待ちしております).
_REPEATABLE = frozenset((I.NEGATIVE, I.HUMBLE, I.HONORIFIC))
# Voices have an order: 食べさせられる is a passive of a causative, and a potential takes no voice.
_EXCLUDED_BY = {I.POTENTIAL: (I.PASSIVE, I.CAUSATIVE), I.PASSIVE: (I.CAUSATIVE,)}


def _bits(inflections: Iterable[I]) -> int:
    members = list(I)
    return reduce(or_, (1 << members.index(inflection) for inflection in inflections), 0)


def make_rule(surface: int, stem: Stem, inflections: Sequence[I]) -> Rule:
    """The rule that replaces an ending after `stem`."""
    excluded = [inflection for inflection in inflections if inflection not in _REPEATABLE]
    excluded += [other for inflection in inflections for other in _EXCLUDED_BY.get(inflection, ())]
    return Rule(
        surface,
        stem.classes,
        stem.base,
        "".join(CODES[inflection] for inflection in inflections),
        _bits(inflections),
        _bits(excluded),
        stem is _ICHIDAN_STEM,
    )


# Stems. A godan verb's last kana moves along its row: か, き, く, け, こ.
_ROWS = ("かきくけこ", "がぎぐげご", "さしすせそ", "たちつてと", "なにぬねの", "ばびぶべぼ", "まみむめも", "らりるれろ")


def _godan(vowel: int, ru: int = _GODAN | _HONORIFIC | _ARU) -> list[Stem]:
    """Stems of all godan verbs with a vowel of a, i, u, e, o. `ru`: classes of those in る."""
    classes = {"く": _GODAN | _IKU, "る": ru}
    stems = [Stem(row[vowel], row[2], classes.get(row[2], _GODAN)) for row in _ROWS]
    return [*stems, Stem("わいうえお"[vowel], "う", _GODAN | _TOU)]


def _kuru(kana: str) -> list[Stem]:
    return [Stem(kana, "くる", _KURU), Stem("来", "来る", _KURU), Stem("來", "來る", _KURU)]


_ICHIDAN_STEM = Stem("", "る", _ICHIDAN | _KURERU)
# いらっしゃる, なさる, ござる; 仰る, 仰有る, 御座る.
_HONORIFIC_I = [Stem(f"{before}い", f"{before}る", _HONORIFIC) for before in "さざゃ仰有座"]
_SHI = [Stem("し", "する", _SURU | _SPECIAL), Stem("為", "為る", _SURU), Stem("じ", "ずる", _SPECIAL)]

CONTINUATIVE = [_ICHIDAN_STEM, *_godan(1), *_HONORIFIC_I, *_SHI, *_kuru("き")]
_BEFORE_NAI = [
    _ICHIDAN_STEM,
    *_godan(0, ru=_GODAN | _HONORIFIC),
    *_SHI,
    Stem("さ", "する", _SPECIAL),
    *_kuru("こ"),
    # Contracted: 分かんない, 信じらんない.
    Stem("ん", "る", _GODAN),
    Stem("らん", "られる", _ICHIDAN),
]
_BEFORE_ZU = [
    _ICHIDAN_STEM,
    *_godan(0),
    Stem("せ", "する", _SURU | _SPECIAL),
    Stem("さ", "する", _SPECIAL),
    Stem("ぜ", "ずる", _SPECIAL),
    *_kuru("こ"),
]
# The stem before て and た; and before で and だ.
_BEFORE_TE = [
    _ICHIDAN_STEM,
    Stem("い", "く", _GODAN),
    Stem("し", "す", _GODAN),
    Stem("っ", "る", _GODAN | _HONORIFIC | _ARU),
    Stem("っ", "う", _GODAN),
    Stem("っ", "つ", _GODAN),
    # The て and で of 持ってく and 飛んでく.
    *(Stem(f"{before}っ", f"{before}く", _IKU) for before in "行いゆ逝往てで"),
    Stem("う", "う", _TOU),
    Stem("いらし", "いらっしゃる", _HONORIFIC),
    *_SHI,
    *_kuru("き"),
]
_BEFORE_DE = [Stem("い", "ぐ", _GODAN), *(Stem("ん", base, _GODAN) for base in "ぬぶむ")]

_GOOD = [Stem(kanji, f"{kanji}い", _ADJECTIVE | _II) for kanji in "良好善佳宜"]
_ADJECTIVE_STEM = [Stem("", "い", _ADJECTIVE), Stem("よ", "いい", _II), Stem("よ", "よい", _II), *_GOOD]
# Before そう and すぎる, ない and よい end in さ.
_ADJECTIVE_SA = [
    *_ADJECTIVE_STEM,
    Stem("なさ", "ない", _ADJECTIVE),
    Stem("無さ", "無い", _ADJECTIVE),
    Stem("よさ", "よい", _ADJECTIVE | _II),
    Stem("よさ", "いい", _II),
    *(Stem(f"{stem.end}さ", stem.base, stem.classes) for stem in _GOOD),
]
_NOUN_STEM = [Stem("", "", _NOUNS)]
_NA_STEM = [Stem("", "", _NA)]


def _voiced(ending: str) -> str:
    """The ending after the stem of 読む: で for て, じゃう for ちゃう."""
    return {"て": "で", "た": "だ", "ち": "じ", "と": "ど"}[ending[0]] + ending[1:]


RULES = Trie({}, [])


def _add(stems: Sequence[Stem], endings: str, surface: int, *inflections: I, trie: Trie = RULES) -> None:
    """Add endings, separated by spaces, after each of the stems. `surface`: as what such a form inflects further."""
    for ending in endings.split():
        for stem in stems:
            trie.add(stem.end + ending, make_rule(surface, stem, inflections))


def _add_polite_verb() -> None:
    def add(endings: str, *inflections: I) -> None:
        _add(CONTINUATIVE, endings, FINAL, I.POLITE, *inflections)

    add("ます")
    add("ました", I.PAST)
    add("ません", I.NEGATIVE)
    add("ませんでした", I.NEGATIVE, I.PAST)
    add("ませんで", I.NEGATIVE, I.TE)
    add("ましょう", I.VOLITIONAL)
    add("まして", I.TE)
    add("ましても", I.CONCESSIVE)
    add("ましたら", I.TARA_CONDITIONAL)
    add("ましたり", I.TARI)
    add("ますれば ませば", I.BA_CONDITIONAL)
    add("ますまい", I.NEGATIVE_VOLITIONAL)
    add("ませ なさい", I.IMPERATIVE)
    add("ますでしょう", I.PRESUMPTIVE)
    add("ますなら", I.NARA_CONDITIONAL)


def _add_continuative() -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        _add(CONTINUATIVE, endings, surface, *inflections)

    add("たい", _ADJECTIVE, I.DESIDERATIVE)
    add("そう", _NA, I.APPEARANCE)
    add("すぎる 過ぎる", _ICHIDAN, I.EXCESSIVE)
    add("すぎ 過ぎ", _NOUN, I.EXCESSIVE)
    add("やすい 易い", _ADJECTIVE, I.EASY)
    add("にくい 難い づらい 辛い がたい", _ADJECTIVE, I.DIFFICULT)
    add("っぽい", _ADJECTIVE, I.RESEMBLING)
    add("ながら つつ", FINAL, I.SIMULTANEOUS)
    add("に", FINAL, I.PURPOSE)
    add("はじめる 始める", _ICHIDAN, I.START)
    add("つづける 続ける", _ICHIDAN, I.CONTINUE)
    add("おわる 終わる", _GODAN, I.FINISH)
    for stem in CONTINUATIVE:
        RULES.add(stem.end, make_rule(FINAL, stem, (I.STEM,)))


def _add_negative() -> None:
    _add(_BEFORE_NAI, "ない", _ADJECTIVE, I.NEGATIVE)
    _add(_BEFORE_NAI, "ないで", FINAL, I.NEGATIVE, I.TE)
    _add(_BEFORE_NAI, "ないでください ないで下さい ないでくれ", FINAL, I.NEGATIVE, I.REQUEST)
    _add(_BEFORE_ZU, "ず ぬ ん", FINAL, I.NEGATIVE)
    _add(_BEFORE_ZU, "ずに", FINAL, I.NEGATIVE, I.ADVERBIAL)
    _add(_BEFORE_ZU, "ざる", FINAL, I.NEGATIVE, I.ATTRIBUTIVE)
    _add(_BEFORE_ZU, "ねば", FINAL, I.NEGATIVE, I.BA_CONDITIONAL)
    _add(_BEFORE_ZU, "んかった", PAST_ADJECTIVE, I.NEGATIVE, I.PAST)
    # The negative of ある has no stem of it: alone, after particles (気がない), and in てない and くない.
    _add(
        [Stem(before, f"{before.strip(START)}ある", _ARU) for before in f"{START}がもはでにてく"],
        "ない",
        _ADJECTIVE,
        I.NEGATIVE,
    )

    adjectives = [Stem(f"{stem.end}く", stem.base, stem.classes) for stem in _ADJECTIVE_STEM]
    for stems, conditions in (
        ([*_BEFORE_NAI, *adjectives], ("なければ", "なけりゃ", "なきゃ", "なくては", "なくちゃ", "ないと")),
        (_BEFORE_ZU, ("ねば",)),
    ):
        for condition in conditions:
            for ending in ("ならない", "いけない"):
                _add(stems, condition + ending, _ADJECTIVE, I.OBLIGATION)
            for ending in ("なりません", "いけません"):
                _add(stems, condition + ending, FINAL, I.OBLIGATION, I.POLITE)
                _add(stems, f"{condition}{ending}でした", FINAL, I.OBLIGATION, I.POLITE, I.PAST)
            for ending in ("ならぬ", "ならん"):
                _add(stems, condition + ending, FINAL, I.OBLIGATION)
            _add(stems, f"{condition}だめ {condition}ダメ {condition}駄目", _NOUN, I.OBLIGATION)


def _add_voices() -> None:
    godan = _godan(0)
    _add(godan, "れる", _ICHIDAN, I.PASSIVE)
    _add(godan, "せる", _ICHIDAN, I.CAUSATIVE)
    _add(godan, "す", _GODAN, I.CAUSATIVE)
    _add([_ICHIDAN_STEM, *_kuru("こ")], "られる", _ICHIDAN, I.PASSIVE)
    _add([_ICHIDAN_STEM, *_kuru("こ")], "られる れる", _ICHIDAN, I.POTENTIAL)
    _add([_ICHIDAN_STEM, *_kuru("こ")], "させる", _ICHIDAN, I.CAUSATIVE)
    _add([_ICHIDAN_STEM, *_kuru("こ")], "さす", _GODAN, I.CAUSATIVE)
    _add(_godan(3), "る", _ICHIDAN, I.POTENTIAL)

    suru = [Stem("", "する", _SURU | _SPECIAL)]
    special = [Stem("", "する", _SPECIAL)]
    zuru = [Stem("", "ずる", _SPECIAL)]
    _add(suru, "される", _ICHIDAN, I.PASSIVE)
    _add(suru, "させる", _ICHIDAN, I.CAUSATIVE)
    _add(suru, "さす", _GODAN, I.CAUSATIVE)
    _add(suru, "できる 出来る", _ICHIDAN, I.POTENTIAL)
    _add(special, "せられる しられる", _ICHIDAN, I.PASSIVE)
    _add(special, "せる", _ICHIDAN, I.POTENTIAL)
    _add(zuru, "ぜられる じられる", _ICHIDAN, I.PASSIVE)
    _add(zuru, "ぜられる じられる", _ICHIDAN, I.POTENTIAL)
    _add(zuru, "じさせる", _ICHIDAN, I.CAUSATIVE)
    _add(suru, "なさる 為さる", _HONORIFIC, I.HONORIFIC)
    _add(suru, "いたす 致す", _GODAN, I.HUMBLE)


def _add_moods() -> None:
    _add(_godan(3), "ば", FINAL, I.BA_CONDITIONAL)
    _add(
        [
            _ICHIDAN_STEM,
            *_kuru("く"),
            Stem("す", "する", _SURU | _SPECIAL),
            Stem("為", "為る", _SURU),
            Stem("ず", "ずる", _SPECIAL),
        ],
        "れば",
        FINAL,
        I.BA_CONDITIONAL,
    )
    _add([Stem("", "する", _SPECIAL)], "せば", FINAL, I.BA_CONDITIONAL)
    contracted = [Stem("り", "る", _RU), *(stem for stem in _godan(1) if stem.base not in "るう")]
    _add(contracted, "ゃ", FINAL, I.BA_CONDITIONAL)

    def command(stems: Sequence[Stem], endings: str) -> None:
        _add(stems, endings, FINAL, I.IMPERATIVE)

    for stem in (*_godan(3, ru=_GODAN | _ARU), *_HONORIFIC_I):
        RULES.add(stem.end, make_rule(FINAL, stem, (I.IMPERATIVE,)))
    command([_ICHIDAN_STEM], "ろ よ")
    command(_SHI, "ろ")
    command([Stem("", "する", _SURU | _SPECIAL)], "せよ せい")
    command([Stem("", "する", _SPECIAL)], "せ")
    command([Stem("", "ずる", _SPECIAL)], "ぜよ")
    command(_kuru("こ"), "い")
    command([Stem("", "くれる", _KURERU)], "くれ")
    command([Stem("", "呉れる", _KURERU)], "呉れ")

    _add(_godan(4), "う", FINAL, I.VOLITIONAL)
    _add([_ICHIDAN_STEM, *_SHI, *_kuru("こ")], "よう", FINAL, I.VOLITIONAL)
    _add([Stem("", "する", _SPECIAL)], "そう", FINAL, I.VOLITIONAL)

    dictionary_forms = [Stem("", "", _VERBS)]
    _add(dictionary_forms, "な", FINAL, I.PROHIBITIVE)
    _add(dictionary_forms, "まい", FINAL, I.NEGATIVE_VOLITIONAL)
    _add([_ICHIDAN_STEM, *_SHI, *_kuru("こ")], "まい", FINAL, I.NEGATIVE_VOLITIONAL)
    _add([Stem("す", "する", _SURU | _SPECIAL)], "まい", FINAL, I.NEGATIVE_VOLITIONAL)


def _add_te() -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        _add(_BEFORE_TE, endings, surface, *inflections)
        _add(_BEFORE_DE, " ".join(map(_voiced, endings.split())), surface, *inflections)

    add("て", FINAL, I.TE)
    add("ても たって", FINAL, I.CONCESSIVE)
    add("ては ちゃ", FINAL, I.TE_WA)
    add("ている てる て居る", _ICHIDAN, I.PROGRESSIVE)
    add("ていらっしゃる てらっしゃる", _HONORIFIC, I.PROGRESSIVE, I.HONORIFIC)
    add("ておる て居る", _GODAN, I.PROGRESSIVE, I.HUMBLE)
    add("ておく とく て置く", _GODAN, I.TE_OKU)
    add("てしまう ちゃう ちまう て仕舞う", _GODAN, I.TE_SHIMAU)
    add("てある て有る", _ARU, I.TE_ARU)
    add("てみる て見る", _ICHIDAN, I.TE_MIRU)
    add("ていく てく てゆく て行く", _IKU, I.TE_IKU)
    add("てくる て来る", _KURU, I.TE_KURU)
    add("てほしい て欲しい", _ADJECTIVE, I.TE_HOSHII)
    add("てもらう て貰う", _GODAN, I.TE_MORAU)
    add("ていただく て頂く", _GODAN, I.TE_MORAU, I.HUMBLE)
    add("てくれる て呉れる", _ICHIDAN | _KURERU, I.TE_KURERU)
    add("てくださる て下さる", _HONORIFIC, I.TE_KURERU, I.HONORIFIC)
    add("てあげる たげる て上げる", _ICHIDAN, I.TE_AGERU)
    add("てさしあげる て差し上げる", _ICHIDAN, I.TE_AGERU, I.HUMBLE)
    add("てやる て遣る", _GODAN, I.TE_YARU)
    add("てください て下さい てくださいませ て下さいませ", FINAL, I.REQUEST)
    add("てもいい ていい ても良い", _II, I.PERMISSION)
    add("てはいけない てはならない ちゃいけない ちゃならない", _ADJECTIVE, I.PROHIBITIVE)
    add("てはいけません てはなりません ちゃいけません ちゃなりません", FINAL, I.PROHIBITIVE, I.POLITE)
    add("てはだめ てはダメ てはならぬ ちゃだめ ちゃダメ", _NOUN, I.PROHIBITIVE)
    add("た", PAST_VERB, I.PAST)
    add("たら たらば", FINAL, I.TARA_CONDITIONAL)
    add("たり", FINAL, I.TARI)
    add("たろう", FINAL, I.PAST, I.PRESUMPTIVE)


def _add_adjectives() -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        _add(_ADJECTIVE_STEM, endings, surface, *inflections)

    add("かった", PAST_ADJECTIVE, I.PAST)
    add("くない くはない くもない", _ADJECTIVE, I.NEGATIVE)
    add("くありません くはありません", FINAL, I.POLITE, I.NEGATIVE)
    add("くありませんでした くはありませんでした", FINAL, I.POLITE, I.NEGATIVE, I.PAST)
    add("く", FINAL, I.ADVERBIAL)
    add("くなる", _GODAN, I.BECOME)
    add("くて", FINAL, I.TE)
    add("くても くたって", FINAL, I.CONCESSIVE)
    add("くては くちゃ", FINAL, I.TE_WA)
    add("ければ けりゃ きゃ", FINAL, I.BA_CONDITIONAL)
    add("かったら かったらば", FINAL, I.TARA_CONDITIONAL)
    add("かったり", FINAL, I.TARI)
    add("かろう", FINAL, I.PRESUMPTIVE)
    add("かったろう", FINAL, I.PAST, I.PRESUMPTIVE)
    add("さ み", _NOUN, I.NOMINALIZATION)
    add("き", FINAL, I.ATTRIBUTIVE)
    add("がる", _GODAN, I.GARU)
    add("っぽい", _ADJECTIVE, I.RESEMBLING)
    _add(_ADJECTIVE_SA, "そう げ", _NA, I.APPEARANCE)
    _add(_ADJECTIVE_SA, "すぎる 過ぎる", _ICHIDAN, I.EXCESSIVE)
    _add(_ADJECTIVE_SA, "すぎ 過ぎ", _NOUN, I.EXCESSIVE)
    # すげえ for すごい, やべー for やばい, and ねえ for the ない of a negative.
    for row in _ROWS:
        for vowel in (0, 4):
            stems = [Stem(row[3], f"{row[vowel]}い", _ADJECTIVE)]
            _add(stems, "え ぇ ー", FINAL | _ADJECTIVE, I.SLANG)


def _add_copula() -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        _add(_NOUN_STEM, endings, surface, *inflections)

    add("だ", FINAL, I.COPULA)
    add("だった", PAST_VERB, I.PAST)
    add("だったら", FINAL, I.TARA_CONDITIONAL)
    add("だったり", FINAL, I.TARI)
    add("でした", FINAL, I.POLITE, I.PAST)
    add("でしたら", FINAL, I.POLITE, I.TARA_CONDITIONAL)
    add("じゃない ではない でない", _ADJECTIVE, I.NEGATIVE)
    add("じゃありません ではありません", FINAL, I.POLITE, I.NEGATIVE)
    add("じゃありませんでした ではありませんでした", FINAL, I.POLITE, I.NEGATIVE, I.PAST)
    add("で", FINAL, I.TE)
    add("でも だって", FINAL, I.CONCESSIVE)
    add("である", _ARU, I.COPULA)
    add("になる", _GODAN, I.BECOME)
    add("っぽい", _ADJECTIVE, I.RESEMBLING)
    _add([Stem("", "", _NOUN)], "の", FINAL, I.ATTRIBUTIVE)
    _add(_NA_STEM, "な", FINAL, I.ATTRIBUTIVE)
    _add(_NA_STEM, "に", FINAL, I.ADVERBIAL)
    _add(_NA_STEM, "そう", _NA, I.APPEARANCE)
    _add(_NA_STEM, "すぎる 過ぎる", _ICHIDAN, I.EXCESSIVE)
    _add(_NA_STEM, "すぎ 過ぎ", _NOUN, I.EXCESSIVE)
    _add(_NA_STEM, "さ み", _NOUN, I.NOMINALIZATION)
    _add(_NA_STEM, "がる", _GODAN, I.GARU)

    adjectives = [Stem("", "", _ADJECTIVE | _II | PAST_ADJECTIVE | _NOUNS)]
    _add(adjectives, "です", FINAL, I.POLITE)
    _add([Stem("", "", _PLAIN)], "だろう でしょう であろう", FINAL, I.PRESUMPTIVE)
    _add([Stem("", "", _PLAIN)], "なら ならば", FINAL, I.NARA_CONDITIONAL)
    _add([Stem("", "", _PLAIN & ~_NOUNS)], "んだ んです のだ のです", FINAL, I.EXPLANATORY)
    add("なんだ なんです なのだ なのです", FINAL, I.EXPLANATORY)


for _add_rules in (
    _add_polite_verb,
    _add_continuative,
    _add_negative,
    _add_voices,
    _add_moods,
    _add_te,
    _add_adjectives,
    _add_copula,
):
    _add_rules()

# Endings after お or ご with a continuative or a noun: お待ちになる, お待ちします, ご案内いたします.
HONORIFIC_RULES = Trie({}, [])
for _endings, _surface, _inflection in (
    ("する", _SURU, I.HUMBLE),
    ("いたす 致す", _GODAN, I.HUMBLE),
    ("になる", _GODAN, I.HONORIFIC),
    ("なさる", _HONORIFIC, I.HONORIFIC),
    ("ください 下さい", FINAL, I.REQUEST),
):
    _add([Stem("", "", int(WordClass.SURU_NOUN)), *CONTINUATIVE], _endings, _surface, _inflection, trie=HONORIFIC_RULES)
