"""The endings of adjectives, and of the copula after nouns."""

from domain.inflection.deinflection.kinds import (
    ADJECTIVE,
    ARU,
    COPULAR,
    FINAL,
    GODAN,
    ICHIDAN,
    II,
    NA,
    NOUN,
    PAST_ADJECTIVE,
    PAST_VERB,
    PLAIN,
)
from domain.inflection.deinflection.rules import Trie, add_endings
from domain.inflection.deinflection.stems import (
    ADJECTIVE_SA,
    ADJECTIVE_STEM,
    NA_STEM,
    NOUN_STEM,
    ROWS,
    Stem,
)
from domain.inflection.inflections import Inflection as I


def add_adjective_endings(rules: Trie) -> None:
    _add_adjectives(rules)
    _add_copula(rules)


def _add_adjectives(rules: Trie) -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        add_endings(rules, ADJECTIVE_STEM, endings, surface, *inflections)

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
    add_endings(rules, ADJECTIVE_SA, "そう げ", NA, I.APPEARANCE)
    add_endings(rules, ADJECTIVE_SA, "すぎる 過ぎる", ICHIDAN, I.EXCESSIVE)
    add_endings(rules, ADJECTIVE_SA, "すぎ 過ぎ", NOUN, I.EXCESSIVE)
    # すげえ for すごい, やべー for やばい, and ねえ for the ない of a negative.
    for row in ROWS:
        for vowel in (0, 4):
            stems = [Stem(row[3], f"{row[vowel]}い", ADJECTIVE)]
            add_endings(rules, stems, "え ぇ ー", FINAL | ADJECTIVE, I.SLANG)


def _add_copula(rules: Trie) -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        add_endings(rules, NOUN_STEM, endings, surface, *inflections)

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
    add_endings(rules, [Stem("", "", NOUN)], "の", FINAL, I.ATTRIBUTIVE)
    add_endings(rules, NA_STEM, "な", FINAL, I.ATTRIBUTIVE)
    add_endings(rules, NA_STEM, "に", FINAL, I.ADVERBIAL)
    add_endings(rules, NA_STEM, "そう", NA, I.APPEARANCE)
    add_endings(rules, NA_STEM, "すぎる 過ぎる", ICHIDAN, I.EXCESSIVE)
    add_endings(rules, NA_STEM, "すぎ 過ぎ", NOUN, I.EXCESSIVE)
    add_endings(rules, NA_STEM, "さ み", NOUN, I.NOMINALIZATION)
    add_endings(rules, NA_STEM, "がる", GODAN, I.GARU)

    adjectives = [Stem("", "", ADJECTIVE | II | PAST_ADJECTIVE | COPULAR)]
    add_endings(rules, adjectives, "です", FINAL, I.POLITE)
    add_endings(rules, [Stem("", "", PLAIN)], "だろう でしょう であろう", FINAL, I.PRESUMPTIVE)
    add_endings(rules, [Stem("", "", PLAIN)], "なら ならば", FINAL, I.NARA_CONDITIONAL)
    add_endings(rules, [Stem("", "", PLAIN & ~COPULAR)], "んだ んです のだ のです", FINAL, I.EXPLANATORY)
    add("なんだ なんです なのだ なのです", FINAL, I.EXPLANATORY)
