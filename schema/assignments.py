"""Assignments of groups."""

import datetime

import strawberry

from db.queries.assignments import AssignmentProgressRow, AssignmentRow
from domain.groups import MAX_MEMBERS
from loaders.assignments import MemberProgress
from resolvers import assignments as resolve_assignments
from schema import lazy_types as ref
from schema import list_sizes
from schema.books import Book
from schema.directives import NULL_ON_ERROR, Cost
from schema.groups import Group, GroupMember
from schema.nodes import Node, is_row
from schema.textbooks import Textbook

_PERCENT = "Share that was done, from 0 to 100: of the pages of a book, or of the texts and exercises of chapters."
_SCORE = "Share of right answers in the best attempt at each exercise, from 0 to 1; null without an attempt."
_LAST_ACTIVITY = "When the learner last read it; null if they did not."


@strawberry.type(description="The viewer's progress in an assignment.")
class AssignmentProgress:
    is_type_of = is_row(AssignmentProgressRow)

    percent: float = strawberry.field(description=_PERCENT)
    is_complete = strawberry.field(
        resolver=resolve_assignments.is_complete, graphql_type=bool, description="Whether all of it was done."
    )
    score: float | None = strawberry.field(description=_SCORE)
    last_activity_at: datetime.datetime | None = strawberry.field(description=_LAST_ACTIVITY)


@strawberry.type(description="The progress of a learner in an assignment, for teachers.")
class AssignmentMemberProgress:
    is_type_of = is_row(MemberProgress)

    member: GroupMember = strawberry.field(description="The learner.")
    percent: float = strawberry.field(description=_PERCENT)
    is_complete = strawberry.field(
        resolver=resolve_assignments.is_complete, graphql_type=bool, description="Whether all of it was done."
    )
    score: float | None = strawberry.field(description=_SCORE)
    last_activity_at: datetime.datetime | None = strawberry.field(description=_LAST_ACTIVITY)


@strawberry.type(description="A textbook, a chapter or a book that a teacher assigned to a group.")
class Assignment(Node):
    is_type_of = is_row(AssignmentRow)

    group = strawberry.field(resolver=resolve_assignments.group, graphql_type=Group | None, description="The group.")
    textbook = strawberry.field(
        resolver=resolve_assignments.textbook,
        graphql_type=Textbook | None,
        description="The textbook; null if another kind of content was assigned.",
    )
    chapter = strawberry.field(
        resolver=resolve_assignments.chapter,
        graphql_type=ref.Chapter | None,
        description="The chapter; null if another kind of content was assigned.",
    )
    book = strawberry.field(
        resolver=resolve_assignments.book,
        graphql_type=Book | None,
        description="The book; null if another kind of content was assigned.",
    )
    note: str = strawberry.field(description="A note of the teacher.", directives=[Cost(weight="10")])
    due_at: datetime.datetime = strawberry.field(description="When it is due.")
    created_at: datetime.datetime = strawberry.field(description="When it was assigned.")
    progress = strawberry.field(
        resolver=resolve_assignments.progress,
        graphql_type=AssignmentProgress | None,
        description="The viewer's own progress.",
        directives=[Cost(weight="5")],
    )
    member_progress = strawberry.field(
        resolver=resolve_assignments.member_progress,
        graphql_type=list[AssignmentMemberProgress] | None,
        description=(
            "The progress of learners who share it, by name, for teachers of the group; empty for others. Each look "
            "at a learner is an entry of the audit log."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="10"), list_sizes.at_most(MAX_MEMBERS)],
    )
