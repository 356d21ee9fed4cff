"""Slow operations and errors, as administrators see them: no values of variables, and no personal data."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

# Statements of a slow operation.
MAX_STATEMENTS = 20
# Plans of statements that one request explains, and the characters of each.
MAX_PLANS, MAX_PLAN_LENGTH = 50, 8_000
# In all processes together.
MAX_SLOW_OPERATIONS, MAX_ERROR_GROUPS = 2_000, 1_000
PHASES = ("parse", "validate", "plan", "execute", "encode", "sql", "pool_wait", "redis")


@dataclass(frozen=True, slots=True)
class StatementTotal:
    """The executions of a statement in one operation."""

    name: str
    count: int
    duration_ms: float
    rows: int


@dataclass(frozen=True, slots=True)
class SlowOperation:
    """One execution. `phases`: milliseconds of each of `PHASES`."""

    at: datetime
    kind: str
    operation: str | None
    document_hash: str | None
    client: str
    duration_ms: float
    phases: Mapping[str, float]
    statements: Sequence[StatementTotal]
    request_id: str | None
    trace_id: str


class ErrorKey(NamedTuple):
    """Errors with the same key are a group. `exception`: its type. `location`: the function that raised it."""

    code: str
    exception: str | None = None
    location: str | None = None

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256("\n".join(part or "" for part in self).encode()).hexdigest()[:16]


@dataclass(slots=True)
class ErrorOccurrences:
    """Occurrences of errors with the same key. `operation`, `request_id`: of the last one."""

    first_seen_at: datetime
    last_seen_at: datetime
    operation: str | None
    request_id: str | None
    count: int = 1
