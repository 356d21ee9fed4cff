"""Written rows, as triggers describe them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import orjson

# Triggers stop adding to `app.changes` at this length.
MAX_CHANGES_LENGTH = 50_000

# Of the tables that a distributed deployment has on other servers, those whose changes processes are notified of. There
# are no triggers on them: transactions record their changes before they are committed.
RECORDED_TABLES = frozenset(("cards", "review_days", "user_settings", "limit_extensions", "reading_progress"))


@dataclass(frozen=True, slots=True)
class Change:
    """Written rows of a table. `keys`: old and new values of some of their columns; None: too many to be listed."""

    table: str
    keys: Mapping[str, list[str]] | None

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Self:
        keys = message["keys"]
        return cls(message["table"], None if keys == "many" else keys)


def parse_changes(changes: str) -> list[Change] | None:
    """Parse a transaction's `app.changes`. None: it changed more than the setting can hold."""
    if len(changes) >= MAX_CHANGES_LENGTH:
        return None
    return [Change.from_message(orjson.loads(line)) for line in changes.splitlines()]
