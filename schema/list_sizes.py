"""How long lists are: what an argument says, or the most that there can be.

Each has its reason: a constraint of the database, a limit of a statement, or a check of the input. A test fails where a
list was longer than it says here.
"""

from strawberry import UNSET

from domain import list_sizes
from domain.analyzed_texts import MAX_PART_LENGTH
from domain.answers import MAX_EXPECTED
from domain.attributions import ATTRIBUTIONS as ATTRIBUTED
from domain.book_pages import MAX_PAGE_LENGTH, MAX_RUBY_OF_PAGE
from domain.card_tags import DEFAULT_TAGS, MAX_TAGS_OF_CARD
from domain.changes import DEFAULT_CHANGES
from domain.enums import CardKind
from domain.exercises import MAX_EXERCISES, MAX_OPTIONS, MAX_PROMPTS
from domain.imports.analysis import (
    MAX_CANDIDATES,
    MAX_DECKS,
    MAX_FIELDS,
    MAX_NOTE_TYPES,
    MAX_TEMPLATES,
    MAX_UNKNOWN,
    MAX_WARNINGS,
)
from domain.imports.records import MAX_SAMPLES
from domain.notifications import NotificationChannel, NotificationKind
from domain.pages import DEFAULT_PAGE_SIZE
from domain.study_settings import MAX_STEPS, WEEKDAYS
from schema.directives import ListSize

# Relay's connections; those that can only be read forwards have no `last`.
_LISTS = ["edges", "nodes"]
PAGE = ListSize(
    assumed_size=DEFAULT_PAGE_SIZE,
    slicing_arguments=["first", "last"],
    sized_fields=_LISTS,
    require_one_slicing_argument=False,
)
FORWARD_PAGE = ListSize(
    assumed_size=DEFAULT_PAGE_SIZE,
    slicing_arguments=["first"],
    sized_fields=_LISTS,
    require_one_slicing_argument=False,
)

CHANGES = ListSize(
    assumed_size=DEFAULT_CHANGES,
    slicing_arguments=["first"],
    sized_fields=["changes"],
    require_one_slicing_argument=False,
)

FIRST, DAYS, IDS = (
    ListSize(slicing_arguments=[name], require_one_slicing_argument=UNSET) for name in ("first", "days", "ids")
)


def at_most(size: int) -> ListSize:
    """Of a list that no argument makes shorter."""
    return ListSize(assumed_size=size, require_one_slicing_argument=UNSET)


def as_long_as(argument: str, *sized_fields: str) -> ListSize:
    """Of a mutation, whose payload has lists as long as the one of the input."""
    return ListSize(slicing_arguments=[argument], sized_fields=[*sized_fields], require_one_slicing_argument=UNSET)


