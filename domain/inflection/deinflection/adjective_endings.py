"""The endings of adjectives, and of the copula after nouns."""

from domain.inflection.deinflection.kinds import (
    ADJECTIVE,
    ARU,
    COPULAR,
    ENDED,
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
    _add_ends_of_sentences(rules)


def _add_adjectives(rules: Trie) -> None:
    def add(endings: str, surface: int, *inflections: I) -> None:
        add_endings(rules, ADJECTIVE_STEM, endings, surface, *inflections)

    add("かった", PAST_ADJECTIVE, I.PAST)
    add("くない くはない くもない", ADJECTIVE, I.NEGATIVE)
    add("くありません くはありません", ENDED, I.POLITE, I.NEGATIVE)
    add("くありませんでした くはありませんでした", ENDED, I.POLITE, I.NEGATIVE, I.PAST)
    add("く", FINAL, I.ADVERBIAL)
    add("くなる", GODAN, I.BECOME)
    add("くて", FINAL, I.TE)
    add("くても くたって", FINAL, I.CONCESSIVE)
    add("くては くちゃ", FINAL, I.TE_WA)
    add("ければ けりゃ きゃ", FINAL, I.BA_CONDITIONAL)
    add("かったら かったらば", FINAL, I.TARA_CONDITIONAL)
    add("かったり", FINAL, I.TARI)
    add("かろう", ENDED, I.PRESUMPTIVE)
    add("かったろう", ENDED, I.PAST, I.PRESUMPTIVE)
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
    add("でした", ENDED, I.POLITE, I.PAST)
    add("でして", FINAL, I.POLITE, I.TE)
    add("でしたら", FINAL, I.POLITE, I.TARA_CONDITIONAL)
    add("じゃない ではない でない", ADJECTIVE, I.NEGATIVE)
    add("じゃありません ではありません", ENDED, I.POLITE, I.NEGATIVE)
    add("じゃありませんでした ではありませんでした", ENDED, I.POLITE, I.NEGATIVE, I.PAST)
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


def _add_ends_of_sentences(rules: Trie) -> None:
    """Add what follows every plain form: the copula, guesses, hearsay and questions."""

    def add(kinds: int, endings: str, surface: int, *inflections: I) -> None:
        add_endings(rules, [Stem("", "", kinds)], endings, surface, *inflections)

    inflected = PLAIN & ~COPULAR
    add(ADJECTIVE | II | PAST_ADJECTIVE | COPULAR, "です", ENDED, I.POLITE)
    add(PLAIN, "だろう でしょう であろう", ENDED, I.PRESUMPTIVE)
    add(PLAIN, "なら ならば", FINAL, I.NARA_CONDITIONAL)
    for kinds, no in ((inflected, "んの"), (COPULAR, ("なん", "なの"))):
        for before in no:
            add(kinds, f"{before}だ {before}です", ENDED, I.EXPLANATORY)
            add(kinds, f"{before}でした", ENDED, I.EXPLANATORY, I.POLITE, I.PAST)
            add(kinds, f"{before}だろう {before}でしょう", ENDED, I.EXPLANATORY, I.PRESUMPTIVE)
    add(PLAIN, "かもしれない かも知れない", ADJECTIVE, I.PRESUMPTIVE)
    add(PLAIN, "かもしれません かも知れません", ENDED, I.PRESUMPTIVE, I.POLITE)
    add(PLAIN, "かも", FINAL, I.PRESUMPTIVE)
    add(inflected, "らしい", ADJECTIVE, I.PRESUMPTIVE)
    add(COPULAR, "らしい", ADJECTIVE, I.RESEMBLING)
    add(PLAIN, "みたい", NA, I.RESEMBLING)
    add(inflected, "よう", NA, I.RESEMBLING)
    add(inflected, "そう", NOUN, I.HEARSAY)
    add(COPULAR, "だそう", NOUN, I.HEARSAY)
    add(inflected | ENDED, "か", FINAL, I.QUESTION)
