"""How long rows are stored after they were deleted."""

from datetime import timedelta

# How long soft-deleted rows can be restored.
DELETED_ROW_RETENTION = timedelta(days=30)
