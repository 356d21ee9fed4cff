"""Queries with wildcards become patterns that an index answers."""

import pytest

from domain.enums import SearchField
from domain.errors import BadUserInput
from domain.search.query_keys import parse_query


def patterns(text: str) -> list[tuple[str, SearchField]]:
    return [(pattern.key, pattern.field) for pattern in parse_query(text).patterns]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("食べ*", ["w食べ%", "k食べ%"]),
        ("?校", ["w_校", "k_校"]),
        ("＊館", ["w%館", "k%館"]),
        ("図*館", ["w図%館", "k図%館"]),
        ("ta?e*", ["rta_e%", "gta_e%"]),
        ("t?beru", ["rt_beru", "gt_beru"]),
        ("す*べる", ["wす%べる", "kす%べる"]),
        ("一*", ["w一%", "k一%"]),
        ("s*able*", ["zs%able%", "ys%abre%"]),
        ("*fish", ["r%fish", "g%fish"]),
        ("*い物", ["w%い物", "k%い物"]),
        # Romaji of every system and with every mark, in the letters of the index; a gloss has words without accents.
        ("tōkyō*", ["rtoukyou%", "rtookyou%", "rtookyoo%", "gtokyo%"]),
        ("*gakkō", ["r%gakkou", "r%gakkoo", "g%gakko"]),
        ("café*", ["rcafe%", "gcafe%"]),
        ("tukue*", ["rtsukue%", "rtukue%", "gtukue%"]),
        ("sinbu*", ["rshinbu%", "rsinbu%", "gsinbu%"]),
        ("ki o *", ["rkio%", "gki o%"]),
        ("kin'e*", ["rkine%", "gkine%"]),
        ("shimb*", ["rshinb%", "rshimb%", "gshimb%"]),
        ("hatt?u*", ["rhatt_u%", "ghatt_u%"]),
        ("3 kg*", ["rkg%", "g3 kg%"]),
        ("2?ab", ["r_ab", "g2_ab"]),
        ("20*", ["g20%"]),
        # The end alone has too many words.
        ("*食*い", ["c食%い", "w食%い"]),
        # With wildcards at both ends, a word has a key from each kanji on.
        ("*館*", ["c館%", "w館%"]),
        ("?館*", ["c館%"]),
        ("*書?員*", ["c書_員%", "w書_員%"]),
        # Kana and Latin letters are compared with the trigrams of common words.
        ("*りょこう*", ["y%ryoko%"]),
        ("*とう*きょう*", ["y%to%kyo%"]),
        ("*tabe*", ["z%tabe%", "y%tabe%"]),
    ],
)
def test_patterns(text: str, expected: list[str]) -> None:
    assert [pattern for pattern, _ in patterns(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "*あ*",
        "?a*",
        "*あ?" * 33,
        "*ab*cd*",
        "*べ物*",
        "*い",
        "?い",
        "*n",
        "a*",
        "s*",
        "し*",
        "s*t",
        "し*い",
        "t?be*",
        "3*",
        "し?か*",
        "ō*",
    ],
)
def test_patterns_that_no_index_answers_are_refused(text: str) -> None:
    with pytest.raises(BadUserInput, match="has a wildcard"):
        parse_query(text)
