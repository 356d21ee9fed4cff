"""Validation of arguments that several fields share."""

from domain.errors import BadUserInput


def validate_days(days: int | None, *, default: int, maximum: int) -> int:
    """The number itself, or the default for null. Raises BadUserInput outside 1..maximum."""
    if days is None:
        return default
    if not 1 <= days <= maximum:
        raise BadUserInput(f"days: {days} is outside 1 to {maximum}.")
    return days
