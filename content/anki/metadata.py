"""What a collection says about itself: note types, decks and the days that it counts.

Schema 11 has all of it as JSON in the only row of `col`, schema 18 in tables with messages of Protocol Buffers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import orjson

from content.anki.archive import corrupt
from content.anki.database import CollectionDatabase
from content.anki.protobuf import read_number, read_text
from content.anki.rejections import PackageProblem, PackageRejected

MAX_DECKS = 5_000
MAX_NOTE_TYPES = 2_000
MAX_FIELDS = 200
MAX_TEMPLATES = 200
MAX_NAME_LENGTH = 200

# Versions of the schema. Between them were development versions only.
_JSON_SCHEMA, _TABLES_SCHEMA = 11, 18
# Fields of messages: the kind of a note type, the question of a template.
_KIND, _QUESTION = 1, 1
_DAY = timedelta(days=1)
# Days between the creation of a collection and a day that a card names.
_MAX_DAYS = 100_000
# The year 2200, in seconds since 1970.
_LAST_CREATION = 7_258_118_400
# Numbers of the API have 32 bits.
_MAX_ORDINAL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Template:
    """A template of cards. `question`: its markup."""

    ordinal: int
    name: str
    question: str


@dataclass(frozen=True, slots=True)
class NoteType:
    name: str
    fields: tuple[str, ...]
    templates: tuple[Template, ...]
    is_cloze: bool


@dataclass(frozen=True, slots=True)
class CollectionDays:
    """The days of a collection, which cards name by their distance from its first day.

    `first`: as its creator's time zone had it. None for collections that are older than this setting: their first day
    is the learner's of `created_at`.
    """

    created_at: datetime
    first: date | None

    def day(self, number: int, in_learners_days: date) -> date:
        """`in_learners_days`: the day of `created_at` in the learner's time zone."""
        return (self.first or in_learners_days) + _DAY * max(-_MAX_DAYS, min(number, _MAX_DAYS))


@dataclass(frozen=True, slots=True)
class Metadata:
    """`is_first_scheduler`: cards are of Anki's first scheduler, whose learning steps had three buttons."""

    note_types: Mapping[int, NoteType]
    decks: Mapping[int, str]
    days: CollectionDays
    is_first_scheduler: bool


def read_metadata(database: CollectionDatabase) -> Metadata:
    """Raises PackageRejected."""
    row = next(database.rows("SELECT ver, crt, conf, models, decks FROM col LIMIT 1"), None)
    if row is None:
        raise corrupt("its collection is empty")
    version, created, conf, models, decks = row
    try:
        if version == _JSON_SCHEMA:
            settings = _json_object(conf)
            note_types, deck_names = _json_note_types(_json_object(models)), _json_decks(_json_object(decks))
        elif version == _TABLES_SCHEMA:
            settings = {
                key: orjson.loads(value)
                for key, value in database.rows(
                    "SELECT key, val FROM config WHERE key IN ('creationOffset', 'schedVer', 'sched2021')"
                )
            }
            note_types, deck_names = _table_note_types(database), _table_decks(database)
        else:
            raise PackageRejected(
                PackageProblem.UNSUPPORTED, f"The collection has version {version!r}; 11 and 18 are supported."
            )
        days = _days(created, settings.get("creationOffset"))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise corrupt("the description of its note types, decks or settings cannot be read") from error
    is_first = settings.get("schedVer", 1) == 1 and not settings.get("sched2021")
    return Metadata(note_types, deck_names, days, is_first)


def _days(created: int, minutes_west: object) -> CollectionDays:
    if not 0 <= created <= _LAST_CREATION:
        raise ValueError("no time")
    created_at = datetime.fromtimestamp(created, UTC)
    if not isinstance(minutes_west, int):
        return CollectionDays(created_at, None)
    return CollectionDays(created_at, created_at.astimezone(timezone(timedelta(minutes=-minutes_west))).date())


def _json_object(value: str | bytes) -> dict[str, Any]:
    """Raises ValueError; for objects in objects of more than a thousand levels, too."""
    found = orjson.loads(value)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _json_note_types(models: dict[str, Any]) -> dict[int, NoteType]:
    _check_number("note types", len(models), MAX_NOTE_TYPES)
    return {
        int(id): _note_type(
            model["name"],
            ((field["ord"], field["name"]) for field in model["flds"]),
            (Template(template["ord"], template["name"], template["qfmt"]) for template in model["tmpls"]),
            is_cloze=model["type"] == 1,
        )
        for id, model in models.items()
    }


def _json_decks(decks: dict[str, Any]) -> dict[int, str]:
    _check_number("decks", len(decks), MAX_DECKS)
    return {int(id): _clean_name(deck["name"]) for id, deck in decks.items()}


def _table_note_types(database: CollectionDatabase) -> dict[int, NoteType]:
    fields: dict[int, list[tuple[int, str]]] = {}
    templates: dict[int, list[Template]] = {}
    for id, ordinal, name in database.rows("SELECT ntid, ord, name FROM fields"):
        fields.setdefault(id, []).append((ordinal, name))
        _check_number("fields", len(fields[id]), MAX_FIELDS)
        _check_number("note types", len(fields), MAX_NOTE_TYPES)
    for id, ordinal, name, config in database.rows("SELECT ntid, ord, name, config FROM templates"):
        templates.setdefault(id, []).append(Template(ordinal, name, read_text(config, _QUESTION)))
        _check_number("templates", len(templates[id]), MAX_TEMPLATES)
    return {
        id: _note_type(name, fields.get(id, ()), templates.get(id, ()), is_cloze=read_number(config, _KIND) == 1)
        for id, name, config in database.rows("SELECT id, name, config FROM notetypes")
        if id in fields
    }


def _table_decks(database: CollectionDatabase) -> dict[int, str]:
    decks: dict[int, str] = {}
    for id, name in database.rows("SELECT id, name FROM decks"):
        decks[id] = _clean_name(str(name).replace("\x1f", "::"))
        _check_number("decks", len(decks), MAX_DECKS)
    return decks


def _note_type(
    name: str, fields: Iterable[tuple[int, str]], templates: Iterable[Template], *, is_cloze: bool
) -> NoteType:
    ordered = [_clean_name(field) for _, field in sorted(fields)]
    _check_number("fields", len(ordered), MAX_FIELDS)
    found = sorted(templates, key=lambda template: template.ordinal)
    _check_number("templates", len(found), MAX_TEMPLATES)
    if any(abs(template.ordinal) > _MAX_ORDINAL for template in found):
        raise ValueError("no ordinal")
    named = tuple(
        Template(int(template.ordinal), _clean_name(template.name), str(template.question)) for template in found
    )
    return NoteType(_clean_name(name), tuple(ordered), named, is_cloze)


def _clean_name(name: object) -> str:
    """Without the character that PostgreSQL cannot store."""
    return str(name).replace("\0", "")[:MAX_NAME_LENGTH]


def _check_number(name: str, number: int, limit: int) -> None:
    if number > limit:
        raise PackageRejected(PackageProblem.TOO_LARGE, f"The collection has more {name} than the limit of {limit:,}.")
