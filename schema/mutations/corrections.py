"""Mutations by which editors correct the dictionary."""

import strawberry

from domain.enums import Role
from resolvers.mutations import corrections as resolve_corrections
from schema import list_sizes
from schema.corrections import Correction
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.kanji import Kanji
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError
from schema.vocabulary import Vocabulary

_VERSION = "`version` of the active correction on which the change is based; 0 if there is none."
_SOURCE = "Where the values come from, such as another dictionary; 1 to 500 characters."
_NOTE = "Why they are better; max 2,000 characters."
_FIELDS = "Omitted and null fields are unchanged."

describe_input(
    resolve_corrections.VocabularyFormInput,
    "A spelling or a reading of a word.",
    text="The form; 1 to 60 characters.",
    kind="Whether it is written with kanji or in kana.",
    is_common="Whether it is in common use.",
    tags="Irregular, outdated and unusual features; max 4.",
)
describe_input(
    resolve_corrections.VocabularySenseInput,
    "A meaning of a word.",
    glosses="1 to 16 English translations of 1 to 300 characters.",
    parts_of_speech="Parts of speech; max 8.",
    fields="Fields of knowledge in which the word has this meaning; max 4.",
    misc="Style and register; max 6.",
    dialects="Dialects; max 4.",
    note="Notes on the usage; max 300 characters.",
    forms="The forms that have this meaning, all by default; max 8.",
)
describe_input(
    resolve_corrections.CorrectVocabularyInput,
    f"Input of correctVocabulary. {_FIELDS}",
    id="The word.",
    expected_version=_VERSION,
    word="The usual spelling, which is one of the forms.",
    reading="Its reading, which is one of the forms in kana.",
    forms="All spellings, then all readings, most common first; 1 to 24.",
    senses="All meanings, most common first; 1 to 30.",
    jlpt_level="The JLPT level; null if the word is in no list.",
    source=_SOURCE,
    note=_NOTE,
)
describe_input(
    resolve_corrections.CorrectSentenceInput,
    f"Input of correctSentence. {_FIELDS}",
    vocabulary_id="The word that the sentence is an example of.",
    position="Position among the examples of the word, from 0 to 2.",
    expected_version=_VERSION,
    japanese="The sentence; 1 to 80 characters.",
    english="English translation; 1 to 300 characters.",
    source=_SOURCE,
    note=_NOTE,
)
describe_input(
    resolve_corrections.CorrectKanjiInput,
    f"Input of correctKanji. {_FIELDS}",
    id="The kanji.",
    expected_version=_VERSION,
    meanings="1 to 15 English meanings of 1 to 100 characters, most common first.",
    onyomi="On'yomi in katakana; max 8 of 1 to 30 characters.",
    kunyomi="Kun'yomi in hiragana, with a dot before okurigana; max 20 of 1 to 30 characters.",
    nanori="Readings in names; max 25 of 1 to 30 characters.",
    source=_SOURCE,
    note=_NOTE,
)
describe_input(
    resolve_corrections.RevertCorrectionInput,
    "Input of revertCorrection.",
    id="The correction.",
    expected_version="The version on which the change is based.",
)


@strawberry.type
class _CorrectWordPayload(ViewerPayload):
    vocabulary: Vocabulary | None = strawberry.field(
        description="The word after the correction; the current one after a version conflict."
    )
    correction: Correction | None = strawberry.field(
        description="The correction; null if all values are those of the release."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of correctVocabulary.")
class CorrectVocabularyPayload(_CorrectWordPayload):
    pass


@strawberry.type(description="Result of correctSentence.")
class CorrectSentencePayload(_CorrectWordPayload):
    pass


@strawberry.type(description="Result of correctKanji.")
class CorrectKanjiPayload(ViewerPayload):
    kanji: Kanji | None = strawberry.field(
        description="The kanji after the correction; the current one after a version conflict."
    )
    correction: Correction | None = strawberry.field(
        description="The correction; null if all values are those of the release."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of revertCorrection.")
class RevertCorrectionPayload(ViewerPayload):
    correction: Correction | None = strawberry.field(
        description="The correction, which is reverted; the current one after a version conflict."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


_EFFECT = (
    "The search, lists and cards follow immediately, and a new release of the dictionary does not undo it. "
    "Returns CONFLICT if `expectedVersion` is not the current version."
)


@strawberry.type
class CorrectionMutations:
    correct_vocabulary = strawberry.mutation(
        resolver=resolve_corrections.correct_vocabulary,
        graphql_type=CorrectVocabularyPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=f"Corrects a word. {_EFFECT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    correct_sentence = strawberry.mutation(
        resolver=resolve_corrections.correct_sentence,
        graphql_type=CorrectSentencePayload | None,
        extensions=[requires(Role.EDITOR)],
        description=f"Corrects an example sentence. {_EFFECT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    correct_kanji = strawberry.mutation(
        resolver=resolve_corrections.correct_kanji,
        graphql_type=CorrectKanjiPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=f"Corrects a kanji. {_EFFECT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    revert_correction = strawberry.mutation(
        resolver=resolve_corrections.revert_correction,
        graphql_type=RevertCorrectionPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=(
            "Gives a word, sentence or kanji the values of the release again. Returns CONFLICT if `expectedVersion` is "
            "not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
