"""The endings of Japanese, each written once for all the stems it follows.

ました follows the continuative of every verb (食べ, 書き, し). The rules have the combinations of endings and stems,
such as きました for く.
"""

from collections.abc import Sequence

from domain.inflection.deinflection.kinds import (
    ADJECTIVE,
    ARU,
    COPULAR,
    FINAL,
    GODAN,
    HONORIFIC,
    ICHIDAN,
    II,
    IKU,
    KURERU,
    KURU,
    NA,
    NOUN,
    PAST_ADJECTIVE,
    PAST_VERB,
    PLAIN,
    RU,
    SPECIAL,
    START,
    SURU,
    VERBS,
)
from domain.inflection.deinflection.rules import Trie, make_rule
from domain.inflection.deinflection.stems import (
    ADJECTIVE_SA,
    ADJECTIVE_STEM,
    BEFORE_DE,
    BEFORE_NAI,
    BEFORE_TE,
    BEFORE_ZU,
    CONTINUATIVE,
    HONORIFIC_I,
    ICHIDAN_STEM,
    NA_STEM,
    NOUN_STEM,
    ROWS,
    SHI,
    Stem,
    godan,
    kuru,
)
from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass


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

    add("たい", ADJECTIVE, I.DESIDERATIVE)
    add("そう", NA, I.APPEARANCE)
    add("すぎる 過ぎる", ICHIDAN, I.EXCESSIVE)
    add("すぎ 過ぎ", NOUN, I.EXCESSIVE)
    add("やすい 易い", ADJECTIVE, I.EASY)
    add("にくい 難い づらい 辛い がたい", ADJECTIVE, I.DIFFICULT)
    add("っぽい", ADJECTIVE, I.RESEMBLING)
    add("ながら つつ", FINAL, I.SIMULTANEOUS)
    add("つつある", ARU, I.PROGRESSIVE)
    add("に", FINAL, I.PURPOSE)
    add("はじめる 始める", ICHIDAN, I.START)
    add("つづける 続ける", ICHIDAN, I.CONTINUE)
    add("おわる 終わる", GODAN, I.FINISH)
    for stem in CONTINUATIVE:
        RULES.add(stem.end, make_rule(FINAL, stem, (I.STEM,)))


def _add_negative() -> None:
    _add(BEFORE_NAI, "ない", ADJECTIVE, I.NEGATIVE)
    _add(BEFORE_NAI, "ないで", FINAL, I.NEGATIVE, I.TE)
    _add(BEFORE_NAI, "ないでください ないで下さい ないでくれ", FINAL, I.NEGATIVE, I.REQUEST)
    _add(BEFORE_NAI, "なくてもいい なくていい なくても良い", II, I.NEGATIVE, I.PERMISSION)
    _add(BEFORE_ZU, "ざるを得ない ざるをえない", ADJECTIVE, I.OBLIGATION)
    _add(BEFORE_ZU, "ず ぬ ん", FINAL, I.NEGATIVE)
    _add(BEFORE_ZU, "ずに", FINAL, I.NEGATIVE, I.ADVERBIAL)
    _add(BEFORE_ZU, "ざる", FINAL, I.NEGATIVE, I.ATTRIBUTIVE)
    _add(BEFORE_ZU, "ねば", FINAL, I.NEGATIVE, I.BA_CONDITIONAL)
    _add(BEFORE_ZU, "んかった", PAST_ADJECTIVE, I.NEGATIVE, I.PAST)
    # The negative of ある has no stem of it: alone, after particles (気がない), and in てない and くない.
    _add(
        [Stem(before, f"{before.strip(START)}ある", ARU) for before in f"{START}がもはでにてく"],
        "ない",
        ADJECTIVE,
        I.NEGATIVE,
    )

    adjectives = [Stem(f"{stem.end}く", stem.base, stem.classes) for stem in ADJECTIVE_STEM]
    for stems, conditions in (
        ([*BEFORE_NAI, *adjectives], ("なければ", "なけりゃ", "なきゃ", "なくては", "なくちゃ", "ないと")),
        (BEFORE_ZU, ("ねば",)),
    ):
        for condition in conditions:
            for ending in ("ならない", "いけない"):
                _add(stems, condition + ending, ADJECTIVE, I.OBLIGATION)
            for ending in ("なりません", "いけません"):
                _add(stems, condition + ending, FINAL, I.OBLIGATION, I.POLITE)
                _add(stems, f"{condition}{ending}でした", FINAL, I.OBLIGATION, I.POLITE, I.PAST)
            for ending in ("ならぬ", "ならん"):
                _add(stems, condition + ending, FINAL, I.OBLIGATION)
            _add(stems, f"{condition}だめ {condition}ダメ {condition}駄目", NOUN, I.OBLIGATION)


