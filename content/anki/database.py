"""Opens the database of a collection, which a stranger may have made.

SQLite executes parts of a database's schema: triggers, views, generated columns, expressions in indexes and virtual
tables. Here only tables and indexes are accepted; the connection reads nothing but the tables of a collection; and the
number of its steps, the size of its values and its memory are limited.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from common.text import truncate
from content.anki.archive import corrupt
from content.anki.rejections import PackageProblem, PackageRejected

# Of a value: a note with all of its fields, or all note types of an old collection.
MAX_VALUE_BYTES = 16 * 1024 * 1024
_MAX_SQL_BYTES = 100_000
_CACHE_KIB = 32 * 1024
# Steps of the virtual machine: for the schema, which has 30 objects, and for each pass over the collection. A million
# reviews take about 30,000,000; a second has about 50,000,000.
_SCHEMA_STEPS, _STEPS = 10_000, 2_000_000_000
_STEPS_PER_CALL = 1_000

TABLES = frozenset(
    {"col", "notes", "cards", "revlog", "config", "fields", "templates", "notetypes", "decks", "sqlite_master"}
)
_ALLOWED_FUNCTIONS = frozenset({"count", "min", "max", "length", "substr", "ifnull", "typeof"})

# Orders case-insensitively in Anki. Whether the indexes that use it agree does not matter: none is read.
_COLLATION = "unicase"


class CollectionDatabase:
    """A read-only connection. It may be used in several threads, one at a time. Close it."""

    def __init__(self, path: Path) -> None:
        """Raises PackageRejected."""
        self._steps = _SCHEMA_STEPS
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
        try:
            with translate_errors():
                self._restrict()
                self._check_schema()
        except BaseException:
            self._connection.close()
            raise
        self._connection.set_authorizer(_authorize)
        self.restart_steps()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def restart_steps(self) -> None:
        """Allow the steps of another pass."""
        self._steps = _STEPS

    def rows(self, sql: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement, one at a time. Raises PackageRejected."""
        with translate_errors():
            yield from self._connection.execute(sql, values)

    def columns(self, table: str) -> Collection[str]:
        """The names of the columns, in lower case; none if there is no such table."""
        return self._columns.get(table, ())

    def _restrict(self) -> None:
        connection = self._connection
        connection.set_progress_handler(self._count_steps, _STEPS_PER_CALL)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _MAX_SQL_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, 100)
        connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1)
        connection.setlimit(sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0)
        # Strings of old collections may have bytes that are not UTF-8.
        connection.text_factory = _decode
        connection.create_collation(_COLLATION, _compare)
        for pragma in (
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "mmap_size = 0",
            "temp_store = FILE",
            f"cache_size = -{_CACHE_KIB}",
            "query_only = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    def _check_schema(self) -> None:
        found: dict[str, list[str]] = {}
        for kind, name, sql in self._connection.execute("SELECT type, name, sql FROM sqlite_master"):
            is_virtual = kind == "table" and sql is not None and sql.lstrip().lower().startswith("create virtual")
            if kind not in ("table", "index") or is_virtual:
                described = "virtual table" if is_virtual else kind
                raise PackageRejected(
                    PackageProblem.UNSAFE,
                    f"The collection has the {truncate(str(described))} {truncate(str(name))!r}; "
                    "collections of Anki have tables and indexes only.",
                )
            if kind == "table" and name in TABLES:
                found[name] = []
        for table, columns in found.items():
            # Hidden columns are those that SQLite computes.
            for _, name, _, _, _, _, hidden in self._connection.execute(f"PRAGMA table_xinfo({table})"):
                if hidden:
                    raise PackageRejected(
                        PackageProblem.UNSAFE, f"The collection has the generated column {truncate(name)!r}."
                    )
                columns.append(name.lower())
        self._columns = found

    def _count_steps(self) -> int:
        self._steps -= _STEPS_PER_CALL
        return self._steps < 0


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raises PackageRejected for errors of SQLite."""
    try:
        yield
    except sqlite3.DataError as error:
        limit = f"The collection has a value larger than {MAX_VALUE_BYTES >> 20} MiB."
        raise PackageRejected(PackageProblem.TOO_LARGE, limit) from error
    except sqlite3.Error as error:
        if str(error) == "interrupted":
            message = "Reading the collection takes too long: it is larger than it says, or damaged."
            raise PackageRejected(PackageProblem.TOO_LARGE, message) from error
        raise corrupt("SQLite cannot read its collection") from error


def _authorize(action: int, first: str | None, second: str | None, database: str | None, source: str | None) -> int:
    """What statements may do after the connection is open: read columns of the tables."""
    allowed = (
        action == sqlite3.SQLITE_SELECT
        or (action == sqlite3.SQLITE_READ and first in TABLES)
        or (action == sqlite3.SQLITE_FUNCTION and second in _ALLOWED_FUNCTIONS)
    )
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _decode(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _compare(first: str, second: str) -> int:
    first, second = first.casefold(), second.casefold()
    return (first > second) - (first < second)
