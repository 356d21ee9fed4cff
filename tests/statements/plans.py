"""The accesses of query plans: scans, indexes and tables.

Joins and sorts are omitted, because similar estimates make them unstable, and so are costs, conditions and the names of
monthly partitions.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.statements.recorder import RecordedStatement

_MONTH = re.compile(r"_y?\d{4}_?m?\d{2}(?=_|$)")


async def explain(connection: Any, statement: RecordedStatement) -> list[str]:
    """The accesses of the plan for the statement's own arguments, in alphabetical order."""
    found = await connection.fetchval(f"explain (format json) {statement.sql}", *statement.arguments)
    return sorted(set(_accesses(json.loads(found)[0]["Plan"])))


def _accesses(node: dict[str, Any]) -> Iterator[str]:
    kind, index, table = node["Node Type"], node.get("Index Name"), node.get("Relation Name")
    if index or table or kind == "LockRows":
        yield "".join(
            (
                node["Operation"] if kind == "ModifyTable" else kind,
                f" using {_without_month(index)}" if index else "",
                f" on {_without_month(table)}" if table else "",
            )
        )
    for child in node.get("Plans", ()):
        yield from _accesses(child)


def _without_month(name: str) -> str:
    return _MONTH.sub("_<month>", name)
