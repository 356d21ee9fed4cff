"""Ranges of arguments."""

from domain.errors import BadUserInput


def check_range(name: str, value: float, minimum: float, maximum: float) -> None:
    """Raise BadUserInput, with the name and the value of the argument, outside minimum..maximum."""
    if not minimum <= value <= maximum:
        raise BadUserInput(f"{name}: {value} is outside {minimum} to {maximum}.")
