"""Strings for error messages."""


def truncate(value: str, max_length: int = 60) -> str:
    """The string, cut to `max_length` characters, of which the last is then an ellipsis."""
    return value if len(value) <= max_length else value[: max_length - 1] + "…"
