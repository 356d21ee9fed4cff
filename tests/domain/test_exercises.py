"""Grading of answers to exercises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.enums import AnswerLanguage
from domain.exercises import (
    MAX_ANSWER_LENGTH,
    Answer,
    Prompt,
    Solution,
    decode_answers,
    decode_prompts,
    decode_solutions,
    encode_answers,
    encode_options,
    encode_prompts,
    encode_solutions,
    find_refusal,
    grade,
)

JAPANESE, ENGLISH = AnswerLanguage.JAPANESE, AnswerLanguage.ENGLISH
TEXTS = st.text(max_size=20)


def is_right(text: str, *accepted: str, language: AnswerLanguage = JAPANESE) -> bool:
    return grade(Answer(text=text), Solution(accepted[0], accepted), language)


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [
        ("食べる", "食べる"),
        ("たべる", "たべる"),
        ("タベル", "たべる"),
        ("ﾀﾍﾞﾙ", "たべる"),
        (" たべる。", "たべる"),
        ("taberu", "たべる"),
        ("Ｔａｂｅｒｕ", "たべる"),
        ("コーヒー", "コーヒー"),
        ("こおひい", "コーヒー"),
        ("koohii", "コーヒー"),
        ("kōhī", "コーヒー"),
        ("tōkyō", "とうきょう"),
        ("toukyou", "とうきょう"),
        ("sinbun", "しんぶん"),
        ("shimbun", "しんぶん"),
        ("kin'en", "きんえん"),
        ("國", "国"),
    ],
)
def test_usual_spellings_are_right(typed: str, accepted: str) -> None:
    assert is_right(typed, accepted)


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [
        ("飲む", "食べる"),
        ("たべ", "たべる"),
        ("tabe", "たべる"),
        ("おばさん", "おばあさん"),
        ("obasan", "おばあさん"),
        ("kaki", "かぎ"),
        ("", "たべる"),
        ("。", "たべる"),
        ("-", "ー"),
        ("eat", "食べる"),
    ],
)
def test_other_words_are_wrong(typed: str, accepted: str) -> None:
    assert not is_right(typed, accepted)


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [
        ("Eat", "to eat"),
        ("the station", "station"),
        ("to wash", "wash (something)"),
        ("I'm a student", "I am a student."),
        ("i cant swim", "I can't swim."),
        ("He does not drink any coffee", "He doesn't drink coffee."),
        ("My older brother lives in Tokyo", "My elder brother lives in Tokyo."),
    ],
)
def test_usual_translations_are_right(typed: str, accepted: str) -> None:
    if "cant" in typed:
        typed = typed.replace("cant", "can’t")
    assert is_right(typed, accepted, language=ENGLISH)


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [
        ("He drinks coffee in the morning.", "He does not drink coffee in the morning."),
        ("The man bit the dog.", "The dog bit the man."),
        ("to drink", "to eat"),
        ("big red car", "big car"),
        ("...", "to eat"),
    ],
)
def test_other_meanings_are_wrong(typed: str, accepted: str) -> None:
    assert not is_right(typed, accepted, language=ENGLISH)


def test_any_accepted_answer_is_right() -> None:
    assert is_right("あし", "足", "脚", "あし")
    assert is_right("脚", "足", "脚", "あし")


@pytest.mark.parametrize(
    ("shown", "accepted", "language"),
    [
        ("three; tri-", ("three", "tri-"), ENGLISH),
        ("five (of them)", ("five",), ENGLISH),
        ("五（ご）", ("五", "ご"), JAPANESE),
    ],
)
def test_shown_answer_is_right(shown: str, accepted: tuple[str, ...], language: AnswerLanguage) -> None:
    """An option can be typed as well, and it has all meanings of a word."""
    solution = Solution(shown, accepted, option=0)
    assert grade(Answer(text=shown), solution, language)
    assert not grade(Answer(text=f"{shown} 四 four"), solution, language)


def test_options_are_compared_by_index() -> None:
    solution = Solution("b", ("b",), option=1)
    assert [grade(Answer(option=option), solution, ENGLISH) for option in (0, 1, 2)] == [False, True, False]
    assert not grade(Answer(), solution, ENGLISH)
    assert grade(Answer(text="B"), solution, ENGLISH)


@given(TEXTS, TEXTS, st.sampled_from(AnswerLanguage))
def test_any_text_is_graded(typed: str, accepted: str, language: AnswerLanguage) -> None:
    assert is_right(typed, accepted, language=language) in (True, False)


@given(st.lists(st.builds(Answer, st.none() | st.integers(0, 7), st.none() | TEXTS)))
def test_answers_are_decoded_as_encoded(answers: list[Answer]) -> None:
    assert decode_answers(encode_answers(answers)) == answers


def test_long_texts_are_cut() -> None:
    long = "a" * (MAX_ANSWER_LENGTH + 1)
    [prompt] = decode_prompts(encode_prompts([Prompt(long, long)]))
    [solution] = decode_solutions(encode_solutions([Solution(long, (long,), 0, long)]))
    for text in (prompt.text, prompt.translation, solution.answer, solution.explanation):
        assert text == "a" * (MAX_ANSWER_LENGTH - 1) + "…"
    assert solution.accepted == (long,)
    assert len(encode_options([long])) == MAX_ANSWER_LENGTH + len('["…"]') + 2 - 3


def test_answers_that_do_not_fit_the_exercise_are_refused() -> None:
    refusal = find_refusal([Answer(option=0)], prompt_count=2, option_count=4)
    assert refusal is not None
    assert (refusal.code, refusal.path) == ("INVALID", ("answers",))
    for option in (-1, 4):
        refusal = find_refusal([Answer(), Answer(option=option)], prompt_count=2, option_count=4)
        assert refusal is not None
        assert (refusal.code, refusal.path) == ("OUT_OF_RANGE", ("answers", "1"))
    assert find_refusal([Answer(), Answer(option=3)], prompt_count=2, option_count=4) is None
