"""The root type of mutations."""

import strawberry

from schema.mutations.analyzed_texts import AnalyzedTextMutations
from schema.mutations.books import BookMutations
from schema.mutations.cache import CacheMutations
from schema.mutations.card_deletion import CardDeletionMutations
from schema.mutations.card_tags import CardTagMutations
from schema.mutations.cards import CardMutations
from schema.mutations.chapter_progress import ChapterProgressMutations
from schema.mutations.exercises import ExerciseMutations
from schema.mutations.exports import ExportMutations
from schema.mutations.jobs import JobMutations
from schema.mutations.managed_users import ManagedUserMutations
from schema.mutations.reading import ReadingMutations
from schema.mutations.reviews import ReviewMutations
from schema.mutations.schedule_changes import ScheduleChangeMutations
from schema.mutations.scheduling import SchedulingMutations
from schema.mutations.study import StudyMutations
from schema.mutations.textbooks import TextbookMutations
from schema.mutations.users import UserMutations
from schema.mutations.vacations import VacationMutations


@strawberry.type(description="The mutations. `@requires` names the role they need.")
class Mutation(
    BookMutations,
    TextbookMutations,
    UserMutations,
    CardMutations,
    CardTagMutations,
    CardDeletionMutations,
    ScheduleChangeMutations,
    ReviewMutations,
    SchedulingMutations,
    StudyMutations,
    VacationMutations,
    ReadingMutations,
    ExerciseMutations,
    ChapterProgressMutations,
    JobMutations,
    ExportMutations,
    AnalyzedTextMutations,
    ManagedUserMutations,
    CacheMutations,
):
    pass
