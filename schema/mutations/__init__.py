"""The root type of mutations."""

import strawberry

from schema.mutations.account_deletion import AccountDeletionMutations
from schema.mutations.analyzed_texts import AnalyzedTextMutations
from schema.mutations.assignments import AssignmentMutations
from schema.mutations.book_pages import BookPageMutations
from schema.mutations.books import BookMutations
from schema.mutations.cache import CacheMutations
from schema.mutations.card_deletion import CardDeletionMutations
from schema.mutations.card_tags import CardTagMutations
from schema.mutations.cards import CardMutations
from schema.mutations.chapter_progress import ChapterProgressMutations
from schema.mutations.corrections import CorrectionMutations
from schema.mutations.covers import CoverMutations
from schema.mutations.exercises import ExerciseMutations
from schema.mutations.exports import ExportMutations
from schema.mutations.group_members import GroupMemberMutations
from schema.mutations.groups import GroupMutations
from schema.mutations.imports import ImportMutations
from schema.mutations.jobs import JobMutations
from schema.mutations.managed_users import ManagedUserMutations
from schema.mutations.notifications import NotificationMutations
from schema.mutations.reading import ReadingMutations
from schema.mutations.reports import ReportMutations
from schema.mutations.reviews import ReviewMutations
from schema.mutations.revisions import RevisionMutations
from schema.mutations.schedule_changes import ScheduleChangeMutations
from schema.mutations.schedules import ScheduleMutations
from schema.mutations.scheduling import SchedulingMutations
from schema.mutations.study import StudyMutations
from schema.mutations.textbook_editing import TextbookEditingMutations
from schema.mutations.textbooks import TextbookMutations
from schema.mutations.users import UserMutations
from schema.mutations.vacations import VacationMutations
from schema.mutations.webhooks import WebhookMutations


@strawberry.type(description="The mutations. `@requires` names the role they need.")
class Mutation(
    BookMutations,
    BookPageMutations,
    CoverMutations,
    TextbookMutations,
    TextbookEditingMutations,
    UserMutations,
    AccountDeletionMutations,
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
    NotificationMutations,
    GroupMutations,
    GroupMemberMutations,
    AssignmentMutations,
    ExportMutations,
    ImportMutations,
    AnalyzedTextMutations,
    CorrectionMutations,
    ReportMutations,
    RevisionMutations,
    ManagedUserMutations,
    WebhookMutations,
    CacheMutations,
    ScheduleMutations,
):
    pass
