"""Progress in WaniKani is fetched once, within its limits, and becomes cards."""

import json
import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from content.wanikani import client as client_module
from content.wanikani.client import MAX_ATTEMPTS, WaniKaniClient, WaniKaniError, WaniKaniProblem
from content.wanikani.progress import FORMAT, fetch_progress
from content.wanikani.source import WaniKaniProgress
from content.wanikani.stages import INTERVALS
from domain.enums import CardKind, CardState
from domain.imports.records import ImportedNote, RejectedNote, SourceRejectedError
from tests.content.wanikani.api import TOKEN, WaniKaniApi, assignment, running_api, subject, thing

AVAILABLE_AT = datetime(2026, 11, 30, 10, tzinfo=UTC)
SUBJECTS = [
    subject(1, "一", ["いち", "ひと"], "kanji"),
    *(subject(id, f"語{id}", ["ご"]) for id in range(2, 10)),
    subject(10, "おやつ", [], "kana_vocabulary"),
    subject(11, "ground", [], "radical"),
    subject(12, "locked", ["x"]),
]
ASSIGNMENTS = [
    assignment(1, 0, "kanji"),
    *(assignment(id, id) for id in range(2, 10)),
    assignment(10, 1, "kana_vocabulary", hidden=True),
    assignment(11, 5, "radical"),
]


async def fetch(api: WaniKaniApi, path: Path, token: str = TOKEN, since: datetime | None = None) -> int:
    async with WaniKaniClient(token, api.address) as client:
        return await fetch_progress(client, path, since)


def notes_of(path: Path) -> list[ImportedNote]:
    notes = list(WaniKaniProgress(path).notes())
    assert not [note for note in notes if isinstance(note, RejectedNote)]
    return [note for note in notes if isinstance(note, ImportedNote)]


async def problem_of(api: WaniKaniApi, path: Path, **options: Any) -> WaniKaniProblem:
    with pytest.raises(WaniKaniError) as raised:
        await fetch(api, path, **options)
    chain: BaseException | None = raised.value
    while chain is not None:
        assert TOKEN not in str(chain)
        chain = chain.__cause__ or chain.__context__
    return raised.value.problem


async def test_all_pages_become_notes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    statistics = thing(
        5, "review_statistic", subject_id=2, subject_type="vocabulary",
        meaning_correct=15, meaning_incorrect=5, reading_correct=3, reading_incorrect=9,
    )  # fmt: skip
    material = thing(
        6, "study_material", subject_id=2, subject_type="vocabulary",
        meaning_note="note", reading_note=None, meaning_synonyms=["word"],
    )  # fmt: skip
    async with running_api(
        subjects=SUBJECTS, assignments=ASSIGNMENTS, review_statistics=[statistics], study_materials=[material]
    ) as api:
        # Radicals are no words, and what is locked has no state.
        assert await fetch(api, tmp_path / "file") == 10
    notes = {note.key: note for note in notes_of(tmp_path / "file")}
    assert list(notes) == [f"subject:{id}" for id in range(1, 11)]
    kanji, word, kana = notes["subject:1"], notes["subject:2"], notes["subject:10"]
    assert (kanji.note_type, word.note_type, kana.note_type) == ("Kanji", "Vocabulary", "Vocabulary")
    assert (kanji.fields["Reading"], kanji.fields["Meaning"]) == ("いち、ひと", "first; second")
    assert (word.fields["Synonyms"], word.fields["Meaning note"], word.fields["Reading note"]) == ("word", "note", "")
    assert [card.kind for card in word.cards] == [CardKind.RECOGNITION, CardKind.READING]
    assert [card.kind for card in kana.cards] == [CardKind.RECOGNITION]
    assert [card.state for card in kanji.cards] == [CardState.NEW, CardState.NEW]
    assert kana.cards[0].suspended
    assert word.tags == ("wanikani-level-3",)
    assert [(card.lapses, card.difficulty) for card in word.cards] == [(5, 5.5), (9, 10.0)]
    assert notes["subject:3"].cards[0].difficulty == 5.0
    # The token is in no file and no log.
    assert TOKEN not in (tmp_path / "file").read_text()
    assert TOKEN not in caplog.text


async def test_stages(tmp_path: Path) -> None:
    async with running_api(subjects=SUBJECTS, assignments=ASSIGNMENTS) as api:
        await fetch(api, tmp_path / "file")
    cards = {int(note.key.partition(":")[2]): note.cards[0] for note in notes_of(tmp_path / "file")}
    for stage in range(2, 10):
        card, days = cards[stage], INTERVALS[stage]
        assert card.state is (CardState.LEARNING if stage <= 3 else CardState.REVIEW)
        assert (card.interval_days, card.stability, card.repetitions) == (days, days, stage)
        assert card.due_at is not None
        assert card.last_reviewed_at == card.due_at - timedelta(days=days)
        assert card.due_at == (AVAILABLE_AT if stage < 9 else datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=240))


