"""Forms of ichidan verbs whose stem, or imperative, Sudachi takes for another word, for all verbs of the levels."""

import pytest

from analysis import TokenPartOfSpeech, analyze
from content.level_words import LevelWord
from domain.inflection import WordClass, word_classes_of
from tests.analysis.level_words import level_words
from tests.analysis.words import words_of
from tests.content.jmdict import needs_jmdict

# With を, because stems are nouns, too: 調べよ is a command, or a noun and a particle.
_ENDINGS = ("ろ", "よ", "なさい", "られた", "させる", "ず", "たい", "ちゃった")
# Several words for Sudachi, forms of other words (強い, 寝かす, 知る), and 絶えず, which is an adverb.
_OTHERS = ("気をつける", "見慣れる", "強いる", "寝かせる", "知らせる", "済ませる", "持てる", "存じる", "絶える")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("伏せろ", "伏せろ/伏せる"),
        ("かけろよ", "かけろ/かける よ/よ"),
        ("理由を調べよ", "理由/理由 を/を 調べよ/調べる"),
        ("負けよ、これは", "負け/負け よ/よ 、/、 これ/これ は/は"),
        ("抑えられた", "抑えられた/抑える"),
        ("教えさせる", "教えさせる/教える"),
        ("真似させる", "真似させる/真似する"),
        ("真似なさい", "真似なさい/真似る"),
        ("打ち合わせちゃった", "打ち合わせちゃった/打ち合わせる"),
        ("いろ", "いろ/いろ"),
        ("答えよう", "答えよう/答える"),
    ],
)
def test_stems_and_imperatives(text: str, words: str) -> None:
    assert " ".join(words_of(text)) == words


@needs_jmdict
def test_forms_of_the_levels_are_one_verb() -> None:
    verbs = [word.word for word in level_words() if word.word[-1] == "る" and _is_ichidan(word)]
    assert len(verbs) > 400
    wrong = []
    for verb in verbs:
        for ending in _ENDINGS if verb not in _OTHERS else ():
            form = f"{verb[:-1]}{ending}"
            tokens = [token for sentence in analyze(f"を{form}") for token in sentence.tokens]
            is_verb = tokens[-1].part_of_speech is TokenPartOfSpeech.VERB and tokens[-1].inflection
            if tokens[-1].surface != form or not is_verb:
                wrong.append(words_of(f"を{form}"))
    assert wrong == []


def _is_ichidan(word: LevelWord) -> bool:
    if word.jmdict is None:
        return False
    parts = (part for sense in word.jmdict.senses for part in sense.parts_of_speech)
    return bool(word_classes_of(parts) & WordClass.ICHIDAN)
