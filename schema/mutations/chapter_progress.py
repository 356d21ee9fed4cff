"""The mutation of the progress in a chapter."""

import strawberry

from domain.enums import Role
from resolvers.mutations import chapter_progress as resolve_progress
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.textbooks import Chapter
from schema.user_errors import UserError

describe_input(
    resolve_progress.UpdateChapterProgressInput,
    "Input of updateChapterProgress.",
    chapter_id="The chapter.",
    is_read="Whether the chapter is read to its end. False for a chapter that was opened.",
    read_at="Time of reading; default now. An earlier time does not replace newer progress.",
)


@strawberry.type(description="Result of updateChapterProgress.")
class UpdateChapterProgressPayload(ViewerPayload):
    chapter: Chapter | None = strawberry.field(description="The chapter.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class ChapterProgressMutations:
    update_chapter_progress = strawberry.mutation(
        resolver=resolve_progress.update_chapter_progress,
        graphql_type=UpdateChapterProgressPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Saves whether the viewer has read a chapter, at which `viewer.continue` continues.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
