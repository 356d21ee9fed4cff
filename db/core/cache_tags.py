"""Cache tags: what a query reads and what a change writes, in a form that a cache can compare.

The tags of a query name everything its result depends on, missing rows included. The tags of a change name the results
it invalidates. A tag with a colon has a wildcard, `Book:*` for `Book:<id>`: queries carry both, and a change of more
rows than a notification can list has the wildcard only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from db.core.changes import Change

# Returns the tags of one execution of a query from its parameters.
TagFactory: TypeAlias = Callable[[Mapping[str, Any]], Iterable[str]]


def entity_tags(entity: str, parameter: str = "ids") -> TagFactory:
    """Return a factory of `Book:<id>` for each id in the parameter."""

    def tags(values: Mapping[str, Any]) -> Iterator[str]:
        yield f"{entity}:*"
        for id in values[parameter]:
            yield f"{entity}:{id}"

    return tags


def list_tags(name: str, levels: str = "levels") -> TagFactory:
    """Return a factory of `books`, or of `books:level=N5` for each level in the parameter `levels` if it is set."""

    def tags(values: Mapping[str, Any]) -> Iterator[str]:
        if values.get(levels) is None:
            yield name
        else:
            yield f"{name}:*"
            for level in values[levels]:
                yield f"{name}:level={level}"

    return tags


def viewer_tags(name: str) -> TagFactory:
    """Return a factory of `Dashboard:<id>` for data that belongs to the viewer."""

    def tags(values: Mapping[str, Any]) -> Iterator[str]:
        yield f"{name}:*"
        yield f"{name}:{values['viewer_id']}"

    return tags


# The table and the key of the change by which an administrator purges the cache.
CACHE, TAG = "cache", "tag"

# By table: tag templates by the column whose values they take, and tags without a value.
_TAGS_BY_TABLE: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "books": ({"id": "Book:{}", "jlpt_level": "books:level={}"}, ("books",)),
    "book_pages": ({"book_id": "Book:{}"}, ()),
    "book_vocabulary": ({"book_id": "Book:{}"}, ()),
    "book_texts": ({"book_id": "Book:{}"}, ()),
    "textbooks": ({"id": "Textbook:{}", "jlpt_level": "textbooks:level={}"}, ("textbooks",)),
    "chapters": ({"id": "Chapter:{}", "textbook_id": "Textbook:{}"}, ()),
    "textbook_topics": ({}, ("textbookTopics",)),
    "chapter_vocabulary": ({"chapter_id": "Chapter:{}"}, ()),
    "exercises": ({"id": "Exercise:{}", "chapter_id": "Chapter:{}", "book_id": "Book:{}"}, ()),
    "vocabulary": ({"id": "Vocabulary:{}", "jlpt_level": "vocabulary:level={}"}, ("vocabulary",)),
    "example_sentences": ({"vocabulary_id": "Vocabulary:{}"}, ()),
    "vocabulary_forms": ({"vocabulary_id": "Vocabulary:{}"}, ()),
    "vocabulary_senses": ({"vocabulary_id": "Vocabulary:{}"}, ()),
    "corrections": ({"vocabulary_id": "Vocabulary:{}", "kanji_id": "Kanji:{}"}, ()),
    "vocabulary_kanji": ({"vocabulary_id": "Vocabulary:{}", "kanji_id": "Kanji:{}"}, ()),
    "kanji": ({"id": "Kanji:{}", "jlpt_level": "kanji:level={}"}, ("kanji",)),
    "kanji_strokes": ({"kanji_id": "Kanji:{}"}, ()),
    "jlpt_content_stats": ({}, ("jlptContentStats",)),
    "analytics_days": ({}, ("analytics",)),
    "cards": ({"user_id": "Dashboard:{}"}, ()),
    "review_days": ({"user_id": "Dashboard:{}"}, ()),
    "user_settings": ({"user_id": "Dashboard:{}"}, ()),
    "limit_extensions": ({"user_id": "Dashboard:{}"}, ()),
    CACHE: ({TAG: "{}"}, ()),
}


def tags_for(change: Change) -> set[str]:
    """Return the tags of all results that the change may affect."""
    by_column, always = _TAGS_BY_TABLE.get(change.table, ({}, ()))
    if change.keys is None:
        return {*always, *(tag.partition(":")[0] + ":*" for tag in by_column.values())}
    return {*always, *(tag.format(value) for name, tag in by_column.items() for value in change.keys.get(name, ()))}


def is_private(tag: str) -> bool:
    """Whether the tag belongs to data that only one learner sees."""
    return tag.startswith("Dashboard:")
