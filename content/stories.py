"""The graded readers: one TOML file per story in `stories/`, whose name is the story's slug.

In `text`, a blank line separates paragraphs, and a line break within a paragraph is kept, for letters and notes.
A paragraph that is only ＊ separates scenes. Furigana are computed from the text; where they would be wrong, it has
the reading as in Aozora Bunko: 正一《しょういち》, or with ｜ before the first character that the reading is for.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from domain.enums import JlptLevel

STORIES = Path(__file__).parent / "stories"
_CONFIG = ConfigDict(extra="forbid")
_LEVELS = list(JlptLevel)
_BETWEEN_PARAGRAPHS = re.compile(r"\n{2,}")


def _split_paragraphs(text: object) -> object:
    return _BETWEEN_PARAGRAPHS.split(text.strip("\n")) if isinstance(text, str) else text


def _check_distinct(choices: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(choices)) < len(choices):
        raise ValueError("choices must be distinct")
    return choices


_Line = Annotated[str, Field(pattern=r"^\S(.*\S)?$")]
_Hiragana = Annotated[str, Field(pattern=r"^[ぁ-ゖー、]+$")]
_Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
_Choices = Annotated[tuple[_Line, ...], Field(min_length=4, max_length=4), AfterValidator(_check_distinct)]
_Paragraphs = Annotated[tuple[str, ...], BeforeValidator(_split_paragraphs), Field(alias="text", min_length=2)]


@dataclass(frozen=True, slots=True)
class Question:
    """A comprehension question, in words of the story's level.

    `answer`: the index of the correct choice.
    `explanation`: in English, with the words of the story that give the answer.
    """

    __pydantic_config__ = _CONFIG

    question: _Line
    choices: _Choices
    answer: Annotated[int, Field(ge=0, le=3)]
    explanation: _Line


@dataclass(frozen=True, slots=True)
class Story:
    """A story written for this project. `summary`: in English, without the ending."""

    __pydantic_config__ = _CONFIG

    slug: _Slug
    title: _Line
    title_reading: _Hiragana
    jlpt_level: JlptLevel
    author: _Line
    summary: _Line
    paragraphs: _Paragraphs
    questions: Annotated[tuple[Question, ...], Field(min_length=3, max_length=4)]


@cache
def load_stories() -> tuple[Story, ...]:
    """Return them easiest first. Raises ValueError with the file's name if a file does not match `Story`."""
    stories = map(read_story, STORIES.glob("*.toml"))
    return tuple(sorted(stories, key=lambda story: (_LEVELS.index(story.jlpt_level), story.slug)))


def read_story(path: Path) -> Story:
    """Raises ValueError with the file's name if the file does not match `Story`."""
    try:
        return _STORY.validate_python({"slug": path.stem, **tomllib.loads(path.read_text(encoding="utf-8"))})
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from error


_STORY = TypeAdapter(Story)
