"""Resolvers of Relay's `node` and `nodes`."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import strawberry

from common.text import truncate
from db.queries.administration import AuditEntryRow
from db.queries.analyzed_texts import AnalyzedTextRow
from db.queries.assignments import AssignmentRow
from db.queries.books import BookRow
from db.queries.cards import CardRow, RescheduledCard
from db.queries.corrections import CorrectionRow
from db.queries.custom_vocabulary import CustomVocabularyRow
from db.queries.exercises import AttemptRow, ExerciseRow
from db.queries.groups import GroupInvitationRow, GroupMemberRow, GroupRow
from db.queries.imports import ImportRow
from db.queries.jobs import JobRow
from db.queries.managed_users import ManagedUserRow
from db.queries.notifications import NotificationRow
from db.queries.reading import BookProgressRow, JoinedProgress
from db.queries.reports import ReportRow
from db.queries.reviews import NewReview, ReviewRow
from db.queries.textbook_progress import ChapterProgressRow, TextbookProgressRow
from db.queries.textbooks import ChapterRow, TextbookRow
from db.queries.users import AccountRow, StudySettingsRow, UserRow
from db.queries.vocabulary import KanjiRow, VocabularyRow
from db.queries.webhooks import WebhookDeliveryRow, WebhookRow
from domain.errors import BadUserInput
from domain.ids import global_id, parse_global_id
from domain.viewer import Dashboard, Viewer
from engine.plan.selected_attributes import reads_attributes
from loaders import Loaders
from loaders.base import Loader
from resolvers.context import Info

MAX_NODES = 100


class _TypeNames(dict[type[object], str]):
    """GraphQL type names by the class of a row or a domain value. A subclass has the name of its base."""

    def __missing__(self, row: type[object]) -> str:
        name = self[row] = next(self[base] for base in row.__mro__[1:] if base in self)
        return name


_TYPE_NAMES = _TypeNames(
    {
        AccountRow: "User",
        AnalyzedTextRow: "AnalyzedText",
        AssignmentRow: "Assignment",
        AttemptRow: "ExerciseAttempt",
        AuditEntryRow: "AuditEntry",
        BookProgressRow: "BookProgress",
        JoinedProgress: "BookProgress",
        BookRow: "Book",
        CardRow: "Card",
        RescheduledCard: "Card",
        ChapterProgressRow: "ChapterProgress",
        ChapterRow: "Chapter",
        CorrectionRow: "Correction",
        CustomVocabularyRow: "CustomVocabulary",
        Dashboard: "Dashboard",
        ExerciseRow: "Exercise",
        GroupInvitationRow: "GroupInvitation",
        GroupMemberRow: "GroupMember",
        GroupRow: "Group",
        ImportRow: "Import",
        JobRow: "Job",
        KanjiRow: "Kanji",
        ManagedUserRow: "ManagedUser",
        NotificationRow: "Notification",
        ReportRow: "Report",
        ReviewRow: "Review",
        NewReview: "Review",
        StudySettingsRow: "StudySettings",
        TextbookProgressRow: "TextbookProgress",
        TextbookRow: "Textbook",
        UserRow: "User",
        Viewer: "Viewer",
        VocabularyRow: "Vocabulary",
        WebhookDeliveryRow: "WebhookDelivery",
        WebhookRow: "Webhook",
    }
)

_LOADERS: dict[str, Callable[[Loaders], Loader[Any, Any]]] = {
    "AnalyzedText": lambda loaders: loaders.analyzed_texts.text_by_id,
    "Assignment": lambda loaders: loaders.assignments.assignment_by_id,
    "AuditEntry": lambda loaders: loaders.administration.audit_entry_by_id,
    "Book": lambda loaders: loaders.books.book_by_id,
    "BookProgress": lambda loaders: loaders.books.progress_by_id,
    "Card": lambda loaders: loaders.cards.card_by_id,
    "Chapter": lambda loaders: loaders.textbooks.chapter_by_id,
    "ChapterProgress": lambda loaders: loaders.textbooks.progress_by_chapter_id,
    "Correction": lambda loaders: loaders.corrections.correction_by_id,
    "CustomVocabulary": lambda loaders: loaders.custom_vocabulary.custom_vocabulary_by_id,
    "Exercise": lambda loaders: loaders.exercises.exercise_by_id,
    "ExerciseAttempt": lambda loaders: loaders.exercises.attempt_by_id,
    "Group": lambda loaders: loaders.groups.group_by_id,
    "GroupInvitation": lambda loaders: loaders.groups.invitation_by_id,
    "GroupMember": lambda loaders: loaders.groups.member_by_id,
    "Import": lambda loaders: loaders.imports.import_by_id,
    "Job": lambda loaders: loaders.jobs.job_by_id,
    "Kanji": lambda loaders: loaders.vocabulary.kanji_by_id,
    "ManagedUser": lambda loaders: loaders.managed_users.user_by_id,
    "Notification": lambda loaders: loaders.notifications.notification_by_id,
    "Report": lambda loaders: loaders.reports.report_by_id,
    "Review": lambda loaders: loaders.cards.review_by_id,
    "StudySettings": lambda loaders: loaders.users.settings_by_user_id,
    "Textbook": lambda loaders: loaders.textbooks.textbook_by_id,
    "TextbookProgress": lambda loaders: loaders.textbooks.progress_by_textbook_id,
    "User": lambda loaders: loaders.users.user_by_id,
    "Vocabulary": lambda loaders: loaders.vocabulary.vocabulary_by_id,
    "Webhook": lambda loaders: loaders.webhooks.webhook_by_id,
    "WebhookDelivery": lambda loaders: loaders.webhooks.delivery_by_id,
}

# Objects of the viewer that need no statement. They have the viewer's id.
_OF_VIEWER: dict[str, Callable[[Viewer], object]] = {
    "Dashboard": lambda viewer: Dashboard(viewer.id),
    "Viewer": lambda viewer: viewer,
}


async def load_node(loaders: Loaders, type_name: str, id: UUID) -> object | None:
    """The object with this id, None if the viewer does not see it."""
    found: object | None = await _LOADERS[type_name](loaders).load(id)
    return found


def get_type_name(found: object) -> str:
    """The GraphQL type name of a row or a domain value."""
    return _TYPE_NAMES[type(found)]


@reads_attributes("id")
def id(parent: strawberry.Parent[Any]) -> str:
    return global_id(_TYPE_NAMES[type(parent)], parent.id)


async def node(info: Info, id: strawberry.ID) -> object | None:
    type_name, found_id = _parse(id)
    if type_name in _OF_VIEWER:
        viewer = info.context.viewer
        return _OF_VIEWER[type_name](viewer) if viewer is not None and viewer.id == found_id else None
    return await load_node(info.context.loaders, type_name, found_id)


async def nodes(
    info: Info,
    ids: list[strawberry.ID],
) -> list[object | None]:
    if len(ids) > MAX_NODES:
        raise BadUserInput(f"ids has {len(ids)} items; the maximum is {MAX_NODES}.")
    return await asyncio.gather(*(_node_or_error(info, id) for id in ids))


async def _node_or_error(info: Info, id: strawberry.ID) -> object | None:
    """The object, or the error, which the executor reports for this item."""
    try:
        return await node(info, id)
    except Exception as error:
        return error


def _parse(value: str) -> tuple[str, UUID]:
    type_name, id = parse_global_id(value)
    if type_name not in _LOADERS and type_name not in _OF_VIEWER:
        raise BadUserInput(f"{truncate(value)!r} is a global id of the unknown type {truncate(type_name)}.")
    return type_name, id
