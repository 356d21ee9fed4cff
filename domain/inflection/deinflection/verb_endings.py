"""The endings of verbs, each written once for all the stems it follows."""

from collections.abc import Sequence

from domain.inflection.deinflection.kinds import (
    ADJECTIVE,
    ARU,
    ENDED,
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
    RU,
    SPECIAL,
    START,
    SURU,
    VERBS,
)
from domain.inflection.deinflection.rules import Trie, add_endings, make_rule
from domain.inflection.deinflection.stems import (
    ADJECTIVE_STEM,
    BEFORE_DE,
    BEFORE_NAI,
    BEFORE_TE,
    BEFORE_ZU,
    CONTINUATIVE,
    HONORIFIC_I,
    ICHIDAN_STEM,
    SHI,
    Stem,
    godan,
    kuru,
)
from domain.inflection.inflections import Inflection as I


def add_verb_endings(rules: Trie) -> None:
    for add in (_add_polite_verb, _add_continuative, _add_negative, _add_voices, _add_moods, _add_te):
        add(rules)


def _voiced(ending: str) -> str:
    """The ending after the stem of 読む: で for て, じゃう for ちゃう."""
    return {"て": "で", "た": "だ", "ち": "じ", "と": "ど"}[ending[0]] + ending[1:]


def _add_polite_verb(rules: Trie) -> None:
    def add(endings: str, *inflections: I) -> None:
        add_endings(rules, CONTINUATIVE, endings, ENDED, I.POLITE, *inflections)

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


def _add_continuative(rules: Trie) -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        add_endings(rules, CONTINUATIVE, endings, surface, *inflections)

    add("たい", ADJECTIVE, I.DESIDERATIVE)
    add("そう", NA, I.APPEARANCE)
    add("すぎる 過ぎる", ICHIDAN, I.EXCESSIVE)
    add("すぎ 過ぎ", NOUN, I.EXCESSIVE)
    add("やすい 易い", ADJECTIVE, I.EASY)
    add("にくい 難い づらい 辛い がたい", ADJECTIVE, I.DIFFICULT)
    add("っぽい", ADJECTIVE, I.RESEMBLING)
    add("がち 勝ち", NA, I.TENDENCY)
    add("やがる", GODAN, I.SLANG)
    add("なさる 為さる", HONORIFIC, I.HONORIFIC)
    add("な", FINAL, I.IMPERATIVE)
    add("ながら つつ", FINAL, I.SIMULTANEOUS)
    add("ながらも つつも", FINAL, I.SIMULTANEOUS, I.CONCESSIVE)
    add("つつある", ARU, I.PROGRESSIVE)
    add("に", FINAL, I.PURPOSE)
    add("はじめる 始める", ICHIDAN, I.START)
    add("つづける 続ける", ICHIDAN, I.CONTINUE)
    add("おわる 終わる", GODAN, I.FINISH)
    for stem in CONTINUATIVE:
        rules.add(stem.end, make_rule(FINAL, stem, (I.STEM,)))


