"""Notes, cards and reviews as a source gives them, before they are matched with the dictionary."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol

from domain.custom_vocabulary import CustomWord
from domain.enums import CardKind, CardState
from domain.ids import BookId, CardId, VocabularyId
from domain.scheduling import Schedule, ScheduleChange

# Longer fields are cut. Fields of Anki may contain whole web pages.
MAX_FIELD_LENGTH = 5_000

# Of a field that analyses show.
MAX_SAMPLES = 3


class ImportFormat(StrEnum):
    """What a source is."""

    ANKI2 = "ANKI2"
    ANKI21 = "ANKI21"
    ANKI21B = "ANKI21B"
    ANKI_TEXT = "ANKI_TEXT"
    CSV = "CSV"
    WANIKANI = "WANIKANI"
    SHINJP_EXPORT = "SHINJP_EXPORT"


class Rating(IntEnum):
    """The buttons of Anki."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


class ImportedReviewKind(StrEnum):
    """What a log entry is. CRAM: it moved no schedule. MANUAL, RESCHEDULED: no answer; the schedule was set."""

    LEARNING = "LEARNING"
    REVIEW = "REVIEW"
    RELEARNING = "RELEARNING"
    CRAM = "CRAM"
    MANUAL = "MANUAL"
    RESCHEDULED = "RESCHEDULED"


class SourceRejectedError(Exception):
    """The source cannot be imported at all. The message is a sentence for the learner."""


class Memory(NamedTuple):
    """The memory state of FSRS: `stability` in days, `difficulty` from 1 to 10."""

    stability: float
    difficulty: float


class ExactReview(NamedTuple):
    """What an export of ShinJP has about a review in addition. `day`: None in packages of Anki, which end here."""

    quality: int
    interval_days_before: float
    day: date | None = None
    due_day: date | None = None
    retrievability: int | None = None
    undone: bool = False


class ImportedReview(NamedTuple):
    """An entry of a source's log. `key`: unique in the source. `rating`: None if it is no answer.

    `interval_days`: after it; 0 if the source does not say.
    """

    key: str
    reviewed_at: datetime
    rating: Rating | None
    kind: ImportedReviewKind = ImportedReviewKind.REVIEW
    interval_days: float = 0.0
    duration_ms: int | None = None
    exact: ExactReview | None = None


# The entry of the dictionary that an export of ShinJP names, or the learner's own word.
ExactSubject = VocabularyId | CustomWord


class ExactContext(NamedTuple):
    """The context of a card. `book_id` and `page`: where the text is from."""

    text: str
    book_id: BookId | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class ExactCard:
    """A card as an export of ShinJP has it. `id`: in the account that was exported. `subject`: None for a kanji.

    `changes`: entries of the log other than reviews, which with the reviews lead to the schedule in that account.
    """

    id: CardId
    subject: ExactSubject | None
    created_at: datetime
    schedule: Schedule
    changes: tuple[ScheduleChange, ...] = ()
    suspended_as_leech: bool = False
    dismissed_leech_marks: int = 0
    tags: tuple[str, ...] = ()
    context: ExactContext | None = None


@dataclass(frozen=True, slots=True)
class ImportedCard:
    """A card of a note. `key`: unique in the source. `ordinal`: of its template, from 0. `kind`: what it seems to ask.

    `due_at`: None for a new card. `ease_factor`: as in SM-2, for example 2.5; None if the source has none. `stability`
    and `difficulty`: as in FSRS, if the source states them. `repetitions`: successful reviews. `reviews`: in order of
    time. `compute_memory`: computes the memory state from what else the source has. `exact`: of an export of ShinJP.
    """

    key: str
    ordinal: int = 0
    kind: CardKind = CardKind.RECOGNITION
    state: CardState = CardState.NEW
    due_at: datetime | None = None
    interval_days: float = 0.0
    ease_factor: float | None = None
    repetitions: int = 0
    lapses: int = 0
    stability: float | None = None
    difficulty: float | None = None
    last_reviewed_at: datetime | None = None
    suspended: bool = False
    flag: int = 0
    deck: str | None = None
    """If it is not that of the note."""
    reviews: tuple[ImportedReview, ...] = ()
    compute_memory: Callable[[], Memory | None] | None = field(default=None, compare=False, repr=False)
    exact: ExactCard | None = None

    @property
    def memory(self) -> Memory | None:
        """What the source states, or else what follows from it. Only cards whose state is imported need it."""
        if self.stability is not None and self.difficulty is not None:
            return Memory(self.stability, self.difficulty)
        return None if self.compute_memory is None else self.compute_memory()


@dataclass(frozen=True, slots=True)
class ImportedNote:
    """A note. `key`: the source's stable id, for example Anki's guid. `line`: its line or position, from 1.

    `fields`: text by name of the field, with the source's markup, up to `MAX_FIELD_LENGTH` each. `is_plain`: they have
    no markup, and one word each.
    """

    key: str
    line: int
    note_type: str
    deck: str
    fields: Mapping[str, str]
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    cards: tuple[ImportedCard, ...] = ()
    is_plain: bool = False

    @property
    def exact_subject(self) -> ExactSubject | None:
        return next((card.exact.subject for card in self.cards if card.exact is not None), None)


@dataclass(frozen=True, slots=True)
class RejectedNote:
    """A line or note that cannot be read. `reason`: a sentence for the learner. `text`: its beginning."""

    line: int
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class SourceField:
    """A field of a note type. `samples`: of the first notes that have text in it, up to `MAX_SAMPLES`."""

    name: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceTemplate:
    """A template of cards. `kind`: what it seems to ask."""

    ordinal: int
    name: str
    kind: CardKind = CardKind.RECOGNITION


@dataclass(frozen=True, slots=True)
class SourceNoteType:
    """A note type that notes of the source have."""

    name: str
    fields: tuple[SourceField, ...]
    templates: tuple[SourceTemplate, ...] = ()
    note_count: int = 0


@dataclass(frozen=True, slots=True)
class SourceDeck:
    """A deck with cards. `name`: with its parents, separated by `::`."""

    name: str
    card_count: int = 0


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """What is in a source. `warnings`: sentences for the learner."""

    format: ImportFormat
    decks: tuple[SourceDeck, ...] = ()
    note_types: tuple[SourceNoteType, ...] = ()
    note_count: int = 0
    card_count: int = 0
    review_count: int = 0
    first_reviewed_at: datetime | None = None
    last_reviewed_at: datetime | None = None
    warnings: tuple[str, ...] = field(default=())


class ImportSource(Protocol):
    """An opened source. It blocks: call it in a thread, one call at a time.

    All methods raise `SourceRejectedError`.
    """

    def summary(self) -> SourceSummary:
        """What is in it. Takes bounded memory, and reads the source once at most."""
        ...

    def notes(self, start: int = 0) -> Iterator[ImportedNote | RejectedNote]:
        """Notes in an order that is the same each time, without the first `start` ones. Takes bounded memory."""
        ...

    def close(self) -> None:
        """Release files. Is called once."""
        ...
