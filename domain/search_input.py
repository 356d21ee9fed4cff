"""Validation of the text that clients search for."""

from common.text import truncate
from domain.errors import BadUserInput
from domain.search.terms import search_query
from domain.text import is_visible_text

MAX_SEARCH_LENGTH = 100


def check_search(name: str, value: str) -> None:
    """Raise BadUserInput for a string that is empty, longer than 100 characters, or without letters and digits."""
    if len(value) > MAX_SEARCH_LENGTH:
        raise BadUserInput(f"{name} has {len(value)} characters; the maximum is {MAX_SEARCH_LENGTH}.")
    if not is_visible_text(value) or search_query(value) is None:
        raise BadUserInput(f"{name}: {truncate(value)!r} has no letters or digits.")


def to_search_query(name: str, value: str, weight: str = "") -> str | None:
    """Return a tsquery for a client's text in terms of one weight. Raises BadUserInput like `check_search`."""
    check_search(name, value)
    return search_query(value, weight)
