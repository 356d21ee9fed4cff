"""Validation of the text that clients search for."""

from common.text import truncate
from domain.errors import BadUserInput
from domain.kanji_search import has_kanji_or_radical, reading_keys, usual_component, words_of
from domain.search.terms import search_query
from domain.text import is_visible_text

MAX_SEARCH_LENGTH = 100
MAX_GRADE = 10


def check_search(name: str, value: str) -> None:
    """Raise BadUserInput for a string that is empty, longer than 100 characters, or without letters and digits."""
    if len(value) > MAX_SEARCH_LENGTH:
        raise BadUserInput(f"{name} has {len(value)} characters; the maximum is {MAX_SEARCH_LENGTH}.")
    if not is_visible_text(value) or search_query(value) is None:
        raise BadUserInput(f"{name}: {truncate(value)!r} has no letters or digits.")


def check_kanji_search(name: str, value: str) -> None:
    """Like `check_search`, and accept radicals, which are no letters."""
    if len(value) > MAX_SEARCH_LENGTH or not has_kanji_or_radical(value):
        check_search(name, value)


def to_search_query(name: str, value: str, weight: str = "") -> str | None:
    """Return a tsquery for a client's text in terms of one weight. Raises BadUserInput like `check_search`."""
    check_search(name, value)
    return search_query(value, weight)


def to_component(name: str, value: str) -> list[str]:
    """Return a component of kanji as a list. Raises BadUserInput for anything but one character."""
    if len(value) != 1:
        raise BadUserInput(f"{name}: {truncate(value)!r} is not a single character.")
    return [usual_component(value)]


def to_grades(name: str, values: list[int]) -> list[int]:
    """Return the grades, each once. Raises BadUserInput for a number that is no grade."""
    for value in values:
        if not 1 <= value <= MAX_GRADE:
            raise BadUserInput(f"{name}: {value} is not between 1 and {MAX_GRADE}.")
    return list(dict.fromkeys(values))


def to_reading_keys(name: str, value: str) -> list[str]:
    """Return the keys of a reading. Raises BadUserInput like `check_search`."""
    check_search(name, value)
    return list(reading_keys(value))


def to_meaning_words(name: str, value: str) -> list[str]:
    """Return the words of a meaning. Raises BadUserInput like `check_search`."""
    check_search(name, value)
    # Kana and kanji are no words of a meaning, and match none.
    return list(words_of(value)) or [value]
