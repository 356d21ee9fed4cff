"""Audit entries about textbooks and their chapters."""

from collections.abc import Mapping
from uuid import UUID

from db.core.transaction import Transaction
from db.services.administration import write_audit_entry

# In characters.
MAX_VALUE_OF_LEARNER = 500
# They have nothing of what was written.
_FREE_OF_CONTENT = frozenset(("chapter_ids", "deleted_at", "is_public"))


async def write_textbook_entry(
    transaction: Transaction,
    action: str,
    entity: str,
    entity_id: UUID,
    before: Mapping[str, object],
    after: Mapping[str, object],
    *,
    is_public: bool,
) -> None:
    """Insert an audit log entry, without what was written if the textbook was private before or after the change, and
    with excerpts of what a learner wrote.

    The log is kept without limit, and read by administrators. One statement.
    """
    if not is_public:
        before, after = (
            {name: value for name, value in values.items() if name in _FREE_OF_CONTENT} for values in (before, after)
        )
    # Ten thousand changes in an hour, each with a whole chapter before and after it, would be gigabytes.
    limit = None if transaction.viewer.is_editor else MAX_VALUE_OF_LEARNER
    await write_audit_entry(transaction, action, entity, entity_id, before, after, max_value_length=limit)
