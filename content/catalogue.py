"""The books and textbooks of the catalogue, read from the JSON files in this folder.

Titles and openings follow Aozora Bunko if it has the work; the descriptions are the project's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter

from domain.enums import JlptLevel
from domain.textbooks import ChapterPlan

BOOKS = Path(__file__).parent / "catalogue.json"
TEXTBOOK_PLANS = Path(__file__).parent / "textbook_plans.json"
_CONFIG = ConfigDict(extra="forbid")

_Text = Annotated[str, Field(pattern=r"^\S(.*\S)?$")]
_Hiragana = Annotated[str, Field(pattern=r"^[ぁ-ゖー、]+$")]


@dataclass(frozen=True, slots=True)
class CatalogueBook:
    """A work in the public domain.

    `author`: 民話 for folk tales, which have no year.
    `first_published`: including publication in a magazine.
    `page_count`: an estimate from the length of the text, for a paperback or an edition for learners.
    `themes`: English meanings of words that matter in the book.
    `opening`: the first sentence; omitted if it is long or in historical orthography.
    """

    __pydantic_config__ = _CONFIG

    title: _Text
    title_reading: _Hiragana
    author: _Text
    author_reading: _Hiragana
    first_published: Annotated[int, Field(ge=1868, le=1967)] | None
    jlpt_level: JlptLevel
    page_count: Annotated[int, Field(ge=8, le=600)]
    description: _Text
    themes: Annotated[tuple[_Text, ...], Field(min_length=4, max_length=10)]
    opening: _Text | None


@dataclass(frozen=True, slots=True)
class CatalogueChapter(ChapterPlan):
    """`topic`: one of the topics of its textbook."""

    __pydantic_config__ = _CONFIG

    topic: _Text


@dataclass(frozen=True, slots=True)
class CatalogueTextbook:
    """A textbook plan; loading it selects words and renders the chapters."""

    __pydantic_config__ = _CONFIG

    title: _Text
    description: _Text
    jlpt_level: JlptLevel
    topics: Annotated[tuple[_Text, ...], Field(min_length=3, max_length=10)]
    chapters: Annotated[tuple[CatalogueChapter, ...], Field(min_length=8, max_length=12)]


@cache
def load_books() -> tuple[CatalogueBook, ...]:
    """Return them easiest first. Raises pydantic's ValidationError for a file that does not match the classes above."""
    return TypeAdapter(tuple[CatalogueBook, ...]).validate_json(BOOKS.read_bytes())


@cache
def load_textbook_plans() -> tuple[CatalogueTextbook, ...]:
    """Return them easiest first. Raises pydantic's ValidationError for a file that does not match the classes above."""
    return TypeAdapter(tuple[CatalogueTextbook, ...]).validate_json(TEXTBOOK_PLANS.read_bytes())


def keywords_by_topic(textbooks: Iterable[CatalogueTextbook]) -> dict[str, tuple[str, ...]]:
    """Return the keywords of all chapters by topic: the `related` of `plan_chapters`."""
    keywords: dict[str, dict[str, None]] = {}
    for textbook in textbooks:
        for chapter in textbook.chapters:
            keywords.setdefault(chapter.topic, {}).update(dict.fromkeys(chapter.keywords))
    return {topic: tuple(found) for topic, found in keywords.items()}
