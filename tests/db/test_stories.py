"""The graded readers are complete, consistent and typographically correct."""

import re
from collections import Counter
from pathlib import Path

import pytest

from content.stories import STORIES, Story, load_stories, read_story
from domain.enums import JlptLevel

LEVELS = list(JlptLevel)
# The number of stories of each level, at least, and their length in characters without white space.
COUNTS = {JlptLevel.N5: 8, JlptLevel.N4: 8, JlptLevel.N3: 7, JlptLevel.N2: 5, JlptLevel.N1: 4}
LENGTHS = {
    JlptLevel.N5: (300, 700),
    JlptLevel.N4: (500, 1000),
    JlptLevel.N3: (800, 1500),
    JlptLevel.N2: (1000, 2000),
    JlptLevel.N1: (1500, 3000),
}
# Kana, kanji, punctuation, the marks of readings, and line breaks within a paragraph, but no ASCII spaces.
TEXT = re.compile(r"[ぁ-ゖァ-ヺーｰ々〇一-龥、。・…―？！「」『』（）＊〜\u3000\n《》｜]+")
READING = re.compile(r"(?:｜[^《》｜\n]+|[一-龥々]+)《([ぁ-ゖー]+)》")
BRACKETS = {"「": "」", "『": "』", "（": "）", "《": "》"}


def by_slug(story: Story) -> str:
    return story.slug


def japanese(story: Story) -> list[str]:
    """The story and its questions, without explanations."""
    return [
        story.title,
        *story.paragraphs,
        *(line for question in story.questions for line in (question.question, *question.choices)),
    ]


def is_balanced(text: str) -> bool:
    opened: list[str] = []
    for character in text:
        if character in BRACKETS:
            opened.append(BRACKETS[character])
        elif character in BRACKETS.values() and (not opened or opened.pop() != character):
            return False
    return not opened


def test_there_are_stories_of_every_level() -> None:
    per_level = Counter(story.jlpt_level for story in load_stories())
    assert per_level.total() >= 32
    assert {level: count for level, count in COUNTS.items() if per_level[level] < count} == {}


def test_stories_are_sorted_by_level() -> None:
    levels = [LEVELS.index(story.jlpt_level) for story in load_stories()]
    assert levels == sorted(levels)


def test_every_file_is_a_story() -> None:
    assert {path.name for path in STORIES.iterdir()} == {f"{story.slug}.toml" for story in load_stories()}


def test_titles_are_unique() -> None:
    for names in Counter(s.title for s in load_stories()), Counter(s.summary for s in load_stories()):
        assert [name for name, count in names.items() if count > 1] == []


def test_correct_choices_are_at_every_position() -> None:
    positions = Counter(question.answer for story in load_stories() for question in story.questions)
    assert all(positions[index] >= positions.total() / 8 for index in range(4))


def test_length_does_not_give_the_answer_away() -> None:
    """The longest choice is correct about as often as by chance, or learners can answer without reading."""
    lengths = [(len(q.choices[q.answer]), sorted(map(len, q.choices))) for s in load_stories() for q in s.questions]
    longest = [correct == sizes[-1] > sizes[-2] for correct, sizes in lengths]
    assert sum(longest) / len(longest) < 0.4


@pytest.mark.parametrize("story", load_stories(), ids=by_slug)
def test_length_fits_the_level(story: Story) -> None:
    shortest, longest = LENGTHS[story.jlpt_level]
    text = re.sub(r"《[^》]*》|[｜\s]", "", "".join(story.paragraphs))
    assert shortest <= len(text) <= longest


@pytest.mark.parametrize("story", load_stories(), ids=by_slug)
def test_typography_is_japanese(story: Story) -> None:
    assert [text for text in japanese(story) if not TEXT.fullmatch(text)] == []
    assert [text for text in japanese(story) if not is_balanced(text)] == []
    # A space follows ？ and ！ within a sentence; a closing bracket has no full stop before it.
    assert [
        text for text in japanese(story) if re.search(r"[？！](?![？！」』）\u3000\n]|$)|。[」』]|\n\n|\u3000$", text)
    ] == []


@pytest.mark.parametrize("story", load_stories(), ids=by_slug)
def test_readings_follow_kanji(story: Story) -> None:
    text = "\n".join(story.paragraphs)
    assert len(READING.findall(text)) == text.count("《")


@pytest.mark.parametrize("story", load_stories(), ids=by_slug)
def test_questions_and_explanations_end_like_sentences(story: Story) -> None:
    assert [q.question for q in story.questions if not q.question.endswith("か。")] == []
    for text in (story.summary, *(question.explanation for question in story.questions)):
        assert text.endswith((".", "?", "!", '"'))


VALID = (STORIES / "red-umbrella.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("answer = 0", "answer = 4", "less than or equal to 3"),
        ('"友だちのかさでしたから"', '"会社で使いますから"', "choices must be distinct"),
        ('jlpt_level = "N5"', 'jlpt_level = "N6"', "jlpt_level"),
        ('title_reading = "あかいかさ"', 'title_reading = "赤いかさ"', "title_reading"),
        ('author = "ShinJP"', 'writer = "ShinJP"', "writer"),
        ('text = """', 'text = "', "Illegal character"),
    ],
)
def test_invalid_file_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in VALID
    path = tmp_path / "red-umbrella.toml"
    path.write_text(VALID.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=f"(?s)^red-umbrella.toml: .*{message}"):
        read_story(path)


def test_slug_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "Red Umbrella.toml"
    path.write_text(VALID, encoding="utf-8")
    with pytest.raises(ValueError, match="slug"):
        read_story(path)


@pytest.mark.parametrize(
    ("text", "balanced"),
    [("「あ『い』」", True), ("「あ", False), ("あ」", False), ("「あ『い」』", False), ("", True)],
)
def test_brackets_are_compared(text: str, balanced: bool) -> None:
    assert is_balanced(text) is balanced
