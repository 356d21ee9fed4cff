"""What tests ask of notifications of the database."""

from db.core import cache_tags
from db.notify.listener import NotificationListener


def notified_columns() -> dict[str, tuple[str, ...]]:
    """The columns that a change of each table must list."""
    return {table: tuple(by_column) for table, (by_column, _) in cache_tags._TAGS_BY_TABLE.items()}


def subscriber_count(changes: NotificationListener) -> int:
    """Those of the rows of a user or a job; the process itself follows whole tables."""
    return sum(len(events) for (_, id), events in changes._subscribers.items() if id is not None)
