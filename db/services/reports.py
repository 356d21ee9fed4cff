"""Learners report mistakes in the content; editors answer."""

from uuid import UUID

import asyncpg

from db.commands import reports as commands
from db.core.transaction import Transaction
from db.queries.reports import ReportRow
from db.services.administration import publish_event, write_audit_entry
from db.services.optimistic_lock import check_version
from domain.enums import EventKind, ReportResolution, ReportState
from domain.ids import ReportId, UserId, new_id
from domain.reports import NewReport
from domain.user_errors import UserErrorCode, invalid_input

_CHANGED = ("state", "assignee_id", "answer")


async def report_content(transaction: Transaction, report: NewReport) -> ReportRow:
    """Insert a report. Two statements. Raises InvalidInput if the viewer has an open one about the object."""
    place = {"type": report.type.value, "object_id": report.object_id, "place": report.place}
    if await transaction.row(commands.open_report, **place) is not None:
        message = "You have an open report about it; an editor will answer."
        raise invalid_input(UserErrorCode.ALREADY_EXISTS, message, "objectId")
    [inserted] = await transaction.rows(
        commands.insert_report,
        report_id=new_id(),
        reason=report.reason.value,
        comment=report.comment,
        proposal=report.proposal,
        **place,
    )
    return inserted


async def assign_report(transaction: Transaction, id: ReportId, expected_version: int, *, release: bool) -> ReportRow:
    """Assign a report to the viewer, or return it to the queue. Three statements.

    Raises InvalidInput for an unknown report, a resolved one, and a version conflict.
    """
    before = await _lock(transaction, id, expected_version)
    state, assignee = (ReportState.OPEN, None) if release else (ReportState.ASSIGNED, transaction.viewer.id)
    return await _update(transaction, before, "assign", state, assignee, before.answer)


async def resolve_report(
    transaction: Transaction, id: ReportId, expected_version: int, resolution: ReportResolution, answer: str | None
) -> ReportRow:
    """Accept or reject a report, and notify the learner. Four statements. Raises like `assign_report`."""
    before = await _lock(transaction, id, expected_version)
    assignee = before.assignee_id or transaction.viewer.id
    after = await _update(transaction, before, "resolve", ReportState(resolution.value), assignee, answer)
    await publish_event(transaction, EventKind.REPORT_RESOLVED, id)
    return after


async def report_author(connection: asyncpg.Connection, id: UUID) -> UserId | None:
    """Return the learner who sent a report, as the owner of the tables; None if the account was purged."""
    user_id: UserId | None = await connection.fetchval("select user_id from reports where id = $1", id)
    return user_id


async def _lock(transaction: Transaction, id: ReportId, expected_version: int) -> ReportRow:
    report = await transaction.row(commands.lock_report, report_id=id)
    if report is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Report not found.", "id")
    check_version(report, expected_version)
    if report.resolved_at is not None:
        raise invalid_input(UserErrorCode.INVALID, f"The report is {report.state}.", "id")
    return report


async def _update(
    transaction: Transaction,
    before: ReportRow,
    action: str,
    state: ReportState,
    assignee_id: UserId | None,
    answer: str | None,
) -> ReportRow:
    is_resolved = state in (ReportState.ACCEPTED, ReportState.REJECTED)
    [after] = await transaction.rows(
        commands.update_report,
        report_id=before.id,
        state=state.value,
        assignee_id=assignee_id,
        answer=answer,
        resolved_at=transaction.now if is_resolved else None,
    )
    states = ({name: row[name] for name in _CHANGED} for row in (before, after))
    await write_audit_entry(transaction, action, "Report", before.id, *states)
    return after
