"""Editors correct words, example sentences and kanji; loads of the content apply their corrections again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from db.commands import corrections as commands
from db.core.transaction import Transaction
from db.queries.corrections import CorrectionRow
from db.services.administration import write_audit_entry
from db.services.corrected_objects import CorrectedKanji, CorrectedObject, CorrectedSentence, CorrectedWord
from db.services.optimistic_lock import check_version
from domain.corrections import NO_OVERLAY, Overlay, Provenance, Values
from domain.enums import CorrectionKind, CorrectionState, JlptLevel
from domain.ids import CorrectionId, new_id
from domain.popularity import change_level
from domain.user_errors import UserErrorCode, invalid_input


@dataclass(frozen=True, slots=True)
class Correction:
    """New values of an object. `check`: raises InvalidInput for values that do not fit together."""

    changes: Values
    provenance: Provenance
    check: Callable[[Values], None] = lambda _: None


async def correct(
    transaction: Transaction, corrected: CorrectedObject, expected_version: int, correction: Correction
) -> CorrectionRow | None:
    """Correct an object and return its correction; None if it has none, as all values are those of the release.

    Up to ten statements. `expected_version`: of the active correction, 0 if there is none. Raises InvalidInput for an
    object that the dictionary does not have, invalid values and a version conflict.
    """
    await transaction.rows(commands.lock_content)
    place = _place_of(corrected)
    before = await transaction.row(
        commands.lock_active,
        kind=place["kind"],
        object_id=place["vocabulary_id"] or place["kanji_id"],
        position=place["position"],
    )
    current = await corrected.read(transaction)
    if current is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "The dictionary does not have it.", *_path_of(corrected))
    check_version(corrected.row, expected_version, 0 if before is None else before.version)
    overlay = NO_OVERLAY if before is None else _overlay(before)
    changes = correction.changes
    if "jlptLevel" in changes:
        changes = {**changes, "popularity": _popularity(corrected, current, overlay, changes["jlptLevel"])}
    values = {**current, **changes}
    correction.check(values)
    if values == current:
        return before
    overlay = overlay.change(current, changes)
    await corrected.write(transaction, values)
    if before is None:
        after = await _insert(transaction, place, overlay, correction.provenance, current.get("japanese"))
    else:
        after = await _update(transaction, before, overlay, correction.provenance, transaction.viewer.id)
    await write_audit_entry(transaction, "correct", "Correction", after.id, current, values)
    return after if overlay else None


async def revert(
    transaction: Transaction, id: CorrectionId, expected_version: int, corrected: CorrectedObject
) -> CorrectionRow:
    """Give the object the values of the release again. Up to nine statements.

    Raises InvalidInput for an unknown correction, one that has no effect, and a version conflict.
    """
    await transaction.rows(commands.lock_content)
    before = await transaction.row(commands.lock_correction, correction_id=id)
    if before is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Correction not found.", "id")
    check_version(before, expected_version)
    if before.state != CorrectionState.ACTIVE:
        raise invalid_input(UserErrorCode.INVALID, f"The correction is {before.state}.", "id")
    overlay = _overlay(before)
    current = await corrected.read(transaction)
    if current is not None:
        await corrected.write(transaction, {**current, **overlay.original})
    after = await _close(transaction, before, CorrectionState.REVERTED)
    await write_audit_entry(transaction, "revert", "Correction", id, overlay.corrected, overlay.original)
    return after


def object_of(correction: CorrectionRow) -> CorrectedObject:
    """Return what is corrected."""
    if correction.kanji_id is not None:
        return CorrectedKanji(correction.kanji_id)
    assert correction.vocabulary_id is not None
    if correction.position is not None:
        return CorrectedSentence(correction.vocabulary_id, correction.position)
    return CorrectedWord(correction.vocabulary_id)


async def reapply_to_words(transaction: Transaction, ids: Sequence[UUID]) -> None:
    """Apply the corrections of words and their sentences, which have the values of a release, again.

    A few statements for each correction. What the release has corrected itself becomes obsolete.
    """
    for row in await transaction.rows(commands.lock_active_of_words, ids=ids):
        if row.kind == CorrectionKind.SENTENCE:
            await _reapply_to_sentence(transaction, row)
        else:
            await _reapply(transaction, row, object_of(row))


async def reapply_to_kanji(transaction: Transaction, ids: Sequence[UUID]) -> None:
    """The same for kanji."""
    for row in await transaction.rows(commands.lock_active_of_kanji, ids=ids):
        await _reapply(transaction, row, object_of(row))


async def _reapply_to_sentence(transaction: Transaction, row: CorrectionRow) -> None:
    """The release may have the sentence at another position, or its corrected text."""
    assert row.vocabulary_id is not None
    sentences = await transaction.rows(commands.lock_sentences, word_id=row.vocabulary_id)
    texts = [sentence.japanese for sentence in sentences]
    japanese = _overlay(row).corrected.get("japanese")
    found = next((text for text in (row.sentence, japanese) if text in texts), None)
    if found is None:
        await _close(transaction, row, CorrectionState.OBSOLETE)
        return
    place = sentences[texts.index(found)].position
    await _reapply(transaction, row, CorrectedSentence(row.vocabulary_id, place), position=place)


async def _reapply(
    transaction: Transaction, row: CorrectionRow, corrected: CorrectedObject, *, position: int | None = None
) -> None:
    release = await corrected.read(transaction)
    if release is None:
        # A later release may have it again.
        return
    before = _overlay(row)
    overlay = before.rebase(release)
    if not overlay:
        await _close(transaction, row, CorrectionState.OBSOLETE)
        return
    if overlay != before or position != row.position:
        provenance = Provenance(row.source, row.note)
        await _update(transaction, row, overlay, provenance, row.author_id, position=position)
    await corrected.write(transaction, {**release, **overlay.corrected})


def _popularity(corrected: CorrectedObject, current: Values, overlay: Overlay, level: JlptLevel | None) -> int:
    """Return the popularity of a word at this level: that of the release if it has the level."""
    release = {**current, **overlay.original}
    popularity: int = release["popularity"]
    if release["jlptLevel"] == level:
        return popularity
    assert corrected.row is not None
    before = None if release["jlptLevel"] is None else JlptLevel(release["jlptLevel"])
    return change_level(popularity, before, level, is_common=corrected.row["is_common"])


def _place_of(corrected: CorrectedObject) -> dict[str, Any]:
    place: dict[str, Any] = {"vocabulary_id": None, "kanji_id": None, "position": None}
    match corrected:
        case CorrectedWord():
            return place | {"kind": CorrectionKind.VOCABULARY.value, "vocabulary_id": corrected.id}
        case CorrectedKanji():
            return place | {"kind": CorrectionKind.KANJI.value, "kanji_id": corrected.id}
        case CorrectedSentence(vocabulary_id=id, position=position):
            return {**place, "kind": CorrectionKind.SENTENCE.value, "vocabulary_id": id, "position": position}
    raise TypeError(f"{corrected!r} cannot be corrected")


def _path_of(corrected: CorrectedObject) -> tuple[str]:
    if isinstance(corrected, CorrectedSentence):
        return ("vocabularyId",) if corrected.row is None else ("position",)
    return ("id",)


async def _insert(
    transaction: Transaction, place: dict[str, Any], overlay: Overlay, provenance: Provenance, sentence: str | None
) -> CorrectionRow:
    [row] = await transaction.rows(
        commands.insert_correction,
        correction_id=new_id(),
        sentence=sentence,
        source=provenance.source,
        note=provenance.note,
        **place,
        **_json(overlay),
    )
    return row


async def _update(
    transaction: Transaction,
    before: CorrectionRow,
    overlay: Overlay,
    provenance: Provenance,
    author_id: UUID | None,
    *,
    position: int | None = None,
) -> CorrectionRow:
    """An overlay without fields is reverted, and keeps the former ones for the record."""
    [row] = await transaction.rows(
        commands.update_correction,
        correction_id=before.id,
        state=(CorrectionState.ACTIVE if overlay else CorrectionState.REVERTED).value,
        position=before.position if position is None else position,
        source=provenance.source,
        note=provenance.note,
        author_id=author_id,
        **_json(overlay or _overlay(before)),
    )
    return row


async def _close(transaction: Transaction, row: CorrectionRow, state: CorrectionState) -> CorrectionRow:
    [closed] = await transaction.rows(
        commands.update_correction,
        correction_id=row.id,
        state=state.value,
        **{name: row[name] for name in ("position", "source", "note", "author_id", "corrected", "original")},
    )
    return closed


def _overlay(row: CorrectionRow) -> Overlay:
    return Overlay(orjson.loads(row.corrected), orjson.loads(row.original))


def _json(overlay: Overlay) -> dict[str, str]:
    return {"corrected": orjson.dumps(overlay.corrected).decode(), "original": orjson.dumps(overlay.original).decode()}
