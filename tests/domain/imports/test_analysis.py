"""The largest decks and note types of a source are shown, and warnings name what is beyond the limits."""

import pytest

from domain.imports.analysis import MAX_DECKS, MAX_NOTE_TYPES, ImportAnalysis, MatchCounts, guess_mappings
from domain.imports.mapping import ImportMapping, NoteTypeMapping
from domain.imports.records import ImportFormat, SourceDeck, SourceField, SourceNoteType, SourceSummary
from domain.user_errors import InvalidInput


def analysis_of(note_types: int, decks: int) -> ImportAnalysis:
    """Each is larger than the one before, and the last is first by name."""
    summary = SourceSummary(
        ImportFormat.ANKI21,
        tuple(SourceDeck(f"Deck {1_000 - size}", size) for size in range(1, decks + 1)),
        tuple(SourceNoteType(f"Type {size}", (SourceField("Word"),), (), size) for size in range(1, note_types + 1)),
        warnings=("Another.",),
    )
    return ImportAnalysis.of(summary, guess_mappings(summary), MatchCounts())


def test_all_of_a_usual_collection() -> None:
    found = analysis_of(MAX_NOTE_TYPES, MAX_DECKS)
    assert (len(found.note_types), len(found.decks), found.warnings) == (100, 200, ("Another.",))


def test_the_largest_of_others() -> None:
    found = analysis_of(MAX_NOTE_TYPES + 3, MAX_DECKS + 50)
    assert [each.note_count for each in found.note_types] == list(range(103, 3, -1))
    assert [deck.card_count for deck in found.decks] == list(range(250, 50, -1))
    assert found.warnings == (
        "3 of 103 note types, with 6 notes, are not imported: the limit is 100, and others have more notes.",
        "50 of 250 decks cannot be chosen, because others have more cards. They are imported if no decks are chosen.",
        "Another.",
    )


def test_unknown_names_are_rejected_at_their_paths() -> None:
    found = analysis_of(3, 3)
    mapped = NoteTypeMapping("Word")
    found.check_mapping(ImportMapping({"Type 1": mapped}), ["Deck 999", "Deck 998"])
    for note_type, field, decks, path in (
        ("Type 4", "Word", [], ("noteTypes", "0", "name")),
        ("Type 1", "Other", [], ("noteTypes", "0", "expression")),
        ("Type 1", "Word", ["Deck 999", "deck 998"], ("decks", "1")),
    ):
        with pytest.raises(InvalidInput) as raised:
            found.check_mapping(ImportMapping({note_type: NoteTypeMapping(field)}), decks)
        assert [error.path for error in raised.value.errors] == [path]
