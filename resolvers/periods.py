"""Numbers of days as clients ask for them."""

from domain.errors import BadUserInput


def checked_days(days: int, maximum: int) -> int:
    """The number itself. Raises BadUserInput outside 1..maximum."""
    if not 1 <= days <= maximum:
        raise BadUserInput(f"days: {days} is outside 1 to {maximum}.")
    return days
