"""Passes rows as array parameters to a statement with `unnest`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, column, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine


class UnnestedRows:
    """A set of rows, passed as one array per column, so that the SQL does not depend on their number.

    `table` is the FROM clause; `values` returns the parameters.
    """

    def __init__(self, name: str, columns: Mapping[str, TypeEngine[Any]]) -> None:
        self._parameters = [f"{name}_{key}" for key in columns]
        arrays = (
            bindparam(parameter, type_=ARRAY(type_))
            for parameter, type_ in zip(self._parameters, columns.values(), strict=True)
        )
        typed = (column(key, type_) for key, type_ in columns.items())
        self.table = func.unnest(*arrays).table_valued(*typed, name=name).render_derived()

    def values(self, rows: Iterable[Sequence[object]]) -> dict[str, list[object]]:
        """Return the parameters for rows with values in the order of the columns."""
        arrays: dict[str, list[object]] = {parameter: [] for parameter in self._parameters}
        for row in rows:
            for array, value in zip(arrays.values(), row, strict=True):
                array.append(value)
        return arrays
