"""Validation of arguments that several fields share."""

from domain.ranges import check_range


def validate_days(days: int | None, *, default: int, maximum: int) -> int:
    """The number itself, or the default for null. Raises BadUserInput outside 1..maximum."""
    if days is None:
        return default
    check_range("days", days, 1, maximum)
    return days
