"""Names what the modules of statements build."""

import sys


def caller_name() -> str:
    """The module outside of this package that calls, and the function in it, such as `queries.books.paged_books`."""
    frame = sys._getframe(1)
    while frame.f_globals["__name__"].startswith("db.core.") and frame.f_back is not None:
        frame = frame.f_back
    function, module = frame.f_code.co_name, short_name(frame.f_globals["__name__"])
    return module if function.startswith("<") else f"{module}.{function}"


def short_name(module: str) -> str:
    """Without the package."""
    return module.removeprefix("db.")
