"""Kinds of forms, as bits: the classes of dictionary forms, and other forms that endings follow."""

from functools import reduce
from operator import or_

from domain.inflection.word_classes import WordClass

# Forms that are no dictionary forms, but are followed by more endings.
PAST_VERB = 1 << 15
PAST_ADJECTIVE = 1 << 16
# Forms that no ending of another rule follows.
FINAL = 1 << 17
# Forms that only か follows: polite ones, those in う, and those of the explanatory の.
ENDED = 1 << 18

WORDS = reduce(or_, (word_class.value for word_class in WordClass))
ANY = WORDS | PAST_VERB | PAST_ADJECTIVE | FINAL | ENDED

ICHIDAN = int(WordClass.ICHIDAN)
KURERU = int(WordClass.KURERU)
GODAN = int(WordClass.GODAN)
IKU = int(WordClass.GODAN_IKU)
HONORIFIC = int(WordClass.GODAN_ARU)
TOU = int(WordClass.GODAN_TOU)
ARU = int(WordClass.ARU)
KURU = int(WordClass.KURU)
SURU = int(WordClass.SURU)
SPECIAL = int(WordClass.SURU_SPECIAL)
ADJECTIVE = int(WordClass.I_ADJECTIVE)
II = int(WordClass.II)
NA = int(WordClass.NA_ADJECTIVE)
NOUN = int(WordClass.NOUN)

RU = ICHIDAN | KURERU | GODAN | HONORIFIC | ARU | KURU | SURU | SPECIAL
VERBS = RU | IKU | TOU
COPULAR = NA | NOUN
PLAIN = VERBS | ADJECTIVE | II | PAST_VERB | PAST_ADJECTIVE | COPULAR

# The start of the text, for the few rules of whole words.
START = "\0"

# Kinds of forms by their last character. Nouns end in anything.
KINDS_BY_LAST = {
    "る": RU,
    "く": GODAN | IKU,
    "う": GODAN | TOU | ENDED,
    "す": GODAN | ENDED,
    "ん": ENDED,
    "い": ADJECTIVE | II,
    "イ": ADJECTIVE | II,
    **dict.fromkeys("ぐつぬぶむ", GODAN),
    "た": PAST_VERB | PAST_ADJECTIVE | ENDED,
    "だ": PAST_VERB | ENDED,
}
ANY_LAST = COPULAR | int(WordClass.SURU_NOUN)
