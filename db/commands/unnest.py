"""Rows as a parameter of a statement."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, column, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine


class UnnestedRows:
    """Rows that are handed in, one array a column: the statement is the same whatever their number.

    `table` is what the statement selects from; `values` are the parameters to run it with.
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
        """Each row has its values in the order of the columns."""
        arrays: dict[str, list[object]] = {parameter: [] for parameter in self._parameters}
        for row in rows:
            for array, value in zip(arrays.values(), row, strict=True):
                array.append(value)
        return arrays
