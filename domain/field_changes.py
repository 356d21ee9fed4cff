"""Changed values of the audit log as JSON of a bounded length."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

# In characters, of each value of a revision.
MAX_VALUE_LENGTH = 5_000
# In characters, of all changes of an entry.
MAX_CHANGES_LENGTH = 40_000
# Of a value in an entry with longer changes: 20 fields have two of them each.
_MAX_VALUE_OF_LONG_ENTRY = 900
# How much an excerpt has before the first difference.
_CONTEXT = 100
_OMITTED = "…"
_SHORTENED = "isShortened"


class FieldChange(NamedTuple):
    """A field with its values before and after a change, as JSON. `is_shortened`: as JSON strings with excerpts."""

    field: str
    before: str
    after: str
    is_shortened: bool


def field_changes(changes: str) -> list[FieldChange]:
    """Return the changes of an entry of the audit log, in the order of the fields' names."""
    return _shorten(orjson.loads(changes), MAX_VALUE_LENGTH)


def shorten_changes(changes: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """Return the changes of an entry with excerpts, which it marks, of values whose JSON is longer than the limit."""
    return {
        name: {"before": orjson.loads(before), "after": orjson.loads(after), **({_SHORTENED: True} if is_long else {})}
        for name, before, after, is_long in _shorten(changes, limit)
    }


def has_excerpts(changes: str) -> bool:
    """Whether an entry has excerpts instead of values. In values, the quotes of the mark have backslashes."""
    return f'"{_SHORTENED}": true' in changes


def bounded_changes(changes: str) -> str:
    """Return the JSON of an entry without whitespace, with excerpts if it is longer than `MAX_CHANGES_LENGTH`."""
    values = orjson.loads(changes)
    text = orjson.dumps(values).decode()
    if len(text) <= MAX_CHANGES_LENGTH:
        return text
    shortened = (
        f'{_encode(name)}:{{"before":{before},"after":{after}}}'
        for name, before, after, _ in _shorten(values, _MAX_VALUE_OF_LONG_ENTRY)
    )
    return "{" + ",".join(shortened) + "}"


def _shorten(changes: Mapping[str, Any], limit: int) -> list[FieldChange]:
    found = []
    for name, change in sorted(changes.items()):
        values = change.get("before"), change.get("after")
        before, after = map(_encode, values)
        is_long = max(len(before), len(after)) > limit
        if is_long:
            texts = [value if isinstance(value, str) else _encode(value) for value in values]
            start = max(_first_difference(*texts) - _CONTEXT, 0)
            before, after = (_excerpt(text, start, limit) for text in texts)
        found.append(FieldChange(name, before, after, is_long or _SHORTENED in change))
    return found


def _first_difference(before: str, after: str) -> int:
    differing = (place for place, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    return next(differing, min(len(before), len(after)))


def _excerpt(text: str, start: int, limit: int) -> str:
    """Return the part from `start` as JSON of up to `limit` characters."""
    size = limit
    while True:
        part = text[start : start + size]
        end = start + len(part)
        encoded = _encode((_OMITTED if start else "") + part + (_OMITTED if end < len(text) else ""))
        if len(encoded) <= limit:
            return encoded
        size = min(len(part) - 1, len(part) * limit // len(encoded))


def _encode(value: object) -> str:
    return orjson.dumps(value).decode()
