"""Imports."""

from enum import StrEnum


class ImportSourceKind(StrEnum):
    """What learners import from. Keys of notes and reviews are unique in each."""

    ANKI_PACKAGE = "ANKI_PACKAGE"
    CSV = "CSV"
    WANIKANI = "WANIKANI"
    SHINJP_EXPORT = "SHINJP_EXPORT"


class ImportStatus(StrEnum):
    """FAILED: its job failed or was cancelled."""

    ANALYZING = "ANALYZING"
    ANALYZED = "ANALYZED"
    IMPORTING = "IMPORTING"
    DONE = "DONE"
    FAILED = "FAILED"
