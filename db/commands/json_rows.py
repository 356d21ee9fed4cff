"""Passes rows as one JSON document to a statement."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import JSON, bindparam, column, func
from sqlalchemy.types import TypeEngine, Uuid


class JsonRows:
    """A set of rows, passed as one document. Use it for statements on a hot path.

    asyncpg takes a microsecond for most items of an array, orjson a twentieth; PostgreSQL takes a few microseconds more
    for each row than for those of `UnnestedRows`.

    `table` is the FROM clause; `value` returns the parameter, which has the same name.
    """

    def __init__(self, name: str, columns: Mapping[str, TypeEngine[Any]]) -> None:
        self._objects = _to_objects({name: isinstance(type_, Uuid) for name, type_ in columns.items()})
        document = bindparam(name, type_=JSON)
        typed = (column(key, type_) for key, type_ in columns.items())
        self.table = func.json_to_recordset(document).table_valued(*typed, name=name).render_derived(with_types=True)

    def value(self, rows: Iterable[tuple[object, ...]]) -> str:
        """Return the parameter for rows with the values of all columns, in their order."""
        return orjson.dumps(self._objects(rows)).decode()


def _to_objects(columns: Mapping[str, bool]) -> Callable[[Iterable[tuple[object, ...]]], list[dict[str, object]]]:
    """Return a function from rows to dictionaries. Generated, because `dict(zip(…))` takes twice as long.

    `columns`: whether they have ids, which are not of the standard library's class: orjson would call Python for each.
    """
    if not all(name.isidentifier() for name in columns):
        raise ValueError(f"{list(columns)} are not names of columns")
    values = ", ".join(f"value_{index}" for index in range(len(columns)))
    pairs = ", ".join(
        f"{name!r}: value_{index} and str(value_{index})" if has_ids else f"{name!r}: value_{index}"
        for index, (name, has_ids) in enumerate(columns.items())
    )
    function: Callable[[Iterable[tuple[object, ...]]], list[dict[str, object]]] = eval(  # noqa: S307  # names of columns
        f"lambda rows: [{{{pairs}}} for ({values},) in rows]"
    )
    return function
