"""The words, kanji and cards of a batch of notes: those of the dictionary, and own words of the learner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from db.commands import imported_cards as commands
from db.commands.cards import SubjectColumn, SubjectId, subject_ids
from db.commands.imported_cards import LearnerSettingsRow
from db.commands.locked_cards import LockedCardRow
from db.core.transaction import Transaction
from db.queries.imports import kana_words
from db.services.custom_vocabulary import save_words
from domain.custom_vocabulary import CustomWord
from domain.enums import CardKind
from domain.ids import CardId, new_id
from domain.imports.mapping import ImportMapping, UnknownWords
from domain.imports.matching import Match, MatchKind, SearchedSubject
from domain.imports.plan import PlannedNote
from domain.leeches import LeechRule
from domain.scheduling import Schedule, SchedulingAlgorithm

# What cards are about: the column of its id, and the id.
Subject = tuple[SubjectColumn, SubjectId]


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card that is not in the database yet, as LockedCardRow has it. `new`: its schedule before the first review."""

    id: CardId
    subject: Subject
    kind: CardKind
    settings: LearnerSettingsRow
    created_at: datetime
    new: Schedule
    deleted_at: None = None
    suspended: bool = False
    suspended_as_leech: bool = False
    dismissed_leech_marks: int = 0
    flag: int = 0
    lapses: int = 0

    @property
    def algorithm(self) -> SchedulingAlgorithm:
        return self.settings.algorithm

    @property
    def leech_rule(self) -> LeechRule:
        return self.settings.leech_rule

    def values(self, schedule: Schedule) -> tuple[object, ...]:
        """Return the row to insert, with the schedule after its log."""
        column, id = self.subject
        return (self.id, *subject_ids(id, column), self.kind.value, self.created_at, *schedule)


# The cards of a batch by subject and kind.
Cards = Mapping[tuple[Subject, CardKind], LockedCardRow | NewCard]
_COLUMNS: tuple[SubjectColumn, ...] = ("vocabulary_id", "kanji_id", "custom_vocabulary_id")


async def find_subjects(
    transaction: Transaction,
    notes: Iterable[PlannedNote],
    matches: Mapping[SearchedSubject, Match],
    mapping: ImportMapping,
) -> dict[int, Subject | None]:
    """Return the subject of each note by its line. Up to three statements, which save unknown words as own ones."""
    subjects: dict[int, Subject | None] = {}
    own: dict[int, CustomWord] = {}
    for note in notes:
        found, line = matches[note.searched], note.note.line
        id = found.vocabulary_id
        is_chosen = found.kind is MatchKind.AMBIGUOUS and note.expression in mapping.choices
        if is_chosen:
            id = mapping.choices[note.expression]
        if found.kanji_id is not None:
            subjects[line] = "kanji_id", found.kanji_id
            continue
        subjects[line] = None if id is None else ("vocabulary_id", id)
        if id is None and (is_chosen or found.kind is MatchKind.UNKNOWN):
            exact = note.note.exact_subject
            written = CustomWord(note.expression.form, note.expression.reading or "", note.meaning)
            own[line] = exact if isinstance(exact, CustomWord) else written
    if own and mapping.unknown_words is UnknownWords.CREATE:
        ids = await save_words(transaction, own.values())
        subjects |= {line: ("custom_vocabulary_id", ids[word[:2]]) for line, word in own.items()}
    return subjects


async def find_cards(
    transaction: Transaction, notes: Iterable[PlannedNote], subjects: Mapping[int, Subject | None]
) -> tuple[Cards, set[CardId]]:
    """Lock the cards of the subjects, and return them with those that are missing. Up to three statements.

    Returns the ids of the missing ones, too, which are inserted with their reviews.
    """
    # With the time at which an export says that the card was created.
    wanted: dict[tuple[Subject, CardKind], datetime | None] = {}
    for note in notes:
        subject = subjects[note.note.line]
        if subject is None:
            continue
        has_reading_card = subject[0] != "custom_vocabulary_id" or _has_reading_card(note)
        for card in note.cards:
            if card.kind is not CardKind.READING or has_reading_card:
                created_at = None if card.exact is None else card.exact.created_at
                wanted[subject, card.kind] = wanted.get((subject, card.kind)) or created_at
    if not wanted:
        return {}, set()
    ids = {column: list({id for (of, id), _ in wanted if of == column}) for column in _COLUMNS}
    locked = await transaction.rows(
        commands.lock_cards_of_subjects,
        ids=ids["vocabulary_id"],
        kanji_ids=ids["kanji_id"],
        own_ids=ids["custom_vocabulary_id"],
    )
    present = {(_subject_of(card), CardKind(card.kind)): card for card in locked}
    new = await _new_cards(transaction, {key: at for key, at in wanted.items() if key not in present})
    found = {key: card for key, card in present.items() if key in wanted}
    return found | new, {card.id for card in new.values()}


async def _new_cards(
    transaction: Transaction, missing: Mapping[tuple[Subject, CardKind], datetime | None]
) -> dict[tuple[Subject, CardKind], NewCard]:
    """Return cards, due when they were created: now, unless the source says when. Up to two statements."""
    if not missing:
        return {}
    read = [id for (column, id), kind in missing if column == "vocabulary_id" and kind is CardKind.READING]
    in_kana = {row.id for row in await transaction.rows(kana_words, ids=read)} if read else set()
    settings = await transaction.row(commands.learner_settings)
    assert settings is not None  # Locked by the caller.
    now = transaction.now
    return {
        (subject, kind): NewCard(
            CardId(new_id()), subject, kind, settings, created := min(at or now, now), Schedule.initial(created)
        )
        for (subject, kind), at in missing.items()
        if kind is not CardKind.READING or subject[1] not in in_kana
    }


def _has_reading_card(note: PlannedNote) -> bool:
    form, reading = note.expression
    return CustomWord(form, reading or "", "").has_reading_card


def _subject_of(card: LockedCardRow) -> Subject:
    if card.custom_vocabulary_id is not None:
        return "custom_vocabulary_id", card.custom_vocabulary_id
    if card.kanji_id is not None:
        return "kanji_id", card.kanji_id
    assert card.vocabulary_id is not None  # A card has one of the three.
    return "vocabulary_id", card.vocabulary_id