def _add_voices() -> None:
    before_voice = godan(0)
    _add(before_voice, "れる", ICHIDAN, I.PASSIVE)
    _add(before_voice, "せる", ICHIDAN, I.CAUSATIVE)
    _add(before_voice, "す", GODAN, I.CAUSATIVE)
    _add([ICHIDAN_STEM, *kuru("こ")], "られる", ICHIDAN, I.PASSIVE)
    _add([ICHIDAN_STEM, *kuru("こ")], "られる れる", ICHIDAN, I.POTENTIAL)
    _add([ICHIDAN_STEM, *kuru("こ")], "させる", ICHIDAN, I.CAUSATIVE)
    _add([ICHIDAN_STEM, *kuru("こ")], "さす", GODAN, I.CAUSATIVE)
    _add(godan(3), "る", ICHIDAN, I.POTENTIAL)

    suru = [Stem("", "する", SURU | SPECIAL)]
    special = [Stem("", "する", SPECIAL)]
    zuru = [Stem("", "ずる", SPECIAL)]
    _add(suru, "される", ICHIDAN, I.PASSIVE)
    _add(suru, "させる", ICHIDAN, I.CAUSATIVE)
    _add(suru, "さす", GODAN, I.CAUSATIVE)
    _add(suru, "できる 出来る", ICHIDAN, I.POTENTIAL)
    _add(special, "せられる しられる", ICHIDAN, I.PASSIVE)
    _add(special, "せる", ICHIDAN, I.POTENTIAL)
    _add(zuru, "ぜられる じられる", ICHIDAN, I.PASSIVE)
    _add(zuru, "ぜられる じられる", ICHIDAN, I.POTENTIAL)
    _add(zuru, "じさせる", ICHIDAN, I.CAUSATIVE)
    _add(suru, "なさる 為さる", HONORIFIC, I.HONORIFIC)
    _add(suru, "いたす 致す", GODAN, I.HUMBLE)


def _add_moods() -> None:
    _add(godan(3), "ば", FINAL, I.BA_CONDITIONAL)
    _add(
        [
            ICHIDAN_STEM,
            *kuru("く"),
            Stem("す", "する", SURU | SPECIAL),
            Stem("為", "為る", SURU),
            Stem("ず", "ずる", SPECIAL),
        ],
        "れば",
        FINAL,
        I.BA_CONDITIONAL,
    )
    _add([Stem("", "する", SPECIAL)], "せば", FINAL, I.BA_CONDITIONAL)
    contracted = [Stem("り", "る", RU), *(stem for stem in godan(1) if stem.base not in "るう")]
    _add(contracted, "ゃ", FINAL, I.BA_CONDITIONAL)

    def command(stems: Sequence[Stem], endings: str) -> None:
        _add(stems, endings, FINAL, I.IMPERATIVE)

    for stem in (*godan(3, ru=GODAN | ARU), *HONORIFIC_I):
        RULES.add(stem.end, make_rule(FINAL, stem, (I.IMPERATIVE,)))
    command([ICHIDAN_STEM], "ろ よ")
    command(SHI, "ろ")
    command([Stem("", "する", SURU | SPECIAL)], "せよ せい")
    command([Stem("", "する", SPECIAL)], "せ")
    command([Stem("", "ずる", SPECIAL)], "ぜよ")
    command(kuru("こ"), "い")
    command([Stem("", "くれる", KURERU)], "くれ")
    command([Stem("", "呉れる", KURERU)], "呉れ")

    _add(godan(4), "う", FINAL, I.VOLITIONAL)
    _add([ICHIDAN_STEM, *SHI, *kuru("こ")], "よう", FINAL, I.VOLITIONAL)
    _add([Stem("", "する", SPECIAL)], "そう", FINAL, I.VOLITIONAL)

    dictionary_forms = [Stem("", "", VERBS)]
    _add(dictionary_forms, "な", FINAL, I.PROHIBITIVE)
    _add(dictionary_forms, "まい", FINAL, I.NEGATIVE_VOLITIONAL)
    _add([ICHIDAN_STEM, *SHI, *kuru("こ")], "まい", FINAL, I.NEGATIVE_VOLITIONAL)
    _add([Stem("す", "する", SURU | SPECIAL)], "まい", FINAL, I.NEGATIVE_VOLITIONAL)


