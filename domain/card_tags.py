"""Flags and tags of cards."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from domain.errors import BadUserInput
from domain.ranges import check_range
from domain.validation import Validator

# Colors, as in Anki; 0 is none.
MAX_FLAG = 7

_SEPARATING, _ESCAPED = re.compile(r"[\\;]"), re.compile(r"\\([\\;])")
# Up to a separator. A backslash in a tag of an earlier version follows none.
_TAG = re.compile(r"((?:\\[\\;]|[^;]|;(?! ))+)(?:; |$)")

MAX_TAG_LENGTH = 50
MAX_TAGS_OF_CARD = 10
MAX_TAGS_OF_LEARNER = 1_000
# Of a list.
DEFAULT_TAGS = 100


def normalize_tag(tag: str) -> str:
    """The tag as it is stored: without compatibility characters, and with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", tag).split(" ")).strip()


def join_tags(tags: Iterable[str]) -> str:
    """The tags as exports have them: a semicolon or a backslash in a tag follows a backslash."""
    return "; ".join(_SEPARATING.sub(r"\\\g<0>", tag) for tag in tags)


def split_tags(joined: str) -> list[str]:
    """The tags of `join_tags`, and of exports of earlier versions whose tags have no semicolon."""
    return [_ESCAPED.sub(r"\1", tag) for tag in _TAG.findall(joined) if tag]


def validated_tags(values: Sequence[str], path: str) -> list[str]:
    """1 to 10 tags, normalized, each once. Raises InvalidInput."""
    validator = Validator()
    validator.size(values, MAX_TAGS_OF_CARD, path)
    validator.raise_if_invalid()
    tags = [
        validator.line(normalize_tag(value), MAX_TAG_LENGTH, path, str(index)) for index, value in enumerate(values)
    ]
    validator.raise_if_invalid()
    return list(dict.fromkeys(tags))


def to_tags(name: str, values: Sequence[str]) -> list[str]:
    """The tags of a filter, normalized. Raises BadUserInput for none or more than 10."""
    if not 1 <= len(values) <= MAX_TAGS_OF_CARD:
        raise BadUserInput(f"{name} has {len(values)} items; 1 to {MAX_TAGS_OF_CARD} are possible.")
    return list(dict.fromkeys(map(normalize_tag, values)))


def to_flags(name: str, values: Sequence[int]) -> list[int]:
    """The flags of a filter. Raises BadUserInput for a number outside 0 to 7."""
    for value in values:
        check_range(name, value, 0, MAX_FLAG)
    return list(dict.fromkeys(values))
