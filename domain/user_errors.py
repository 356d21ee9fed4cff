"""User-correctable errors, returned as data in the `errors` of a payload."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.list_sizes import MAX_ERRORS


class UserErrorCode(StrEnum):
    """Every value of `UserError.code`."""

    REQUIRED = "REQUIRED"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    INVALID = "INVALID"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    LIMIT_REACHED = "LIMIT_REACHED"


@dataclass(frozen=True, slots=True)
class UserError:
    """`path` leads from the input to the invalid value: ("reviews", "3", "quality")."""

    code: UserErrorCode
    message: str
    path: tuple[str, ...]


class InvalidInput(Exception):
    """The input is invalid, and nothing was changed. Has at most `MAX_ERRORS` errors."""

    def __init__(self, *errors: UserError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors[:MAX_ERRORS]


class Conflict(InvalidInput):
    """The object is not as the change requires. `current`: the object as it is."""

    def __init__(self, current: object, message: str, *path: str) -> None:
        super().__init__(UserError(UserErrorCode.CONFLICT, message, path))
        self.current = current


class VersionConflict(Conflict):
    """The object has another version than the expected one."""

    def __init__(self, current: object, message: str) -> None:
        super().__init__(current, message, "expectedVersion")


@contextmanager
def errors_at(*path: str) -> Iterator[None]:
    """Give errors this path, for changes with other values than those of the input. Conflicts keep theirs."""
    try:
        yield
    except Conflict:
        raise
    except InvalidInput as error:
        raise InvalidInput(*(replace(each, path=path) for each in error.errors)) from None


def invalid_input(code: UserErrorCode, message: str, *path: str) -> InvalidInput:
    """An InvalidInput with one error."""
    return InvalidInput(UserError(code, message, path))