def _add_te() -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        _add(BEFORE_TE, endings, surface, *inflections)
        _add(BEFORE_DE, " ".join(map(_voiced, endings.split())), surface, *inflections)

    add("て", FINAL, I.TE)
    add("ても たって", FINAL, I.CONCESSIVE)
    add("ては ちゃ", FINAL, I.TE_WA)
    add("ている てる て居る", ICHIDAN, I.PROGRESSIVE)
    add("ていらっしゃる てらっしゃる", HONORIFIC, I.PROGRESSIVE, I.HONORIFIC)
    add("ておる て居る", GODAN, I.PROGRESSIVE, I.HUMBLE)
    add("ておく とく て置く", GODAN, I.TE_OKU)
    add("てしまう ちゃう ちまう て仕舞う", GODAN, I.TE_SHIMAU)
    add("てある て有る", ARU, I.TE_ARU)
    add("てみる て見る", ICHIDAN, I.TE_MIRU)
    add("ていく てく てゆく て行く", IKU, I.TE_IKU)
    add("てくる て来る", KURU, I.TE_KURU)
    add("てほしい て欲しい", ADJECTIVE, I.TE_HOSHII)
    add("てもらう て貰う", GODAN, I.TE_MORAU)
    add("ていただく て頂く", GODAN, I.TE_MORAU, I.HUMBLE)
    add("てくれる て呉れる", ICHIDAN | KURERU, I.TE_KURERU)
    add("てくださる て下さる", HONORIFIC, I.TE_KURERU, I.HONORIFIC)
    add("てあげる たげる て上げる", ICHIDAN, I.TE_AGERU)
    add("てさしあげる て差し上げる", ICHIDAN, I.TE_AGERU, I.HUMBLE)
    add("てやる て遣る", GODAN, I.TE_YARU)
    add("てください て下さい てくださいませ て下さいませ", FINAL, I.REQUEST)
    add("てもいい ていい ても良い", II, I.PERMISSION)
    add("てはいけない てはならない ちゃいけない ちゃならない", ADJECTIVE, I.PROHIBITIVE)
    add("てはいけません てはなりません ちゃいけません ちゃなりません", FINAL, I.PROHIBITIVE, I.POLITE)
    add("てはだめ てはダメ てはならぬ ちゃだめ ちゃダメ", NOUN, I.PROHIBITIVE)
    add("た", PAST_VERB, I.PAST)
    add("たら たらば", FINAL, I.TARA_CONDITIONAL)
    add("たり", FINAL, I.TARI)
    add("たろう", FINAL, I.PAST, I.PRESUMPTIVE)