def _add_negative(rules: Trie) -> None:
    add_endings(rules, BEFORE_NAI, "ない", ADJECTIVE, I.NEGATIVE)
    add_endings(rules, BEFORE_NAI, "ないで", FINAL, I.NEGATIVE, I.TE)
    add_endings(
        rules,
        BEFORE_NAI,
        "ないでください ないで下さい ないでくれ ないでちょうだい ないで頂戴",
        FINAL,
        I.NEGATIVE,
        I.REQUEST,
    )
    add_endings(rules, BEFORE_NAI, "なくてもいい なくていい なくても良い", II, I.NEGATIVE, I.PERMISSION)
    # ざるお: of romaji, and a usual misspelling.
    for cannot in ("ざるを得", "ざるをえ", "ざるおえ"):
        add_endings(rules, BEFORE_ZU, f"{cannot}ない", ADJECTIVE, I.OBLIGATION)
        add_endings(rules, BEFORE_ZU, f"{cannot}ません", ENDED, I.OBLIGATION, I.POLITE)
        add_endings(rules, BEFORE_ZU, f"{cannot}ませんでした", ENDED, I.OBLIGATION, I.POLITE, I.PAST)
    add_endings(rules, BEFORE_NAI, "ないと", FINAL, I.OBLIGATION)
    add_endings(rules, BEFORE_ZU, "ず ぬ ん", FINAL, I.NEGATIVE)
    add_endings(rules, BEFORE_ZU, "ずに", FINAL, I.NEGATIVE, I.ADVERBIAL)
    add_endings(rules, BEFORE_ZU, "ざる", FINAL, I.NEGATIVE, I.ATTRIBUTIVE)
    add_endings(rules, BEFORE_ZU, "ねば", FINAL, I.NEGATIVE, I.BA_CONDITIONAL)
    add_endings(rules, BEFORE_ZU, "んかった", PAST_ADJECTIVE, I.NEGATIVE, I.PAST)
    # The negative of ある has no stem of it: alone, after particles (気がない), and in てない and くない.
    add_endings(
        rules,
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
                add_endings(rules, stems, condition + ending, ADJECTIVE, I.OBLIGATION)
            for ending in ("なりません", "いけません"):
                add_endings(rules, stems, condition + ending, ENDED, I.OBLIGATION, I.POLITE)
                add_endings(rules, stems, f"{condition}{ending}でした", ENDED, I.OBLIGATION, I.POLITE, I.PAST)
            for ending in ("ならぬ", "ならん"):
                add_endings(rules, stems, condition + ending, FINAL, I.OBLIGATION)
            add_endings(rules, stems, f"{condition}だめ {condition}ダメ {condition}駄目", NOUN, I.OBLIGATION)


def _add_voices(rules: Trie) -> None:
    before_voice = godan(0)
    add_endings(rules, before_voice, "れる", ICHIDAN, I.PASSIVE)
    add_endings(rules, before_voice, "せる", ICHIDAN, I.CAUSATIVE)
    add_endings(rules, before_voice, "す", GODAN, I.CAUSATIVE)
    add_endings(rules, [ICHIDAN_STEM, *kuru("こ")], "られる", ICHIDAN, I.PASSIVE)
    add_endings(rules, [ICHIDAN_STEM, *kuru("こ")], "られる れる", ICHIDAN, I.POTENTIAL)
    add_endings(rules, [ICHIDAN_STEM, *kuru("こ")], "させる", ICHIDAN, I.CAUSATIVE)
    add_endings(rules, [ICHIDAN_STEM, *kuru("こ")], "さす", GODAN, I.CAUSATIVE)
    add_endings(rules, godan(3), "る", ICHIDAN, I.POTENTIAL)

    suru = [Stem("", "する", SURU | SPECIAL)]
    special = [Stem("", "する", SPECIAL)]
    zuru = [Stem("", "ずる", SPECIAL)]
    add_endings(rules, suru, "される", ICHIDAN, I.PASSIVE)
    add_endings(rules, suru, "させる", ICHIDAN, I.CAUSATIVE)
    add_endings(rules, suru, "さす", GODAN, I.CAUSATIVE)
    add_endings(rules, suru, "できる 出来る", ICHIDAN, I.POTENTIAL)
    add_endings(rules, special, "せられる しられる", ICHIDAN, I.PASSIVE)
    add_endings(rules, special, "せる", ICHIDAN, I.POTENTIAL)
    add_endings(rules, zuru, "ぜられる じられる", ICHIDAN, I.PASSIVE)
    add_endings(rules, zuru, "ぜられる じられる", ICHIDAN, I.POTENTIAL)
    add_endings(rules, zuru, "じさせる", ICHIDAN, I.CAUSATIVE)
    add_endings(rules, suru, "なさる 為さる", HONORIFIC, I.HONORIFIC)
    add_endings(rules, suru, "いたす 致す", GODAN, I.HUMBLE)


def _add_moods(rules: Trie) -> None:
    add_endings(rules, godan(3), "ば", FINAL, I.BA_CONDITIONAL)
    add_endings(
        rules,
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
    add_endings(rules, [Stem("", "する", SPECIAL)], "せば", FINAL, I.BA_CONDITIONAL)
    contracted = [Stem("り", "る", RU), *(stem for stem in godan(1) if stem.base not in "るう")]
    add_endings(rules, contracted, "ゃ", FINAL, I.BA_CONDITIONAL)

    def command(stems: Sequence[Stem], endings: str) -> None:
        add_endings(rules, stems, endings, FINAL, I.IMPERATIVE)

    for stem in (*godan(3, ru=GODAN | ARU), *HONORIFIC_I):
        rules.add(stem.end, make_rule(FINAL, stem, (I.IMPERATIVE,)))
    command([ICHIDAN_STEM], "ろ よ")
    command(SHI, "ろ")
    command([Stem("", "する", SURU | SPECIAL)], "せよ せい")
    command([Stem("", "する", SPECIAL)], "せ")
    command([Stem("", "ずる", SPECIAL)], "ぜよ")
    command(kuru("こ"), "い")
    command([Stem("", "くれる", KURERU)], "くれ")
    command([Stem("", "呉れる", KURERU)], "呉れ")

    for stems, before in (
        (godan(4), ""),
        ([ICHIDAN_STEM, *SHI, *kuru("こ")], "よ"),
        ([Stem("", "する", SPECIAL)], "そ"),
    ):
        add_endings(rules, stems, f"{before}う", ENDED, I.VOLITIONAL)
        add_endings(rules, stems, f"{before}っか", FINAL, I.VOLITIONAL, I.QUESTION)
    # Short: 行こ, しよ.
    for stem in (*godan(4), Stem("そ", "する", SPECIAL)):
        rules.add(stem.end, make_rule(FINAL, stem, (I.VOLITIONAL,)))
    add_endings(rules, [ICHIDAN_STEM, *SHI, *kuru("こ")], "よ", FINAL, I.VOLITIONAL)

    dictionary_forms = [Stem("", "", VERBS)]
    add_endings(rules, dictionary_forms, "な", FINAL, I.PROHIBITIVE)
    add_endings(rules, [Stem("ん", "る", RU)], "な", FINAL, I.PROHIBITIVE)
    add_endings(rules, dictionary_forms, "べき", NOUN, I.OBLIGATION)
    add_endings(rules, [Stem("す", "する", SURU | SPECIAL)], "べき", NOUN, I.OBLIGATION)
    add_endings(rules, dictionary_forms, "まい", FINAL, I.NEGATIVE_VOLITIONAL)
    add_endings(rules, [ICHIDAN_STEM, *SHI, *kuru("こ")], "まい", FINAL, I.NEGATIVE_VOLITIONAL)
    add_endings(rules, [Stem("す", "する", SURU | SPECIAL)], "まい", FINAL, I.NEGATIVE_VOLITIONAL)


def _add_te(rules: Trie) -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        add_endings(rules, BEFORE_TE, endings, surface, *inflections)
        add_endings(rules, BEFORE_DE, " ".join(map(_voiced, endings.split())), surface, *inflections)

    add("て", FINAL, I.TE)
    add("ても たって", FINAL, I.CONCESSIVE)
    add("ては ちゃ", FINAL, I.TE_WA)
    add("ている てる て居る", ICHIDAN, I.PROGRESSIVE)
    add("ていらっしゃる てらっしゃる", HONORIFIC, I.PROGRESSIVE, I.HONORIFIC)
    add("ておる て居る", GODAN, I.PROGRESSIVE, I.HUMBLE)
    add("とる", GODAN, I.PROGRESSIVE)
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
    add("てください て下さい てくださいませ て下さいませ てちょうだい て頂戴", FINAL, I.REQUEST)
    add("てもいい ていい ても良い", II, I.PERMISSION)
    add("てはいけない てはならない ちゃいけない ちゃならない", ADJECTIVE, I.PROHIBITIVE)
    add("てはいけません てはなりません ちゃいけません ちゃなりません", ENDED, I.PROHIBITIVE, I.POLITE)
    add("てはだめ てはダメ てはならぬ ちゃだめ ちゃダメ", NOUN, I.PROHIBITIVE)
    add("た", PAST_VERB, I.PAST)
    add("たら たらば", FINAL, I.TARA_CONDITIONAL)
    add("たり", FINAL, I.TARI)
    add("たろう", FINAL, I.PAST, I.PRESUMPTIVE)
