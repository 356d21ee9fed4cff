"""Moments as devices tell them."""

from datetime import UTC, datetime

# Nothing of a learner's is older. What claims to be comes from a device whose clock was never set.
EARLIEST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


def not_ahead(moment: datetime | None, now: datetime) -> datetime:
    """The moment; now where none was told, and where it lies ahead, as by a clock that is wrong."""
    return now if moment is None else min(moment, now)
