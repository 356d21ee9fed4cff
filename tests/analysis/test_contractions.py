"""Contractions of ておく, which Sudachi splits in many verbs."""

import pytest

from tests.analysis.words import words_of

_VERBS = {
    "言っ": "言う",
    "やっ": "やる",
    "電話し": "電話する",
    "買っ": "買う",
    "聞い": "聞く",
    "書い": "書く",
    "見": "見る",
    "食べ": "食べる",
    "入れ": "入れる",
    "待っ": "待つ",
    "読ん": "読む",
    "飲ん": "飲む",
    "決め": "決める",
    "つけ": "つける",
}
_ENDINGS = (
    *("く", "くね", "きます", "きゃ", "け", "けば", "ける", "こう", "いて", "いた", "いてください"),
    *("かない", "かないと", "かなくて", "かなくちゃ", "かなければ", "かなければならない", "かなきゃ", "かなかった"),
)


@pytest.mark.parametrize("ending", _ENDINGS)
def test_forms_are_of_their_verb(ending: str) -> None:
    wrong = []
    for stem, verb in _VERBS.items():
        start = stem + ("ど" if stem.endswith("ん") else "と") + ending[0]
        words = words_of(f"先に{stem}{'ど' if stem.endswith('ん') else 'と'}{ending}")
        if not any(word.startswith(start) and word.endswith(f"/{verb}") for word in words):
            wrong.append(words)
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("彼とこうなる", "彼/彼 と/と こう/こう なる/なる"),
        ("行くとこうなる", "行く/行く と/と こう/こう なる/なる"),
        ("友達とかない", "友達/友達 と/と か/か ない/ない"),
        ("見るとかない", "見る/見る と/と か/か ない/ない"),
        ("三いこう", "三/三 いこう/いく"),
        ("行きとか帰りとかない", "行き/行く と/と か/か 帰り/帰り と/と か/か ない/ない"),
    ],
)
def test_other_words_are_separate(text: str, words: str) -> None:
    assert " ".join(words_of(text)) == words
