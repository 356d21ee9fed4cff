"""What is read, and what is written, in words that a cache can compare.

A query says by its tags which things its answer is made of, also those that it does not find. A change of rows says by
the same tags which answers are old. A tag with a colon has a wider one, `Book:*` for `Book:<id>`: queries carry both,
and a change of more rows than can be named tells the wider one alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

# The tags of one run of a query, from its parameters.
TagFactory: TypeAlias = Callable[[Mapping[str, Any]], Iterable[str]]


def entity_tags(of: str, parameter: str = "ids") -> TagFactory:
    """Made of the things with these ids: `Book:<id>` each."""

    def tags(values: Mapping[str, Any]) -> Iterator[str]:
        yield f"{of}:*"
        for id in values[parameter]:
            yield f"{of}:{id}"

    return tags


def list_tags(name: str, levels: str = "levels") -> TagFactory:
    """Made of a list: `books`, or `books:level=N5` for each level where it is of some levels only."""

    def tags(values: Mapping[str, Any]) -> Iterator[str]:
        if values.get(levels) is None:
            yield name
        else:
            yield f"{name}:*"
            for level in values[levels]:
                yield f"{name}:level={level}"

    return tags


def viewer_tags(name: str) -> TagFactory:
    """Made of what belongs to the viewer: `Dashboard:<id>`."""

    def tags(values: Mapping[str, Any]) -> Iterator[str]:
        yield f"{name}:*"
        yield f"{name}:{values['viewer_id']}"

    return tags


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of a table that were written. `keys`: values of some of their columns, old and new; None: too many."""

    table: str
    keys: Mapping[str, list[str]] | None


# What administrators purge by hand is told like a change, of no table.
CACHE, TAG = "cache", "tag"

# For each table the tags of a change: by the values of columns, which stand in for the braces, and in any case.
_CHANGED: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "books": ({"id": "Book:{}", "jlpt_level": "books:level={}"}, ("books",)),
    "book_vocabulary": ({"book_id": "Book:{}"}, ()),
    "textbooks": ({"id": "Textbook:{}", "jlpt_level": "textbooks:level={}"}, ("textbooks",)),
    "chapters": ({"id": "Chapter:{}", "textbook_id": "Textbook:{}"}, ()),
    "chapter_vocabulary": ({"chapter_id": "Chapter:{}"}, ()),
    "vocabulary": ({"id": "Vocabulary:{}", "jlpt_level": "vocabulary:level={}"}, ("vocabulary",)),
    "example_sentences": ({"vocabulary_id": "Vocabulary:{}"}, ()),
    "vocabulary_kanji": ({"vocabulary_id": "Vocabulary:{}", "kanji_id": "Kanji:{}"}, ()),
    "kanji": ({"id": "Kanji:{}"}, ("kanji",)),
    "jlpt_content_stats": ({}, ("jlptContentStats",)),
    "cards": ({"user_id": "Dashboard:{}"}, ()),
    "review_days": ({"user_id": "Dashboard:{}"}, ()),
    "user_settings": ({"user_id": "Dashboard:{}"}, ()),
    CACHE: ({TAG: "{}"}, ()),
}


def tags_for(change: Change) -> set[str]:
    """The tags of everything that may have been made of these rows; none where nothing kept is made of the table."""
    by_column, always = _CHANGED.get(change.table, ({}, ()))
    if change.keys is None:
        return {*always, *(tag.partition(":")[0] + ":*" for tag in by_column.values())}
    return {*always, *(tag.format(value) for name, tag in by_column.items() for value in change.keys.get(name, ()))}


def notified_columns() -> dict[str, tuple[str, ...]]:
    """The columns whose values a change of each table has to tell. For tests: triggers have to agree."""
    return {table: tuple(by_column) for table, (by_column, _) in _CHANGED.items()}


def is_private(tag: str) -> bool:
    """Whether it is about what one learner alone sees."""
    return tag.startswith("Dashboard:")
