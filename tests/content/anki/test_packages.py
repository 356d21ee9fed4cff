"""Packages of Anki in all formats are read as Anki itself reads them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.enums import CardKind, CardState
from domain.imports.memory_states import memory_from_sm2
from domain.imports.records import (
    ImportedCard,
    ImportedNote,
    ImportedReviewKind,
    ImportFormat,
    Rating,
    RejectedNote,
    SourceDeck,
)
from tests.content.anki.collections import DAYS, PACKAGES, edited, opened

FORMATS = {
    "sm2.anki2.apkg": ImportFormat.ANKI2,
    "sm2.anki21.apkg": ImportFormat.ANKI21,
    "sm2.anki21.colpkg": ImportFormat.ANKI21,
    "sm2.anki21b.apkg": ImportFormat.ANKI21B,
    "fsrs.anki21b.apkg": ImportFormat.ANKI21B,
    "fsrs.anki21b.colpkg": ImportFormat.ANKI21B,
}
STATES = (CardState.NEW, CardState.LEARNING, CardState.REVIEW, CardState.RELEARNING)
KINDS = tuple(ImportedReviewKind)
SUSPENDED = -1


def expected(package: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PACKAGES / f"{package.partition('.')[0]}.json").read_text())
    return found


def read(package: Path) -> list[ImportedNote]:
    with opened(package) as source:
        notes = list(source.notes())
    assert not [note for note in notes if isinstance(note, RejectedNote)]
    return [note for note in notes if isinstance(note, ImportedNote)]


def cards_by_name(package: str | Path, of: str) -> dict[str, ImportedCard]:
    """The cards that `make_packages.py` names."""
    found = expected(of)
    ids = {note["guid"]: note["cards"][0] for note in found["notes"]}
    return {found["names"][str(ids[note.key]["id"])]: note.cards[0] for note in read(PACKAGES / package)}


@pytest.mark.parametrize("package", FORMATS)
def test_agrees_with_anki(package: str) -> None:
    notes = read(PACKAGES / package)
    for note, of_anki in zip(notes, expected(package)["notes"], strict=True):
        assert (note.key, note.note_type) == (of_anki["guid"], of_anki["noteType"])
        assert note.fields == of_anki["fields"]
        assert sorted(note.tags) == sorted(of_anki["tags"])
        for card, of_card in zip(note.cards, of_anki["cards"], strict=True):
            assert (card.deck or note.deck) == of_card["deck"]
            check_card(card, of_card)


def check_card(card: ImportedCard, of_anki: dict[str, Any]) -> None:
    assert card.ordinal == of_anki["ord"]
    assert card.state is STATES[of_anki["type"]]
    assert (card.lapses, card.flag) == (of_anki["lapses"], of_anki["flag"])
    assert card.suspended == (of_anki["queue"] == SUSPENDED)
    due = of_anki["dueDate"] and datetime.fromtimestamp(of_anki["dueDate"], UTC)
    if card.state is CardState.NEW:
        assert card.due_at is None
    elif card.state is CardState.REVIEW:
        assert card.due_at == DAYS.start_of(DAYS.day_of(due))
        assert card.interval_days == max(of_anki["interval"], 1)
    else:
        assert card.due_at == due
    if of_anki["stability"] is not None:
        assert (card.stability, card.difficulty) == pytest.approx((of_anki["stability"], of_anki["difficulty"]))
    if of_anki["ease"] and card.state is not CardState.NEW:
        assert card.ease_factor == pytest.approx(of_anki["ease"] / 1000)
    for review, of_review in zip(card.reviews, of_anki["reviews"], strict=True):
        assert review.key == str(of_review["id"])
        assert review.reviewed_at == datetime.fromtimestamp(of_review["id"] / 1000, UTC)
        assert review.rating == (of_review["button"] or None)
        interval = of_review["interval"]
        assert review.interval_days == pytest.approx(interval if interval >= 0 else -interval / 86_400)
        assert review.duration_ms == of_review["milliseconds"]


def test_states_of_cards() -> None:
    cards = cards_by_name("sm2.anki21b.apkg", "sm2")
    assert cards["filtered"].state is CardState.REVIEW
    assert cards["leech"].lapses == 8
    assert [card for name, card in cards.items() if card.suspended] == [cards["suspended"]]
    assert (cards["review"].repetitions, cards["relearning"].repetitions) == (6, 0)
    # Made new again after three reviews.
    assert (cards["flagged"].state, cards["flagged"].repetitions, len(cards["flagged"].reviews)) == (
        CardState.NEW,
        0,
        4,
    )
    assert cards["flagged"].reviews[-1].kind is ImportedReviewKind.MANUAL
    assert cards["rescheduled"].reviews[-1].kind is ImportedReviewKind.RESCHEDULED
    unusual = [(review.rating, review.kind) for review in cards["unusual"].reviews[3:]]
    assert unusual == [
        (None, ImportedReviewKind.RESCHEDULED),
        (Rating.GOOD, ImportedReviewKind.REVIEW),
        # Of a filtered deck that reschedules.
        (Rating.GOOD, ImportedReviewKind.REVIEW),
    ]


def test_kinds_follow_templates_and_samples() -> None:
    kinds = {
        (note.note_type, card.ordinal): card.kind for note in read(PACKAGES / "sm2.anki21.apkg") for card in note.cards
    }
    assert kinds[("Japanese", 0)] is kinds[("Basic", 0)] is kinds[("Cloze", 1)] is CardKind.RECOGNITION
    assert kinds[("Japanese", 1)] is kinds[("Basic (and reversed card)", 1)] is CardKind.RECALL


def test_memory_is_computed_from_the_log(tmp_path: Path) -> None:
    """FSRS in Anki computed its states from the same logs."""
    recomputed = cards_by_name(edited(tmp_path / "a.apkg", "UPDATE cards SET data = ''"), "sm2")
    of_anki = cards_by_name("fsrs.anki21b.apkg", "fsrs")
    for name in ("review", "relearning", "overdue", "suspended", "learning", "filtered", "unusual"):
        assert recomputed[name].memory == pytest.approx(of_anki[name].memory, rel=0.02), name
    # Its log lacks the start: it begins with the ease factor.
    leech, of_leech = recomputed["leech"].memory, of_anki["leech"].memory
    assert leech is not None
    assert of_leech is not None
    assert leech.difficulty == pytest.approx(of_leech.difficulty, rel=0.05)
    without_log = cards_by_name(edited(tmp_path / "b.apkg", "UPDATE cards SET data = ''", "DELETE FROM revlog"), "sm2")
    assert without_log["review"].memory == memory_from_sm2(2.3, 80)
    assert without_log["review"].repetitions == 10
    assert without_log["new"].memory is None


def test_first_scheduler_had_three_buttons_in_steps(tmp_path: Path) -> None:
    package = edited(
        tmp_path / "old.apkg",
        "UPDATE col SET conf = '{\"schedVer\": 1}'",
        "UPDATE revlog SET ease = 2 WHERE ease = 3 AND type IN (0, 2)",
        "UPDATE cards SET type = 2 WHERE type = 3",
    )
    cards, today = cards_by_name(package, "sm2"), cards_by_name("sm2.anki21.apkg", "sm2")
    assert cards["relearning"].state is CardState.RELEARNING
    assert [review.rating for review in cards["review"].reviews] == [
        review.rating for review in today["review"].reviews
    ]
    # Without the offset of its creation, the days are those of the learner.
    assert cards["review"].due_at == today["review"].due_at


def test_summary() -> None:
    with opened(PACKAGES / "sm2.anki21.colpkg") as source:
        summary = source.summary()
    assert summary.format is ImportFormat.ANKI21
    assert (summary.note_count, summary.card_count, summary.review_count) == (14, 20, 48)
    assert summary.decks == (SourceDeck("Japanese", 15), SourceDeck("Japanese::Kanji", 5))
    assert {note_type.name: note_type.note_count for note_type in summary.note_types} == {
        "Basic": 8,
        "Basic (and reversed card)": 1,
        "Cloze": 1,
        "Japanese": 4,
    }
    [japanese] = [note_type for note_type in summary.note_types if note_type.name == "Japanese"]
    assert japanese.fields[1].samples == ("食[た]べる", "みず", "わすれる")
    assert [template.kind for template in japanese.templates] == [CardKind.RECOGNITION, CardKind.RECALL]
    assert not summary.warnings


@pytest.mark.parametrize("start", [0, 1, 9, 14, 20])
def test_continues_at_a_note(start: int) -> None:
    with opened(PACKAGES / "sm2.anki21.apkg") as source:
        assert list(source.notes(start)) == list(source.notes())[start:]


def test_reads_collections_without_indexes_and_with_odd_values(tmp_path: Path) -> None:
    package = edited(
        tmp_path / "odd.apkg",
        "DROP INDEX ix_cards_nid",
        "DROP INDEX ix_revlog_cid",
        "UPDATE notes SET flds = 'one\x1ftwo\x1fof\x1fmany', guid = '' WHERE id = (SELECT max(id) FROM notes)",
        "UPDATE notes SET flds = CAST(x'ff41' AS TEXT) WHERE id = (SELECT min(id) FROM notes)",
        "UPDATE cards SET due = 9e18, ivl = 'long', factor = -5, flags = 255, data = x'00' WHERE type = 2",
        "INSERT INTO revlog VALUES (-5, (SELECT min(id) FROM cards), 0, 9, 1, 1, 2500, -1, 17)",
        "INSERT INTO revlog VALUES (7, (SELECT min(id) FROM cards), 0, 9, 1, 1, 2500, -1, 17)",
        "INSERT INTO revlog VALUES (8, 12345, 0, 3, 1, 1, 2500, 1, 1)",
    )
    notes = read(package)
    assert notes[0].fields["Expression"] == "\ufffdA"
    assert notes[0].fields["Meaning"] == ""
    assert notes[0].cards[0].reviews[0].rating is None
    assert notes[0].cards[0].reviews[0].duration_ms == 0
    assert notes[-1].key.startswith("note ")
    assert notes[-1].fields == {"Front": "one", "Back": "two"}
    with opened(package) as source:
        assert source.summary().warnings == ("1 reviews are of deleted cards and will not be imported.",)
