"""The SQL of statements that this process has executed. It contains placeholders instead of values."""

# By the names of statements, the last variant of each: there are as many as the program has.
_sql: dict[str, str] = {}


def remember_sql(name: str, sql: str) -> None:
    _sql[name] = sql


def find_sql(name: str) -> str | None:
    """The SQL of a statement by its name; None if it was not executed."""
    return _sql.get(name)
