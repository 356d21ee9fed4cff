"""Which cards a note becomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.enums import CardKind
from domain.imports.mapping import ImportMapping, NoteTypeMapping, read_fields
from domain.imports.matching import ImportSubject, SearchedSubject
from domain.imports.records import ExactCard, ImportedCard, ImportedNote, RejectedNote
from domain.imports.schedules import ImportedLog
from domain.imports.text import Expression


class Outcome(StrEnum):
    """The result of a note.

    CREATED: at least one card is new. UPDATED: cards existed and have new reviews. UNCHANGED: all of it was there.
    """

    CREATED = "CREATED"
    UPDATED = "UPDATED"
    UNCHANGED = "UNCHANGED"
    AMBIGUOUS = "AMBIGUOUS"
    UNKNOWN = "UNKNOWN"
    SKIPPED = "SKIPPED"
    EMPTY = "EMPTY"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class PlannedCard:
    """`card` and `log`: None for a note that has no cards of its own."""

    ordinal: int
    kind: CardKind
    card: ImportedCard | None = None
    log: ImportedLog | None = None

    @property
    def exact(self) -> ExactCard | None:
        return None if self.card is None else self.card.exact


@dataclass(frozen=True, slots=True)
class PlannedNote:
    """A note that is imported if its word or kanji is found. `sentence`: the context of its cards, or ''."""

    note: ImportedNote
    subject: ImportSubject
    expression: Expression
    meaning: str
    sentence: str
    cards: Sequence[PlannedCard]

    @property
    def searched(self) -> SearchedSubject:
        return SearchedSubject(self.subject, self.expression, self.note.exact_subject)


@dataclass(frozen=True, slots=True)
class SkippedNote:
    """`reason`: a sentence."""

    line: int
    outcome: Outcome
    reason: str
    form: str = ""


# Returns the log of a card.
ToLog = Callable[[ImportedCard], ImportedLog]


def plan_note(note: ImportedNote | RejectedNote, mapping: ImportMapping, to_log: ToLog) -> PlannedNote | SkippedNote:
    if isinstance(note, RejectedNote):
        return SkippedNote(note.line, Outcome.REJECTED, note.reason, note.text)
    mapped = mapping.note_types.get(note.note_type)
    if mapped is None or mapped.expression is None:
        return SkippedNote(note.line, Outcome.SKIPPED, f"The note type {note.note_type!r} is not imported.")
    cards = _cards(note, mapped, mapping.decks, to_log)
    if not cards:
        return SkippedNote(note.line, Outcome.SKIPPED, "Its decks or templates are not imported.")
    expression, meaning, sentence = read_fields(note, mapped)
    if not expression.form:
        return SkippedNote(note.line, Outcome.EMPTY, f"The field {mapped.expression!r} has no word.")
    return PlannedNote(note, mapped.subject, expression, meaning, sentence, cards)


def _cards(
    note: ImportedNote, mapped: NoteTypeMapping, decks: frozenset[str] | None, to_log: ToLog
) -> list[PlannedCard]:
    if not note.cards:
        if decks is not None and note.deck not in decks:
            return []
        kinds = list(dict.fromkeys(kind for kind in mapped.kinds if kind is not None))
        return [PlannedCard(index, kind) for index, kind in enumerate(kinds)]
    return [
        PlannedCard(card.ordinal, kind, card, to_log(card))
        for card in note.cards
        if (decks is None or (card.deck or note.deck) in decks)
        and (kind := mapped.kinds[card.ordinal] if 0 <= card.ordinal < len(mapped.kinds) else None) is not None
    ]
