"""Filters of lists, and validation of their values."""

from collections.abc import Sequence

import strawberry

from common.text import truncate
from domain.enums import CardState, JlptLevel, ReadingStatus
from domain.errors import BadUserInput
from domain.search_terms import search_query
from domain.text import is_visible_text

MAX_SEARCH_LENGTH = 100


@strawberry.input(description="Filters of a list of books.")
class BookFilter:
    jlpt_levels: list[JlptLevel] | None = strawberry.field(default=None, description="Filter by JLPT level.")
    author: str | None = strawberry.field(
        default=None, description="Filter by a part of the author's name, in kanji or kana."
    )
    search: str | None = strawberry.field(
        default=None, description="Filter by a part of the title, its reading or the author."
    )
    status: ReadingStatus | None = strawberry.field(default=None, description="Filter by reading status.")


@strawberry.input(description="Filters of a list of textbooks.")
class TextbookFilter:
    jlpt_levels: list[JlptLevel] | None = strawberry.field(default=None, description="Filter by JLPT level.")
    topic: str | None = strawberry.field(default=None, description="Filter by a topic, exactly as in `topics`.")
    search: str | None = strawberry.field(default=None, description="Filter by a part of the title or of a topic.")
    mine: bool | None = strawberry.field(
        default=None, description="Filter by ownership: true for the viewer's textbooks, false for others."
    )


@strawberry.input(description="Filters of a list of words.")
class VocabularyFilter:
    jlpt_levels: list[JlptLevel] | None = strawberry.field(default=None, description="Filter by JLPT level.")
    has_card: bool | None = strawberry.field(default=None, description="Filter by whether the viewer has a card.")


@strawberry.input(description="Filters of a list of cards.")
class CardFilter:
    state: CardState | None = strawberry.field(default=None, description="Filter by learning state.")
    jlpt_levels: list[JlptLevel] | None = strawberry.field(default=None, description="Filter by JLPT level.")
    suspended: bool | None = strawberry.field(default=None, description="Filter by suspension.")


def level_values(levels: Sequence[JlptLevel] | None) -> list[str] | None:
    """The levels without duplicates."""
    return None if levels is None else list(dict.fromkeys(level.value for level in levels))


def check_search(name: str, value: str) -> None:
    """Raises BadUserInput for an empty search, more than 100 characters, or a search without letters and digits."""
    if len(value) > MAX_SEARCH_LENGTH:
        raise BadUserInput(f"{name} has {len(value)} characters; the maximum is {MAX_SEARCH_LENGTH}.")
    if not is_visible_text(value) or search_query(value) is None:
        raise BadUserInput(f"{name}: {truncate(value)!r} has no letters or digits.")


def search_terms(name: str, value: str | None, weight: str = "") -> str | None:
    """The tsquery of a search, optionally for one weight. Raises BadUserInput as `check_search` does."""
    if value is None:
        return None
    check_search(name, value)
    return search_query(value, weight)
