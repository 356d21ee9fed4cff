"""Imports."""

from domain.enums import ImportSourceKind, ImportStatus
from domain.imports.mapping import UnknownWords
from domain.imports.matching import ImportSubject
from domain.imports.records import ImportFormat
from schema.enum_descriptions import describe_enum

describe_enum(
    ImportSourceKind,
    "What learners import from.",
    ANKI_PACKAGE="A package of Anki.",
    CSV="A CSV or TSV file, or Anki's text export.",
    WANIKANI="WaniKani.",
    SHINJP_EXPORT="An export of this server.",
)
describe_enum(
    ImportFormat,
    "The format of an imported file.",
    ANKI2="A package of Anki with `collection.anki2`.",
    ANKI21="A package of Anki with `collection.anki21`.",
    ANKI21B="A package of Anki with `collection.anki21b`.",
    ANKI_TEXT="Anki's text export with headers.",
    CSV="Comma-separated values, or with another delimiter.",
    WANIKANI="The API of WaniKani.",
    SHINJP_EXPORT="An export of this server.",
)
describe_enum(
    ImportSubject,
    "What the cards of imported notes are about.",
    WORD="Words of the dictionary, and own words of the learner.",
    KANJI="Kanji.",
)
describe_enum(
    ImportStatus,
    "States of an import.",
    ANALYZING="A job finds out what is in the source.",
    ANALYZED="It waits for `confirmImport`.",
    IMPORTING="A job imports it.",
    DONE="It is imported; `confirmImport` imports it again, with another mapping.",
    FAILED="Its job failed or was cancelled.",
)
describe_enum(
    UnknownWords,
    "What happens to words that the dictionary does not have.",
    CREATE="They become cards with the learner's own text.",
    SKIP="They are not imported.",
)
