"""Checks of typed answers: real answers to cards of each kind, and hostile ones."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers import MAX_ANSWER_LENGTH, AcceptedAnswers, AnswerMatch, check_answer
from domain.answers.edit_distance import edit_distance
from domain.enums import AnswerResult, CardKind
from domain.furigana import reading_forms
from domain.search.index_keys import GLOSS, READING

CORRECT, CLOSE, INCORRECT = AnswerResult.CORRECT, AnswerResult.CLOSE, AnswerResult.INCORRECT
OKURIGANA, OTHER_READING, OTHER_FIELD = (
    AnswerResult.WRONG_OKURIGANA,
    AnswerResult.WRONG_READING,
    AnswerResult.WRONG_FIELD,
)

# On'yomi and kun'yomi.
_READINGS = {
    "食": ("ショク ジキ", "く.う く.らう た.べる は.む"),
    "学": ("ガク", "まな.ぶ"),
    "校": ("コウ キョウ", ""),
    "日": ("ニチ ジツ", "ひ -び -か"),
    "大": ("ダイ タイ", "おお- おお.きい -おお.いに"),
    "人": ("ジン ニン", "ひと -り -と"),
    "新": ("シン", "あたら.しい あら.た にい-"),
    "聞": ("ブン モン", "き.く き.こえる"),
    "終": ("シュウ", "お.わる -お.わる お.える つい つい.に"),
    "少": ("ショウ", "すく.ない すこ.し"),
    "勉": ("ベン", "つと.める"),
    "強": ("キョウ ゴウ", "つよ.い つよ.まる つよ.める し.いる こわ.い"),
    "時": ("ジ", "とき -どき"),
    "々": ("", ""),
    "今": ("コン キン", "いま"),
}
KANJI = {kanji: reading_forms(on.split(), kun.split()) for kanji, (on, kun) in _READINGS.items()}


def word(
    spellings: str, readings: str, meanings: str, irregular: str = "", endings: tuple[str, ...] = ()
) -> AcceptedAnswers:
    return AcceptedAnswers(
        tuple(spellings.split()),
        tuple(readings.split()),
        tuple(meanings.split("|")),
        tuple(irregular.split()),
        endings,
        KANJI,
    )


# Forms and glosses as JMdict has them.
WORDS = {
    "食べる": word("食べる 喰べる", "たべる", "to eat|to live on (e.g. a salary)|to subsist on", "喰る"),
    "学校": word("学校 學校", "がっこう", "school"),
    "日": word("日", "ひ", "day|days|sun|sunshine|sunlight|case (esp. unfortunate)"),
    "大人": word("大人", "おとな", "adult|grown-up"),
    "新聞": word("新聞", "しんぶん", "newspaper"),
    "新しい": word("新しい", "あたらしい", "new|novel|fresh|recent|latest|up-to-date|modern"),
    "終わる": word("終わる 終る", "おわる", "to end|to come to an end|to close|to finish", "終る"),
    "少ない": word("少ない 少い", "すくない", "few|a little|scarce|insufficient", "少い"),
    "勉強": word("勉強", "べんきょう", "study|diligence|discount", endings=("する",)),
    "時々": word("時々 時時 時どき", "ときどき", "sometimes|at times"),
    "今日": word("今日", "きょう こんにち こんじつ", "today|this day|these days"),
    "東京": word("東京", "とうきょう", "Tokyo"),
    "お祖母さん": word("お祖母さん お婆さん", "おばあさん", "grandmother|old woman"),
    "病院": word("病院", "びょういん", "hospital|clinic"),
    "コーヒー": word("コーヒー 珈琲", "コーヒー", "coffee"),
    "禁煙": word("禁煙", "きんえん", "abstaining from smoking|No Smoking!|No Smoking Area"),
    "続く": word("続く", "つづく", "to continue|to last"),
    "色": word("色", "いろ", "colour|color|hue|tint|tinge|shade"),
    "灰色": word("灰色", "はいいろ", "grey|gray|ashen"),
    "電灯": word("電灯", "でんとう", "electric light|(electric) lamp"),
    "磨く": word("磨く", "みがく", "to polish|to shine|to brush (e.g. one's teeth)|to improve"),
    "落とす": word("落とす", "おとす", "to drop|to lose (something)|to let fall"),
    "家": word("家", "いえ", "house|residence|dwelling|family|household"),
    "万": word("万 萬", "まん", "10,000|ten thousand"),
    "三": word("三 3", "さん", "three|3"),
    "子供": word("子供 子ども", "こども", "child|children"),
    "不可能": word("不可能", "ふかのう", "impossible"),
    "大学": word("大学", "だいがく", "university|college"),
    "さようなら": word("さようなら", "さようなら", "goodbye|farewell"),
    "行かない": word("行かない", "いかない", "I do not go there today"),
    "母の日": word("母の日", "ははのひ", "Mother's Day"),
    "彼": word("彼", "かれ", "he|him|his|boyfriend"),
    "寿司": word("寿司 鮨 鮓", "すし", "sushi|anything made with vinegared rice"),
    "分かる": word("分かる 解る", "わかる", "to understand|to comprehend|to grasp|to see|to get", "解る"),
    "生まれる": word("生まれる", "うまれる", "to be born"),
    "走る": word("走る", "はしる", "to run"),
    "絵": word("絵", "え", "picture|drawing; painting"),
}
食 = AcceptedAnswers(
    ("食",),
    ("ショク", "ジキ", "くう", "く", "たべる", "た"),
    ("eat", "food"),
    kanji_readings=KANJI,
    is_read_as_word=False,
)

# Of cards that ask the meaning.
MEANINGS = [
    ("食べる", "to eat", CORRECT),
    ("食べる", "eat", CORRECT),
    ("食べる", " EAT. ", CORRECT),
    ("食べる", "ｅａｔ", CORRECT),
    ("食べる", "eating", CLOSE),
    ("食べる", "ate", CLOSE),
    ("食べる", "eats", CORRECT),
    ("食べる", "live on", CORRECT),
    ("食べる", "to live on a salary", CLOSE),
    ("食べる", "drink", INCORRECT),
    ("食べる", "heat", INCORRECT),
    ("食べる", "taberu", OTHER_FIELD),
    ("食べる", "たべる", OTHER_FIELD),
    ("食べる", "食べる", OTHER_FIELD),
    ("学校", "school", CORRECT),
    ("学校", "a school", CORRECT),
    ("学校", "the schools", CORRECT),
    ("学校", "shcool", CLOSE),
    ("学校", "scool", CLOSE),
    ("学校", "stool", INCORRECT),
    ("大人", "grown up", CORRECT),
    ("大人", "grownup", CORRECT),
    ("大人", "adult (person)", INCORRECT),
    ("大人", "grwon-up", CLOSE),
    ("新しい", "up to date", CORRECT),
    ("新しい", "new, fresh", INCORRECT),
    ("終わる", "come to an end", CORRECT),
    ("終わる", "come to end", CORRECT),
    ("終わる", "finished", CLOSE),
    ("少ない", "little", CORRECT),
    ("東京", "tokyo", CORRECT),
    ("東京", "Tōkyō", CORRECT),
    ("東京", "toukyou", OTHER_FIELD),
    ("色", "color", CORRECT),
    ("色", "colours", CORRECT),
    ("灰色", "gray", CORRECT),
    ("電灯", "lamp", CORRECT),
    ("電灯", "electric lamp", CORRECT),
    ("電灯", "eletric light", CLOSE),
    ("磨く", "brush", CORRECT),
    ("磨く", "brush your teeth", INCORRECT),
    ("落とす", "lose something", CORRECT),
    ("落とす", "to lose", CORRECT),
    ("家", "hous", CLOSE),
    ("万", "ten thousand", CORRECT),
    ("万", "10000", CORRECT),
    ("万", "10,000", CORRECT),
    ("三", "3", CORRECT),
    ("三", "thre", CLOSE),
    ("子供", "kids", INCORRECT),
    ("不可能", "imposible", CLOSE),
    ("大学", "univercity", CLOSE),
    ("大学", "universe", INCORRECT),
    ("さようなら", "good bye", CORRECT),
    ("さようなら", "Good-bye!", CORRECT),
    ("行かない", "I don't go there today", CORRECT),
    ("行かない", "I don’t go there tomorrow", CLOSE),
    ("行かない", "I go there today", INCORRECT),
    ("母の日", "mothers day", CORRECT),
    ("母の日", "Mother’s Day", CORRECT),
    ("彼", "he", CORRECT),
    ("彼", "she", INCORRECT),
    ("寿司", "sushi", CORRECT),
    ("生まれる", "born", CORRECT),
    ("走る", "running", CLOSE),
    ("走る", "ran", CLOSE),
    ("絵", "painting", CORRECT),
    ("絵", "a picture", CORRECT),
]
# Of cards that ask the reading.
READING_ANSWERS = [
    ("食べる", "たべる", CORRECT),
    ("食べる", "タベル", CORRECT),
    ("食べる", "ﾀﾍﾞﾙ", CORRECT),
    ("食べる", "taberu", CORRECT),
    ("食べる", "Taberu", CORRECT),
    ("食べる", "tabreu", CLOSE),
    ("食べる", "くべる", OTHER_READING),
    ("食べる", "to eat", OTHER_FIELD),
    ("食べる", "食べる", OTHER_FIELD),
    ("学校", "がっこう", CORRECT),
    ("学校", "gakkou", CORRECT),
    ("学校", "gakkō", CORRECT),
    ("学校", "gakkô", CORRECT),
    ("学校", "gakko", CORRECT),
    ("学校", "がつこう", CLOSE),
    ("学校", "がこう", CLOSE),
    ("学校", "がっこ", CLOSE),
    ("学校", "がくこう", OTHER_READING),
    ("学校", "gakukou", OTHER_READING),
    ("日", "にち", OTHER_READING),
    ("日", "ひ", CORRECT),
    ("日", "day", OTHER_FIELD),
    ("大人", "だいじん", OTHER_READING),
    ("大人", "おとな", CORRECT),
    ("新聞", "shimbun", CORRECT),
    ("新聞", "sinbun", CORRECT),
    ("新聞", "shinbunn", CORRECT),
    ("新聞", "しんもん", OTHER_READING),
    ("時々", "ときどき", CORRECT),
    ("時々", "じじ", OTHER_READING),
    ("今日", "kyou", CORRECT),
    ("今日", "kyō", CORRECT),
    ("今日", "konnichi", CORRECT),
    ("今日", "いまにち", OTHER_READING),
    ("東京", "tookyoo", CORRECT),
    ("東京", "toukyou", CORRECT),
    ("お祖母さん", "obaasan", CORRECT),
    ("お祖母さん", "おばさん", INCORRECT),
    ("病院", "byouin", CORRECT),
    ("病院", "びよういん", INCORRECT),
    ("コーヒー", "こおひい", CORRECT),
    ("コーヒー", "koohii", CORRECT),
    ("コーヒー", "kōhī", CORRECT),
    ("禁煙", "kin'en", CORRECT),
    ("禁煙", "kin’en", CORRECT),
    ("禁煙", "kinnen", CORRECT),
    ("続く", "tsuzuku", CORRECT),
    ("続く", "tuduku", CORRECT),
    ("続く", "つずく", CLOSE),
    ("勉強", "benkyou suru", CORRECT),
]
# Of cards that ask the word.
SPELLINGS = [
    ("食べる", "食べる", CORRECT),
    ("食べる", "喰べる", CORRECT),
    ("食べる", "食る", OKURIGANA),
    ("食べる", "食たべる", INCORRECT),
    ("食べる", "たべる", CORRECT),
    ("食べる", "taberu", CORRECT),
    ("食べる", "飲む", INCORRECT),
    ("食べる", "to eat", OTHER_FIELD),
    ("学校", "學校", CORRECT),
    ("学校", "学校。", CORRECT),
    ("学校", "がくこう", OTHER_READING),
    ("新しい", "新らしい", OKURIGANA),
    ("新しい", "新い", OKURIGANA),
    ("新しい", "新たしい", INCORRECT),
    ("終わる", "終る", OKURIGANA),
    ("終わる", "終わた", INCORRECT),
    ("少ない", "少い", OKURIGANA),
    ("勉強", "勉強する", CORRECT),
    ("時々", "時時", CORRECT),
    ("時々", "時どき", CORRECT),
    ("三", "3", CORRECT),
    ("三", "３", CORRECT),
    ("分かる", "分る", OKURIGANA),
    ("コーヒー", "珈琲", CORRECT),
    ("コーヒー", "ｺｰﾋｰ", CORRECT),
    ("さようなら", "さよなら", CLOSE),
]
# Words of the dictionary that are one typing error away from another one.
OTHER_WORDS = frozenset(
    [GLOSS + gloss for gloss in ("heat", "stool", "horse", "possible", "universe")]
    + [READING + kana for kana in ("おばさん", "びよういん")]
)


def check(kind: CardKind, accepted: AcceptedAnswers, answer: str) -> AnswerMatch:
    found = check_answer(kind, answer, accepted)
    return found.settle(is_other_word=bool(found.search_keys & OTHER_WORDS))


@pytest.mark.parametrize(
    ("kind", "of", "answer", "result"),
    [
        (kind, *row)
        for kind, rows in (
            (CardKind.RECOGNITION, MEANINGS),
            (CardKind.READING, READING_ANSWERS),
            (CardKind.RECALL, SPELLINGS),
        )
        for row in rows
    ],
)
def test_answer(kind: CardKind, of: str, answer: str, result: AnswerResult) -> None:
    found = check(kind, WORDS[of], answer)
    assert found.result is result
    assert (found.accepted is None) == (result is INCORRECT)


def test_the_accepted_answer_is_the_nearest() -> None:
    accepted = [
        check(CardKind.RECOGNITION, WORDS["新しい"], "Modern").accepted,
        check(CardKind.RECOGNITION, WORDS["食べる"], "taberu").accepted,
        check(CardKind.READING, WORDS["今日"], "konnichi").accepted,
        check(CardKind.RECALL, WORDS["食べる"], "喰べる").accepted,
        check(CardKind.RECALL, WORDS["終わる"], "終る").accepted,
    ]
    assert accepted == ["modern", "たべる", "こんにち", "喰べる", "終わる"]


@pytest.mark.parametrize(
    ("kind", "answer", "result"),
    [
        (CardKind.RECOGNITION, "food", CORRECT),
        (CardKind.RECOGNITION, "to eat", CORRECT),
        (CardKind.RECOGNITION, "shoku", OTHER_FIELD),
        (CardKind.READING, "しょく", CORRECT),
        (CardKind.READING, "ショク", CORRECT),
        (CardKind.READING, "た", CORRECT),
        (CardKind.READING, "taberu", CORRECT),
        (CardKind.READING, "さけ", INCORRECT),
        (CardKind.RECALL, "食", CORRECT),
        (CardKind.RECALL, "しょく", OTHER_FIELD),
        (CardKind.RECALL, "飲", INCORRECT),
        (CardKind.RECALL, "food", OTHER_FIELD),
    ],
)
def test_answer_to_card_of_kanji(kind: CardKind, answer: str, result: AnswerResult) -> None:
    assert check(kind, 食, answer).result is result


HOSTILE = [
    "",
    " ",
    "\u200b\u200d",
    "\0",
    "\x07\x1b[31m",
    "\u202eeat",
    "\ud800",
    "(" * 300,
    "[(" * 150,
    "n" * 300,
    "nn'" * 100,
    "ー" * 300,
    "々" * 300,
    "ゞ" * 300,
    "っ" * 300,
    "食" * 300,
    "食べ" * 150,
    "a " * 150,
    "to " * 100,
    "to be not " * 30,
    "ā" * 300,
    "ﷺ" * 300,
    "e\u0301" * 150,
    "1,000" * 60,
    "'s" * 150,
    "%" * 300,
    "\U000e0041" * 300,
]


@pytest.mark.parametrize("kind", CardKind)
@pytest.mark.parametrize("answer", HOSTILE, ids=ascii)
def test_hostile_answer_is_incorrect(kind: CardKind, answer: str) -> None:
    long = AcceptedAnswers(
        ("食" * 30, "食べ" * 15, *WORDS["食べる"].spellings),
        ("たべ" * 15, "しょく" * 12, *WORDS["食べる"].readings),
        tuple(f"to {'not ' * 50}{number} (of {'a, b; c/d ' * 30})" for number in range(480)),
        kanji_readings=KANJI,
    )
    check_answer(kind, "warm", long)
    started = process_time()
    found = check_answer(kind, answer, long)
    assert process_time() - started < 0.25
    assert found.result in (INCORRECT, CLOSE)


@given(st.text(max_size=MAX_ANSWER_LENGTH), st.sampled_from(CardKind), st.sampled_from(sorted(WORDS)))
def test_any_string_has_a_result(answer: str, kind: CardKind, of: str) -> None:
    found = check_answer(kind, answer, WORDS[of])
    assert (found.result is INCORRECT) == (found.accepted is None)


LETTERS = st.text(alphabet="abc", max_size=7)


@given(LETTERS, LETTERS, st.integers(0, 4))
def test_edit_distance_within_its_limit(one: str, other: str, limit: int) -> None:
    table = {(row, 0): row for row in range(len(one) + 1)} | {(0, column): column for column in range(len(other) + 1)}
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            table[row, column] = min(
                table[row - 1, column] + 1,
                table[row, column - 1] + 1,
                table[row - 1, column - 1] + (one[row - 1] != other[column - 1]),
            )
            if row > 1 and column > 1 and one[row - 2 : row] == other[column - 2 : column][::-1]:
                table[row, column] = min(table[row, column], table[row - 2, column - 2] + 1)
    assert edit_distance(one, other, limit) == min(table[len(one), len(other)], limit + 1)
