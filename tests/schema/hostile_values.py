"""Hostile values: at the limits of a type, of a wrong type, and valid ones that were tampered with."""

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

from graphql import GraphQLEnumType, GraphQLInputObjectType, get_nullable_type, is_list_type

from tests.schema.test_edge_values import EDGES, KEYS, encoded


class Written(str):
    """A literal that is written as it is into JSON and documents."""


_NUMBERS = ("NaN", "-Infinity", "1e400", "-1e400", "1e-400", "-0", "0.1e1", "00", "1.", "0x10", "1_000")
_CHARACTERS = (
    *(
        "a",
        "人",
        "ｶﾞ",
        "e\u0301",
        "𠮷",
        "👩\u200d👧",
        "İ",
        "ß",
        "\u0345",
        "\ufdfa",
        "\u202e",
        "\u2028",
        "\u200b",
        "\ufeff",
    ),
    *(
        "\x00",
        "\x7f",
        "\x1b[31m",
        "\r\n",
        "\ud800",
        "\udfff\ud800",
        "\ufffe",
        "\U0010ffff",
        "\ue000",
        "\u0e33",
        "\u1160",
    ),
    *("'", '"', "\\", "\\u0000", "%", "_", "{", "}", "$1", ":", ";--", "/*", "&|!():*<->", "%s", "{0}", "${a}", "=1+1"),
    *("<script>", "../", "file:///etc/passwd", "https://", "http://[::1", "infinity", "null", "N5", "Asia/Tokyo", "*"),
)
_YEARS = ("0000", "0001", "0999", "1582", "1899", "1900", "1969", "1970", "2026", "2038", "9999", "10000", "292278994")
_OFFSETS = ("Z", "z", "", "+00:00", "-00:00", "+14:00", "-12:00", "+23:59", "-23:59", "+24:00", "+09", "Asia/Tokyo")


def hostile_value(random: Random, scalar: str, ids: list[str], cursors: list[str]) -> Any:
    """A hostile value for an input of this scalar. `ids`, `cursors`: existing ones."""
    makers: list[Callable[[], Any]] = [
        *([lambda: _of_type(random, scalar, ids, cursors)] * 5),
        lambda: random.choice(EDGES[scalar]) if scalar in EDGES else random.choice(KEYS),
        lambda: _of_type(random, random.choice([*EDGES]), ids, cursors),
        lambda: _nested(random),
        lambda: Written(_number(random)),
        lambda: None,
    ]
    return random.choice(makers)()


def _of_type(random: Random, scalar: str, ids: list[str], cursors: list[str]) -> Any:
    if scalar == "Int":
        return random.choice((1, -1)) * 2 ** random.randrange(80) + random.randrange(-1, 2)
    if scalar == "Float":
        return random.choice((1.0, -1.0)) * random.random() * 10.0 ** random.randrange(-323, 308)
    if scalar == "Boolean":
        return random.random() < 0.5
    if scalar == "ID":
        return _id(random, ids)
    if scalar in ("Date", "DateTime"):
        return _time(random, scalar)
    return _cursor(random, cursors) if random.random() < 0.1 else _text(random)


def hostile_cursor(random: Random, cursors: list[str]) -> str | None:
    """A cursor, mostly one that was tampered with."""
    return _cursor(random, cursors) if random.random() < 0.9 else _text(random)


def _text(random: Random) -> str:
    parts = random.choices(_CHARACTERS, k=random.choice((0, 1, 2, 3, 5, 10)))
    return "".join(parts) * random.choice((1, 1, 1, 1, 2, 100, 1_000))


def _time(random: Random, scalar: str) -> str:
    day = f"{random.choice(_YEARS)}-{random.randrange(14):02}-{random.randrange(33):02}"
    if scalar == "Date":
        return day
    fraction = random.choice(("", ".", ".9", ".999999", "." + "9" * random.choice((7, 30, 5_000))))
    clock = f"{random.randrange(26):02}:{random.choice((0, 59, 60)):02}:{random.choice((0, 59, 60, 61)):02}"
    return f"{day}{random.choice('Tt ')}{clock}{fraction}{random.choice(_OFFSETS)}"


def _id(random: Random, ids: list[str]) -> str:
    real = random.choice(ids)
    if random.random() < 0.3:
        return _damaged(random, real)
    type_name, _, value = base64.b64decode(real).decode().partition(":")
    type_name = random.choice((type_name, "Book", "Card", "Kanji", "User", "Viewer", "Job", "AuditEntry", "__Type", ""))
    value = random.choice((value, str(UUID(int=random.getrandbits(128))), str(UUID(int=0)), "f" * 32, _text(random)))
    return base64.b64encode(f"{type_name}:{value}".encode("utf-8", "surrogatepass")).decode()


def _cursor(random: Random, cursors: list[str]) -> str:
    real = random.choice(cursors)
    if random.random() < 0.3:
        return _damaged(random, real)
    keys = json.loads(base64.urlsafe_b64decode(real + "=" * (-len(real) % 4)))
    # The first key is the name of the ordering: an error there is detected before the others.
    keys[random.randrange(1, len(keys)) if random.random() < 0.9 else 0] = random.choice(
        (random.choice(KEYS), _time(random, "DateTime"), _text(random)[:400], _of_type(random, "Int", [], []))
    )
    return encoded(keys)


def _damaged(random: Random, text: str) -> str:
    """A string with one byte changed, removed or duplicated."""
    raw = bytearray(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_"))
    at = random.randrange(len(raw))
    raw[at : at + 1] = random.choice((b"", bytes([random.randrange(256)]), raw[at : at + 1] * 2))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _number(random: Random) -> str:
    digits = "9" * random.choice((10, 19, 20, 100, 101, 309, 4_300, 4_301, 10_000))
    return random.choice((*_NUMBERS, digits, f"-{digits}", f"{digits}.5", f"1e{digits[:5_000]}", f"0.{digits}"))


def _nested(random: Random) -> Written:
    depth = random.choice((1, 2, 20, 199, 250, 254, 255, 900, 2_000))
    opening, closing = random.choice((("[", "]"), ('{"a":', "}")))
    return Written(opening * depth + random.choice(("1", "null", '"人"')) + closing * depth)


def as_json(value: Any) -> str:
    """Encodes a value as JSON, with lone surrogates as escapes, and literals unchanged."""
    if isinstance(value, Written):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {as_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_json, value)) + "]"
    return json.dumps(value)


def as_literal(value: Any, type_: Any) -> str:
    """Encodes a value as a GraphQL literal for an argument of this type, even if the value has another type."""
    nullable = get_nullable_type(type_)
    if isinstance(value, Written):
        return str(value).replace('"a"', "a")
    if isinstance(value, list):
        of = nullable.of_type if is_list_type(nullable) else nullable
        return "[" + ", ".join(as_literal(item, of) for item in value) + "]"
    if isinstance(value, dict):
        fields = nullable.fields if isinstance(nullable, GraphQLInputObjectType) else {}
        written = (
            f"{key}: {as_literal(item, fields[key].type if key in fields else None)}" for key, item in value.items()
        )
        return "{" + ", ".join(written) + "}"
    if isinstance(nullable, GraphQLEnumType) and isinstance(value, str) and value in nullable.values:
        return value
    return json.dumps(value)
