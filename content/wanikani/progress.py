"""Fetches a learner's progress to a file: one line of JSON for each word or kanji, in the order of their ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from common.batches import batches
from common.executors import FILES, run_in
from content.wanikani.client import WaniKaniClient, malformed

FORMAT = {"format": "wanikani", "version": 1}
MAX_SUBJECTS = 20_000
_SUBJECT_TYPES = "kanji,vocabulary,kana_vocabulary"
# Ids in a URL.
_IDS_PER_REQUEST = 500
_ASSIGNMENT = ("subject_id", "srs_stage", "available_at", "burned_at", "created_at", "started_at", "hidden")
_STATISTICS = ("meaning_correct", "meaning_incorrect", "reading_correct", "reading_incorrect")
_MATERIALS = ("meaning_note", "reading_note", "meaning_synonyms")


@dataclass(slots=True)
class _Progress:
    """By the id of the subject."""

    assignments: dict[int, dict[str, Any]] = field(default_factory=dict)
    statistics: dict[int, dict[str, Any]] = field(default_factory=dict)
    materials: dict[int, dict[str, Any]] = field(default_factory=dict)


async def fetch_progress(client: WaniKaniClient, path: Path, updated_after: datetime | None = None) -> int:
    """Write the progress since `updated_after`, or all of it. Returns the number of words and kanji.

    Subjects that the learner has not unlocked are not fetched. 50 requests at most for all of WaniKani. Raises
    WaniKaniError.
    """
    since = {} if updated_after is None else {"updated_after": updated_after.isoformat()}
    parameters = {"subject_types": _SUBJECT_TYPES, **since}
    progress = _Progress()
    for collection, target, names in (
        ("assignments", progress.assignments, _ASSIGNMENT),
        ("review_statistics", progress.statistics, _STATISTICS),
        ("study_materials", progress.materials, _MATERIALS),
    ):
        async for found in client.collection(collection, parameters):
            id = found["data"].get("subject_id")
            if not isinstance(id, int) or len(target) >= MAX_SUBJECTS:
                raise malformed(collection)
            target[id] = {name: found["data"].get(name) for name in names}
    # Statistics and notes that changed without the assignment have no state.
    ids = sorted(progress.assignments)
    lines = [FORMAT]
    for chunk in batches(ids, _IDS_PER_REQUEST):
        joined = ",".join(map(str, chunk))
        subjects = {found["id"]: found async for found in client.collection("subjects", {"ids": joined})}
        lines.extend(_line(subjects[id], progress) for id in chunk if id in subjects)
    await run_in(FILES, _write, path, lines)
    return len(lines) - 1


def _line(subject: Mapping[str, Any], progress: _Progress) -> dict[str, Any]:
    id, data = subject["id"], subject["data"]
    return {
        "id": id,
        "type": subject.get("object"),
        "characters": data.get("characters"),
        "level": data.get("level"),
        "readings": _accepted(data.get("readings"), "reading"),
        "meanings": _accepted(data.get("meanings"), "meaning"),
        "assignment": progress.assignments[id],
        "statistics": progress.statistics.get(id),
        "materials": progress.materials.get(id),
    }


def _accepted(values: object, name: str) -> list[object]:
    """The accepted ones, the primary one first."""
    found = [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []
    found.sort(key=lambda value: value.get("primary") is not True)
    return [value.get(name) for value in found if value.get("accepted_answer") is not False]


def _write(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(line) + b"\n" for line in lines)