MEANINGS, ONYOMI, KUNYOMI, NANORI = (
    at_most(size)
    for size in (list_sizes.MAX_MEANINGS, list_sizes.MAX_ONYOMI, list_sizes.MAX_KUNYOMI, list_sizes.MAX_NANORI)
)
VARIANTS, COMPONENTS, STROKES = (
    at_most(size) for size in (list_sizes.MAX_VARIANTS, list_sizes.MAX_COMPONENTS, list_sizes.MAX_STROKES)
)
CLIENTS = at_most(list_sizes.MAX_CLIENTS_OF_USER)
EXAMPLES = at_most(list_sizes.MAX_EXAMPLES)
KANJI_OF_WORD = at_most(list_sizes.MAX_KANJI_OF_WORD)
FORMS, FORM_TAGS, SENSES = (
    at_most(size) for size in (list_sizes.MAX_FORMS, list_sizes.MAX_TAGS, list_sizes.MAX_SENSES)
)
PARTS_OF_SPEECH, FIELDS, LABELS, DIALECTS, GLOSSES, FORMS_OF_SENSE = (
    at_most(size)
    for size in (
        list_sizes.MAX_PARTS_OF_SPEECH,
        list_sizes.MAX_FIELDS,
        list_sizes.MAX_LABELS,
        list_sizes.MAX_DIALECTS,
        list_sizes.MAX_GLOSSES,
        list_sizes.MAX_FORMS_OF_SENSE,
    )
)
CORRECTIONS, CORRECTED_FIELDS = (
    at_most(size) for size in (list_sizes.MAX_CORRECTIONS, list_sizes.MAX_CORRECTED_FIELDS)
)
EXPECTED_ANSWERS = at_most(MAX_EXPECTED)
SENTENCES = ListSize(
    assumed_size=list_sizes.DEFAULT_SENTENCES,
    slicing_arguments=["first"],
    sized_fields=["sentences"],
    require_one_slicing_argument=False,
)
STUDY_SESSION = ListSize(
    assumed_size=DEFAULT_PAGE_SIZE,
    slicing_arguments=["first"],
    sized_fields=["cards"],
    require_one_slicing_argument=False,
)
# Of its default size.
NEXT_STUDY_SESSION = ListSize(
    assumed_size=DEFAULT_PAGE_SIZE, sized_fields=["cards"], require_one_slicing_argument=UNSET
)
TOKENS = at_most(list_sizes.MAX_TOKENS_OF_SENTENCE)
TOKENS_OF_EXAMPLE = at_most(list_sizes.MAX_TOKENS_OF_EXAMPLE)
# A token has at least one character.
TOKENS_OF_PAGE = at_most(MAX_PAGE_LENGTH)
TOKENS_OF_PART = at_most(MAX_PART_LENGTH)
FURIGANA = at_most(list_sizes.MAX_FURIGANA)
KANJI_OF_TOKEN = at_most(list_sizes.MAX_KANJI_OF_TOKEN)
INFLECTIONS_OF_TOKEN = at_most(list_sizes.MAX_INFLECTIONS_OF_TOKEN)
TAGS_OF_CARD = at_most(MAX_TAGS_OF_CARD)
TAGS = ListSize(assumed_size=DEFAULT_TAGS, slicing_arguments=["first"], require_one_slicing_argument=False)
# As many as a change of schedules takes.
CHANGED_CARDS = at_most(list_sizes.MAX_CHANGED_CARDS)
STEPS, PARAMETERS, DAYS_OF_WEEK = at_most(MAX_STEPS), at_most(21), at_most(WEEKDAYS)
TOPICS = at_most(list_sizes.MAX_TOPICS)
CHAPTERS = at_most(list_sizes.MAX_CHAPTERS)
WORDS_OF_CHAPTER = at_most(list_sizes.MAX_WORDS_OF_CHAPTER)
EXERCISES, PROMPTS, OPTIONS = (at_most(size) for size in (MAX_EXERCISES, MAX_PROMPTS, MAX_OPTIONS))
RUBY = at_most(MAX_RUBY_OF_PAGE)
WORDS_TO_LEARN = ListSize(
    assumed_size=list_sizes.DEFAULT_WORDS_TO_LEARN, slicing_arguments=["first"], require_one_slicing_argument=False
)
ERRORS = at_most(list_sizes.MAX_ERRORS)
ERROR_PATH = at_most(list_sizes.MAX_ERROR_PATH)
# One for each topic, and two for chapters.
WARNINGS = at_most(list_sizes.MAX_TOPICS + 2)
TEXTBOOK_TOPICS = at_most(list_sizes.MAX_TEXTBOOK_TOPICS)
ATTRIBUTIONS = at_most(len(ATTRIBUTED))
IMPORT_DECKS, IMPORT_NOTE_TYPES, IMPORT_FIELDS, IMPORT_TEMPLATES, IMPORT_SAMPLES = (
    at_most(size) for size in (MAX_DECKS, MAX_NOTE_TYPES, MAX_FIELDS, MAX_TEMPLATES, MAX_SAMPLES)
)
IMPORT_WARNINGS, CANDIDATES, UNKNOWN_WORDS = (at_most(size) for size in (MAX_WARNINGS, MAX_CANDIDATES, MAX_UNKNOWN))
NOTIFICATION_PREFERENCES = at_most(len(NotificationKind) * len(NotificationChannel))
# N5 to N1.
LEVELS = at_most(5)
# From 0 to 5.
QUALITIES = at_most(6)
# What of a word a search can match.
SEARCH_FIELDS = at_most(4)
INFLECTIONS = at_most(list_sizes.MAX_INFLECTIONS)

CARDS = at_most(len(CardKind))
CREATED_CARDS, CREATED_KANJI_CARDS = (
    ListSize(
        assumed_size=list_sizes.MAX_CREATED_CARDS,
        slicing_arguments=[ids, "input.limit"],
        sized_fields=["cards"],
        require_one_slicing_argument=False,
    )
    for ids in ("input.vocabularyIds", "input.kanjiIds")
)
