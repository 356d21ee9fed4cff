"""Source that counts values and bytes for the limits of a run. Apart, so that its cost can be measured without it."""


def values_lines(number: object) -> list[str]:
    """`number`: an expression."""
    return [f"run.remaining -= {number}"]


def bytes_lines(condition: str, number: str) -> list[str]:
    """`condition`: `if`, `elif` or `else` with its test."""
    return [f"{condition}: run.bytes += {number}"]


def interruption_lines(lists: str) -> list[str]:
    """In a loop over `items`: continue later if other tasks have to run. `lists`: the name of the list's position."""
    return [
        "if run.remaining < 0 and run.is_interrupted():",
        f"    run.deferred.append((found, items, {lists}, path))",
        "    break",
    ]