def _add_adjectives() -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        _add(ADJECTIVE_STEM, endings, surface, *inflections)

    add("かった", PAST_ADJECTIVE, I.PAST)
    add("くない くはない くもない", ADJECTIVE, I.NEGATIVE)
    add("くありません くはありません", FINAL, I.POLITE, I.NEGATIVE)
    add("くありませんでした くはありませんでした", FINAL, I.POLITE, I.NEGATIVE, I.PAST)
    add("く", FINAL, I.ADVERBIAL)
    add("くなる", GODAN, I.BECOME)
    add("くて", FINAL, I.TE)
    add("くても くたって", FINAL, I.CONCESSIVE)
    add("くては くちゃ", FINAL, I.TE_WA)
    add("ければ けりゃ きゃ", FINAL, I.BA_CONDITIONAL)
    add("かったら かったらば", FINAL, I.TARA_CONDITIONAL)
    add("かったり", FINAL, I.TARI)
    add("かろう", FINAL, I.PRESUMPTIVE)
    add("かったろう", FINAL, I.PAST, I.PRESUMPTIVE)
    add("さ み", NOUN, I.NOMINALIZATION)
    add("き", FINAL, I.ATTRIBUTIVE)
    add("がる", GODAN, I.GARU)
    add("っぽい", ADJECTIVE, I.RESEMBLING)
    _add(ADJECTIVE_SA, "そう げ", NA, I.APPEARANCE)
    _add(ADJECTIVE_SA, "すぎる 過ぎる", ICHIDAN, I.EXCESSIVE)
    _add(ADJECTIVE_SA, "すぎ 過ぎ", NOUN, I.EXCESSIVE)
    # すげえ for すごい, やべー for やばい, and ねえ for the ない of a negative.
    for row in ROWS:
        for vowel in (0, 4):
            stems = [Stem(row[3], f"{row[vowel]}い", ADJECTIVE)]
            _add(stems, "え ぇ ー", FINAL | ADJECTIVE, I.SLANG)


def _add_copula() -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        _add(NOUN_STEM, endings, surface, *inflections)

    add("だ", FINAL, I.COPULA)
    add("だった", PAST_VERB, I.PAST)
    add("だったら", FINAL, I.TARA_CONDITIONAL)
    add("だったり", FINAL, I.TARI)
    add("でした", FINAL, I.POLITE, I.PAST)
    add("でしたら", FINAL, I.POLITE, I.TARA_CONDITIONAL)
    add("じゃない ではない でない", ADJECTIVE, I.NEGATIVE)
    add("じゃありません ではありません", FINAL, I.POLITE, I.NEGATIVE)
    add("じゃありませんでした ではありませんでした", FINAL, I.POLITE, I.NEGATIVE, I.PAST)
    add("で", FINAL, I.TE)
    add("でも だって", FINAL, I.CONCESSIVE)
    add("である", ARU, I.COPULA)
    add("になる", GODAN, I.BECOME)
    add("っぽい", ADJECTIVE, I.RESEMBLING)
    _add([Stem("", "", NOUN)], "の", FINAL, I.ATTRIBUTIVE)
    _add(NA_STEM, "な", FINAL, I.ATTRIBUTIVE)
    _add(NA_STEM, "に", FINAL, I.ADVERBIAL)
    _add(NA_STEM, "そう", NA, I.APPEARANCE)
    _add(NA_STEM, "すぎる 過ぎる", ICHIDAN, I.EXCESSIVE)
    _add(NA_STEM, "すぎ 過ぎ", NOUN, I.EXCESSIVE)
    _add(NA_STEM, "さ み", NOUN, I.NOMINALIZATION)
    _add(NA_STEM, "がる", GODAN, I.GARU)

    adjectives = [Stem("", "", ADJECTIVE | II | PAST_ADJECTIVE | COPULAR)]
    _add(adjectives, "です", FINAL, I.POLITE)
    _add([Stem("", "", PLAIN)], "だろう でしょう であろう", FINAL, I.PRESUMPTIVE)
    _add([Stem("", "", PLAIN)], "なら ならば", FINAL, I.NARA_CONDITIONAL)
    _add([Stem("", "", PLAIN & ~COPULAR)], "んだ んです のだ のです", FINAL, I.EXPLANATORY)
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
    ("する", SURU, I.HUMBLE),
    ("いたす 致す", GODAN, I.HUMBLE),
    ("になる", GODAN, I.HONORIFIC),
    ("なさる", HONORIFIC, I.HONORIFIC),
    ("ください 下さい", FINAL, I.REQUEST),
):
    _add([Stem("", "", int(WordClass.SURU_NOUN)), *CONTINUATIVE], _endings, _surface, _inflection, trie=HONORIFIC_RULES)
