"""Mutations by which chapters and exercises are written by hand."""

import strawberry

from domain.enums import Role
from domain.list_sizes import MAX_STORED_TEXTBOOKS
from resolvers.mutations import textbook_editing as resolve_editing
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.textbooks import Chapter, Textbook
from schema.user_errors import UserError

_VERSION = "The version of the textbook on which the change is based."
_WORDS = "The words that the chapter teaches, in order; max 16."

describe_input(
    resolve_editing.CreateTextbookInput,
    "Input of createTextbook.",
    title="Title; 1 to 500 characters.",
    description="Description; max 10,000 characters.",
    jlpt_level="JLPT level.",
    topics="1 to 20 topics of 1 to 100 characters.",
    is_public="Whether the textbook is public.",
)
describe_input(
    resolve_editing.CreateChapterInput,
    "Input of createChapter.",
    textbook_id="The textbook.",
    expected_version=_VERSION,
    title="Title; 1 to 500 characters.",
    summary="Summary of the content; 1 to 2,000 characters.",
    content="Content in Markdown; 1 to 30,000 characters.",
    vocabulary_ids=_WORDS,
)
describe_input(
    resolve_editing.UpdateChapterInput,
    "Input of updateChapter. Omitted and null fields are unchanged.",
    id="The chapter.",
    expected_version=_VERSION,
    title="Title; 1 to 500 characters.",
    summary="Summary of the content; 1 to 2,000 characters.",
    content="Content in Markdown; 1 to 30,000 characters.",
    vocabulary_ids=_WORDS,
)
describe_input(
    resolve_editing.DeleteChapterInput, "Input of deleteChapter.", id="The chapter.", expected_version=_VERSION
)
describe_input(
    resolve_editing.RestoreChapterInput, "Input of restoreChapter.", id="The chapter.", expected_version=_VERSION
)
describe_input(
    resolve_editing.ReorderChaptersInput,
    "Input of reorderChapters.",
    textbook_id="The textbook.",
    expected_version=_VERSION,
    chapter_ids="All chapters of the textbook in their new order; 1 to 50.",
)
describe_input(
    resolve_editing.PromptInput,
    "A prompt of an exercise, with its solution.",
    text="The text, with ＿＿＿＿ for a gap; 1 to 300 characters.",
    translation="The English translation of a sentence with a gap; max 300 characters.",
    option="The right option, as an index from 0; required if the exercise has options.",
    answers="For a translation: the right answers, the one to show first; 1 to 10 of 1 to 300 characters.",
    explanation="Why it is right, in English; max 300 characters.",
)
describe_input(
    resolve_editing.ExerciseInput,
    "An exercise of a chapter.",
    id="The exercise, to keep the attempts of learners; omitted for a new one.",
    kind="What to do.",
    title="Title in English; 1 to 200 characters.",
    task="The task in English; 1 to 300 characters.",
    answer_language="The language of the answers.",
    options="1 to 8 options of 1 to 300 characters, which all prompts share; none for a translation.",
    prompts="1 to 8 prompts.",
)
describe_input(
    resolve_editing.SetChapterExercisesInput,
    "Input of setChapterExercises.",
    chapter_id="The chapter.",
    expected_version=_VERSION,
    exercises="All exercises in their order; max 4.",
)
describe_input(
    resolve_editing.CopyTextbookToLibraryInput,
    "Input of copyTextbookToLibrary.",
    id="A public textbook.",
    expected_version=_VERSION,
)


@strawberry.type
class _ChapterPayload(ViewerPayload):
    chapter: Chapter | None = strawberry.field(description="The chapter; null if it is deleted.")
    textbook: Textbook | None = strawberry.field(
        description="The textbook with its new version; the current one after a version conflict."
    )
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class _TextbookPayload(ViewerPayload):
    textbook: Textbook | None = strawberry.field(description="The textbook; the current one after a version conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of createTextbook.")
class CreateTextbookPayload(_TextbookPayload):
    pass


@strawberry.type(description="Result of createChapter.")
class CreateChapterPayload(_ChapterPayload):
    pass


@strawberry.type(description="Result of updateChapter.")
class UpdateChapterPayload(_ChapterPayload):
    pass


@strawberry.type(description="Result of deleteChapter.")
class DeleteChapterPayload(_ChapterPayload):
    pass


@strawberry.type(description="Result of restoreChapter.")
class RestoreChapterPayload(_ChapterPayload):
    pass


@strawberry.type(description="Result of setChapterExercises.")
class SetChapterExercisesPayload(_ChapterPayload):
    pass


@strawberry.type(description="Result of reorderChapters.")
class ReorderChaptersPayload(_TextbookPayload):
    pass


@strawberry.type(description="Result of copyTextbookToLibrary.")
class CopyTextbookToLibraryPayload(_TextbookPayload):
    pass


_OWN = "of one of the viewer's textbooks; editors can change public ones"
_CONFLICT = "Returns CONFLICT if `expectedVersion` is not the current version of the textbook."


@strawberry.type
class TextbookEditingMutations:
    create_textbook = strawberry.mutation(
        resolver=resolve_editing.create_textbook,
        graphql_type=CreateTextbookPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Creates a textbook without chapters, which `createChapter` adds. Returns LIMIT_REACHED if the viewer has "
            f"{MAX_STORED_TEXTBOOKS} textbooks; deleted ones count for the 30 days in which they can be restored."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    create_chapter = strawberry.mutation(
        resolver=resolve_editing.create_chapter,
        graphql_type=CreateChapterPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=f"Adds a last chapter {_OWN}. {_CONFLICT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    update_chapter = strawberry.mutation(
        resolver=resolve_editing.update_chapter,
        graphql_type=UpdateChapterPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=f"Updates a chapter {_OWN}. {_CONFLICT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    delete_chapter = strawberry.mutation(
        resolver=resolve_editing.delete_chapter,
        graphql_type=DeleteChapterPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=f"Deletes a chapter {_OWN}. It is purged after 30 days. {_CONFLICT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    restore_chapter = strawberry.mutation(
        resolver=resolve_editing.restore_chapter,
        graphql_type=RestoreChapterPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=f"Restores a deleted chapter {_OWN}, as the last one. {_CONFLICT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    reorder_chapters = strawberry.mutation(
        resolver=resolve_editing.reorder_chapters,
        graphql_type=ReorderChaptersPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=f"Changes the order of the chapters {_OWN}. {_CONFLICT}",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    set_chapter_exercises = strawberry.mutation(
        resolver=resolve_editing.set_chapter_exercises,
        graphql_type=SetChapterExercisesPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            f"Replaces the exercises of a chapter {_OWN}. Exercises that are given with their id keep the attempts of "
            f"learners; others are deleted with them. {_CONFLICT}"
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    copy_textbook_to_library = strawberry.mutation(
        resolver=resolve_editing.copy_textbook_to_library,
        graphql_type=CopyTextbookToLibraryPayload | None,
        extensions=[requires(Role.EDITOR)],
        description=(
            "Copies a public textbook, with its chapters and exercises, into the library: the copy has no owner, and "
            f"stays when the original is changed or deleted. {_CONFLICT}"
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
