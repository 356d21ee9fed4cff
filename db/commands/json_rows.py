"""Passes rows as one JSON document to a statement."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import JSON, bindparam, column, func
from sqlalchemy.types import TypeEngine


class JsonRows:
    """A set of rows, passed as one document. Use it for statements on a hot path.

    asyncpg takes a microsecond for most items of an array, orjson a twentieth; PostgreSQL takes a few microseconds more
    for each row than for those of `UnnestedRows`.

    `table` is the FROM clause; `value` returns the parameter, which has the same name.
    """

    def __init__(self, name: str, columns: Mapping[str, TypeEngine[Any]]) -> None:
        document = bindparam(name, type_=JSON)
        typed = (column(key, type_) for key, type_ in columns.items())
        self.table = func.json_to_recordset(document).table_valued(*typed, name=name).render_derived(with_types=True)

    @staticmethod
    def value(rows: Iterable[Mapping[str, object]]) -> str:
        """Return the parameter for rows with values by column."""
        # Ids, which are not of the standard library's class, become strings.
        return orjson.dumps(list(rows), str).decode()