async def test_only_changes_are_fetched(tmp_path: Path) -> None:
    changed = assignment(4, 6, updated="2026-11-20T00:00:00.000000Z")
    async with running_api(subjects=SUBJECTS, assignments=[*ASSIGNMENTS[:3], changed]) as api:
        assert await fetch(api, tmp_path / "file", since=datetime(2026, 11, 1, tzinfo=UTC)) == 1
        assert api.paths[-1] == "subjects?ids=4"
    assert [note.key for note in notes_of(tmp_path / "file")] == ["subject:4"]


async def test_waits_for_the_reset_of_the_limit(tmp_path: Path) -> None:
    """By 429, and before it by the number of remaining requests."""
    page = {"data": [], "pages": {"next_url": None}}
    async with running_api(subjects=SUBJECTS, assignments=ASSIGNMENTS) as api:
        resets = [int(time.time()) + 1, int(time.time()) + 2]
        limited = {"error": "Rate Limit Exceeded", "code": 429}
        api.answers.append(JSONResponse(limited, 429, headers={"RateLimit-Reset": str(resets[0])}))
        last = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(resets[1])}
        api.answers.append(JSONResponse(page, headers=last))
        await fetch(api, tmp_path / "file")
    assert api.times[1] >= resets[0]
    assert api.times[2] >= resets[1]


async def test_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_FIRST_RETRY_SECONDS", 0.001)
    file = tmp_path / "file"
    async with running_api(subjects=SUBJECTS, assignments=ASSIGNMENTS) as api:
        assert await problem_of(api, file, token="wrong") is WaniKaniProblem.INVALID_TOKEN
        assert len(api.paths) == 1
        api.answers.extend(Response(status_code=status) for status in (500, 503, 502))
        assert await fetch(api, file) == 10
        api.answers.extend(Response(status_code=500) for _ in range(MAX_ATTEMPTS))
        assert await problem_of(api, file) is WaniKaniProblem.UNAVAILABLE
        other = f"http://{TOKEN}.example/v2/assignments"
        malformed: list[Any] = [
            b"", b"[]", b"null", b"<html>", b"[" * 100_000, {"data": []}, {"data": {}, "pages": {"next_url": None}},
            {"data": [{"id": 1, "data": []}], "pages": {"next_url": None}},
            {"data": [{"id": 1, "data": {}}], "pages": {"next_url": None}},
            *({"data": [], "pages": {"next_url": url}} for url in (other, "//x/v2/a", "file:///etc", 5, "\n")),
        ]  # fmt: skip
        for content in malformed:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            api.answers.append(Response(body))
            assert await problem_of(api, file) is WaniKaniProblem.MALFORMED, content
        api.answers.append(Response(status_code=302, headers={"Location": other}))
        assert await problem_of(api, file) is WaniKaniProblem.MALFORMED
        assert not api.answers
    # No server listens now.
    assert await problem_of(api, file) is WaniKaniProblem.UNAVAILABLE


async def test_size_of_pages_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "MAX_PAGE_BYTES", 1_000)
    monkeypatch.setattr(client_module, "MAX_PAGES", 3)
    async with running_api(subjects=SUBJECTS, assignments=ASSIGNMENTS) as api:
        api.answers.append(Response(b" " * 2_000))
        assert await problem_of(api, tmp_path / "file") is WaniKaniProblem.MALFORMED
        next_url = f"{api.address}/assignments"
        api.answers.extend(JSONResponse({"data": [], "pages": {"next_url": next_url}}) for _ in range(3))
        assert await problem_of(api, tmp_path / "file") is WaniKaniProblem.MALFORMED


def test_other_files_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "file"
    header = json.dumps(FORMAT)
    for content in ("", "{}", "no JSON", "\xff", '{"format": "wanikani", "version": 9}'):
        path.write_bytes(content.encode("latin-1"))
        with pytest.raises(SourceRejectedError):
            WaniKaniProgress(path)
    for line in ("{}", "[]", "null", '{"id": 1}', json.dumps({"id": 1, "type": [], "readings": 5})):
        path.write_text(f"{header}\n{line}\n")
        source = WaniKaniProgress(path)
        assert [type(note) for note in source.notes()] == [RejectedNote]
        assert source.summary().note_count == 0
    path.write_text(f"{header}\n" + "x" * 1_000_000)
    with pytest.raises(SourceRejectedError):
        list(WaniKaniProgress(path).notes())
