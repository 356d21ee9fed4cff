"""Queries for assignments of the viewer's groups, and for progress in them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import READ_FIRST, Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.assignments import CONTENT, assignments
from db.tables.base import Timestamp
from db.tables.groups import group_members
from domain.groups import GroupRole
from domain.ids import AssignmentId, BookId, ChapterId, GroupId, TextbookId


class AssignmentRow(Row):
    """An assignment of a textbook, a chapter or a book."""

    __slots__ = ()
    id: AssignmentId
    group_id: GroupId
    textbook_id: TextbookId | None
    chapter_id: ChapterId | None
    book_id: BookId | None
    note: str
    due_at: datetime
    created_at: datetime


class AssignmentProgressRow(Row):
    """The progress of one learner. `score` is None without an attempt at an exercise."""

    __slots__ = ()
    assignment_id: AssignmentId
    percent: float
    score: float | None
    last_activity_at: datetime | None


_assignments = select(*row_columns(assignments, AssignmentRow))
_by_due_time = assignments.c.due_at, assignments.c.id

assignments_by_id = Query(_assignments.where(any_of(assignments.c.id, IDS)), AssignmentRow, rls_scoped=True)
paged_assignments_of_groups = NestedPagedQuery(
    _assignments, assignments.c.group_id, Ordering("group.assignments", _by_due_time), AssignmentRow, rls_scoped=True
)


@dataclass
class AssignmentFilter(ListFilter):
    """Filters of the viewer's assignments."""

    due_from: datetime | None = filter_field(
        Filter("Inclusive lower bound of the due time.", lambda table, time: table.c.due_at >= time, Timestamp)
    )
    due_to: datetime | None = filter_field(
        Filter("Exclusive upper bound of the due time.", lambda table, time: table.c.due_at < time, Timestamp)
    )


@cache_by_variant
def paged_assignments(filter: AssignmentFilter) -> PagedQuery[AssignmentRow]:
    """The assignments of groups in which the viewer is a learner. Parameters: those of the filter, and viewer_id."""
    own = _assignments.join(group_members, group_members.c.group_id == assignments.c.group_id).where(
        group_members.c.user_id == VIEWER_ID, group_members.c.role == GroupRole.LEARNER.value
    )
    return PagedQuery(
        filter.apply(own, assignments), Ordering("assignment", _by_due_time), AssignmentRow, rls_scoped=True
    )


class FoundRow(Row):
    """Says that something exists."""

    __slots__ = ()
    found: bool


# No row unless all learners can read it. Parameters: textbook_id, chapter_id, book_id, all but one null.
assignable_content = Query(
    text("""
select true as found from textbooks
    where id = :textbook_id and is_public and status = 'READY' and deleted_at is null
union all
select true from chapters join textbooks on textbooks.id = textbook_id
    where chapters.id = :chapter_id and is_public and textbooks.deleted_at is null and chapters.deleted_at is null
union all
select true from books where id = :book_id and published_at is not null and deleted_at is null
""").bindparams(*(bindparam(name, type_=UUID) for name in CONTENT)),
    FoundRow,
    rls_scoped=True,
)

# A chapter consists of its text and its exercises: all of them count the same.
PROGRESS = f"""
with progress as {READ_FIRST} (
    select chapter_id, is_read, last_read_at from chapter_progress where user_id = :viewer_id
),
attempts as {READ_FIRST} (select exercise_id, correct_count from exercise_attempts where user_id = :viewer_id),
reading as {READ_FIRST} (
    select book_id, current_page, finished_at, last_read_at from reading_progress where user_id = :viewer_id
),
wanted as (select * from assignments where id = any(:ids)),
parts as (
    select wanted.id, chapter_id from wanted where chapter_id is not null
    union all
    select wanted.id, chapters.id from wanted join chapters using (textbook_id) where chapters.deleted_at is null
),
totals as (
    select parts.id, count(*) + sum(exercise_count) as part_count,
        count(*) filter (where is_read) + sum(done_count) as done_count,
        sum(correct)::float8 / nullif(sum(prompts), 0) as score, max(last_read_at) as last_read_at
    from parts
    left join progress on progress.chapter_id = parts.chapter_id
    cross join lateral (
        select count(*) as exercise_count, count(best.correct) as done_count, sum(best.correct) as correct,
            sum(jsonb_array_length(prompts)) filter (where best.correct is not null) as prompts
        from exercises cross join lateral (
            select max(correct_count) as correct from attempts where exercise_id = exercises.id
        ) as best
        where exercises.chapter_id = parts.chapter_id
    ) as exercises
    group by parts.id
)
select wanted.id as assignment_id,
    coalesce(
        case
            when finished_at is not null then 100.0
            when current_page is not null then least(current_page::float8 * 100 / page_count, 100)
        end,
        done_count::float8 * 100 / nullif(part_count, 0),
        0
    ) as percent,
    score,
    greatest(reading.last_read_at, totals.last_read_at) as last_activity_at
from wanted
left join totals using (id)
left join books on books.id = wanted.book_id
left join reading on reading.book_id = wanted.book_id
"""  # noqa: S608  # a constant is put in, never a value
# The viewer's own. Parameters: ids, viewer_id.
progress_by_assignment_id = Query(
    text(PROGRESS).bindparams(bindparam("ids", type_=ARRAY(UUID)), VIEWER_ID), AssignmentProgressRow, rls_scoped=True
)
