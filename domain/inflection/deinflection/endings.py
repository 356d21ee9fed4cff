"""The endings of Japanese, each written once for all the stems it follows.

ました follows the continuative of every verb (食べ, 書き, し). The rules have the combinations of endings and stems,
such as きました for く.
"""

from domain.inflection.deinflection.adjective_endings import add_adjective_endings
from domain.inflection.deinflection.kinds import (
    FINAL,
    GODAN,
    HONORIFIC,
    ICHIDAN,
    SURU,
)
from domain.inflection.deinflection.rules import Trie, add_endings
from domain.inflection.deinflection.stems import (
    CONTINUATIVE,
    Stem,
)
from domain.inflection.deinflection.verb_endings import add_verb_endings
from domain.inflection.inflections import Inflection as I
from domain.inflection.word_classes import WordClass

RULES = Trie({}, [])
add_verb_endings(RULES)
add_adjective_endings(RULES)

# Endings after お or ご with a continuative or a noun: お待ちになる, お待ちします, ご案内いたします, お待ちいただく.
HONORIFIC_RULES = Trie({}, [])
for _endings, _surface, _inflections in (
    ("する", SURU, (I.HUMBLE,)),
    ("いたす 致す", GODAN, (I.HUMBLE,)),
    ("できる 出来る", ICHIDAN, (I.HUMBLE, I.POTENTIAL)),
    ("いただく 頂く", GODAN, (I.TE_MORAU, I.HUMBLE)),
    ("になる", GODAN, (I.HONORIFIC,)),
    ("なさる", HONORIFIC, (I.HONORIFIC,)),
    ("くださる 下さる", HONORIFIC, (I.TE_KURERU, I.HONORIFIC)),
    ("ください 下さい", FINAL, (I.REQUEST,)),
):
    add_endings(
        HONORIFIC_RULES, [Stem("", "", int(WordClass.SURU_NOUN)), *CONTINUATIVE], _endings, _surface, *_inflections
    )
