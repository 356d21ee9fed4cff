"""Rows of a learner in every table of the registry of personal data, made from the definitions of the tables."""

import zlib
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from domain.personal_data import PERSONAL_TABLES, PersonalTable

# The columns that a row needs, and the table that each refers to.
_COLUMNS = """
    select attname as name, format_type(atttypid, null) as type, attnotnull and not atthasdef as is_required,
        (select confrelid::regclass::text from pg_constraint
            where contype = 'f' and pg_constraint.conrelid = attrelid and conkey = array[attnum]) as parent
    from pg_attribute
    where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attidentity = ''
    order by attnum
"""
# Nullable columns of these types have a value, too.
_TEXTS = ("text", "jsonb")
_CHECKS = """
    select format('alter table %s drop constraint %I', conrelid::regclass, conname)
    from pg_constraint join pg_class on pg_class.oid = conrelid
    where contype = 'c' and connamespace = 'public'::regnamespace and not relispartition
"""


async def drop_checks(connection: asyncpg.Connection) -> None:
    """Drop all check constraints of the test's database, which generated values would violate."""
    for row in await connection.fetch(_CHECKS):
        await connection.execute(row[0])


async def fill_tables(connection: asyncpg.Connection, user_id: UUID, marker: str) -> dict[str, UUID]:
    """Insert a row with the marker in all its texts into each table but users. Return the ids by table."""
    ids = {"users": user_id, "groups": uuid4()}
    filled = [table for table in PERSONAL_TABLES if table.name != "users" and not is_special(table)]
    for table in filled:
        ids[table.name] = uuid4()
    async with connection.transaction():
        # Rows refer to each other in any order, and no trigger runs.
        await connection.execute("set local session_replication_role = replica")
        for table in filled:
            if table.parent is None:
                # What the account has since its sign-up.
                await connection.execute(f"delete from {table.name} where {table.owner} = $1", user_id)
            await _insert(connection, table, ids, marker)
    return ids


def is_special(table: PersonalTable) -> bool:
    """Whether the rows are not those of a table of the schema `public`: of a view, or of the queue."""
    return table.name == "learner_statistics" or "." in table.name


async def _insert(connection: asyncpg.Connection, table: PersonalTable, ids: dict[str, UUID], marker: str) -> None:
    values: dict[str, Any] = {}
    for column in await connection.fetch(_COLUMNS, table.name):
        name, type_ = column["name"], column["type"]
        if name == table.owner:
            values[name] = ids[table.parent or "users"]
        elif name == "id" and type_ == "uuid":
            values[name] = ids[table.name]
        elif name.startswith("deleted_") or not (column["is_required"] or type_ in _TEXTS or column["parent"]):
            continue
        else:
            # Rows of other tables need not exist.
            parent = column["parent"]
            values[name] = _value(type_, marker) if parent is None else ids.setdefault(parent, uuid4())
    if table.name == "exercises":
        # One parent.
        values.pop("book_id")
    literals = ", ".join(f"'{value}'" for value in values.values())
    await connection.execute(f"insert into {table.name} ({', '.join(values)}) values ({literals})")


def _value(type_: str, marker: str) -> object:
    if type_.endswith("[]"):
        return "{}"
    return {
        "text": marker,
        "jsonb": f'{{"marker": "{marker}"}}',
        "uuid": uuid4(),
        "boolean": "false",
        "date": "2026-01-01",
        "timestamp with time zone": "2026-01-01",
        "tsvector": "",
        # The report of an import.
        "bytea": "\\x" + zlib.compress(f"{marker}\r\n".encode()).hex(),
    }.get(type_, 1)
