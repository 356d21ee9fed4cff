"""Administrators run periodic tasks immediately."""

from db.commands.schedules import request_run
from db.core.transaction import Transaction
from db.queries.schedules import ScheduleRow
from db.services.administration import write_audit_entry
from domain.user_errors import UserErrorCode, invalid_input


async def run_schedule(transaction: Transaction, name: str, path: str | None = "name") -> ScheduleRow:
    """Make the task due. A worker runs it within its interval of polls. Two statements.

    Raises InvalidInput for an unknown task.
    """
    schedule = await transaction.row(request_run, name=name)
    if schedule is None:
        message = f"No worker has the task {name!r}."
        raise invalid_input(UserErrorCode.NOT_FOUND, message, *([] if path is None else [path]))
    await write_audit_entry(transaction, "runSchedule", "User", transaction.viewer.id, {}, {"schedule": name})
    return schedule
