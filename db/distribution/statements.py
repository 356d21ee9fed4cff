"""SQL that changes a migrated database into the variant that Citus can distribute, from what the catalogue has.

Citus refuses triggers and policies with subqueries on distributed tables, keys without the distribution column, and
foreign keys to tables that are elsewhere. Each function returns statements for what is not changed yet, so that the
command can be run again, after a migration too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from db.core.database import APPLICATION_ROLE, IS_VARIANT
from db.distribution.tables import DISTRIBUTED_TABLES, REFERENCE_TABLES

_COLUMN = "user_id"

_TRIGGERS = """
    select tgrelid::regclass::text as table_name, quote_ident(tgname) as name from pg_trigger
    where tgrelid = any($1::text[]::regclass[]) and not tgisinternal and tgparentid = 0
"""
# Of partitions, foreign keys are those of their tables.
_FOREIGN_KEYS = """
    select conrelid::regclass::text as table_name, confrelid::regclass::text as target, quote_ident(conname) as name,
        array(
            select quote_ident(attname) from unnest(conkey) with ordinality as keys (number, place)
            join pg_attribute on attrelid = conrelid and attnum = number order by place
        ) as columns, array(
            select quote_ident(attname) from unnest(confkey) with ordinality as keys (number, place)
            join pg_attribute on attrelid = confrelid and attnum = number order by place
        ) as target_columns
    from pg_constraint where contype = 'f' and conparentid = 0
        and (conrelid = any($1::text[]::regclass[]) or confrelid = any($1::text[]::regclass[]))
    order by conrelid, conname
"""
_PRIMARY_KEYS = """
    select conrelid::regclass::text as table_name, quote_ident(conname) as name, array(
        select quote_ident(attname) from unnest(conkey) with ordinality as keys (number, place)
        join pg_attribute on attrelid = conrelid and attnum = number order by place
    ) as columns
    from pg_constraint where contype = 'p' and conrelid = any($1::text[]::regclass[]) order by conrelid
"""
_POLICIES = """
    select polrelid::regclass::text as table_name, quote_ident(polname) as name,
        pg_get_expr(polqual, polrelid) as using_, pg_get_expr(polwithcheck, polrelid) as with_check
    from pg_policy where polrelid = any($1::text[]::regclass[])
"""
# `(SELECT viewer_id() AS viewer_id)`: PostgreSQL evaluates a subquery once, and a stable function for every row that it
# does not look up by an index.
_CALL_IN_SUBQUERY = re.compile(r"\( SELECT (viewer_\w+\(\)) AS viewer_\w+\)")
# Statements of learners write the tombstones of their own cards. One by one: Citus sends the whole text of a query to
# the servers with the rows of a table whose policy it changes.
_HAS_TOMBSTONES = (
    "select exists (select from pg_policy where polrelid = 'tombstones'::regclass and polname = 'own_insert')"
)
_TOMBSTONES = (
    f"GRANT INSERT ON tombstones TO {APPLICATION_ROLE}",
    "CREATE POLICY own_insert ON tombstones FOR INSERT WITH CHECK (user_id = viewer_id())",
)
VARIANT_SCRIPT = Path(__file__).with_name("variant.sql")


@dataclass(frozen=True, slots=True)
class VariantStatements:
    """The statements before tables are distributed, and those after it. Foreign keys refer to distributed tables."""

    before: list[str]
    after: list[str]


async def variant_statements(connection: asyncpg.Connection) -> VariantStatements:
    dropped, added = await _change_foreign_keys(connection)
    before = [
        *await _drop_triggers(connection),
        *dropped,
        *await _change_primary_keys(connection),
        *await _change_policies(connection),
        *(() if await connection.fetchval(_HAS_TOMBSTONES) else _TOMBSTONES),
        VARIANT_SCRIPT.read_text(),
    ]
    return VariantStatements(before, added)


async def _drop_triggers(connection: asyncpg.Connection) -> list[str]:
    tables = [*DISTRIBUTED_TABLES, *REFERENCE_TABLES]
    return [
        f"DROP TRIGGER {trigger['name']} ON {trigger['table_name']}"
        for trigger in await connection.fetch(_TRIGGERS, tables)
    ]


async def _change_foreign_keys(connection: asyncpg.Connection) -> tuple[list[str], list[str]]:
    """Return statements that drop foreign keys, and that add those back whose rows are on one server."""
    is_variant = await connection.fetchval(IS_VARIANT)
    dropped, added = [], []
    for key in await connection.fetch(_FOREIGN_KEYS, [*DISTRIBUTED_TABLES, *REFERENCE_TABLES]):
        table, target = key["table_name"], key["target"]
        columns, targets = key["columns"], key["target_columns"]
        if table in DISTRIBUTED_TABLES and target in DISTRIBUTED_TABLES:
            if columns[0] == _COLUMN:
                continue
            columns, targets = [_COLUMN, *columns], [_COLUMN, *targets]
        elif table not in DISTRIBUTED_TABLES or target not in REFERENCE_TABLES:
            targets = []
        elif is_variant:
            continue
        dropped.append(f"ALTER TABLE {table} DROP CONSTRAINT {key['name']}")
        if targets:
            added.append(
                f"ALTER TABLE {table} ADD CONSTRAINT {key['name']} FOREIGN KEY ({', '.join(columns)})"
                f" REFERENCES {target} ({', '.join(targets)}) ON DELETE CASCADE"
            )
    return dropped, added


async def _change_primary_keys(connection: asyncpg.Connection) -> list[str]:
    """Return statements after which primary keys begin with the learner."""
    statements = []
    for key in await connection.fetch(_PRIMARY_KEYS, list(DISTRIBUTED_TABLES)):
        if key["columns"][0] != _COLUMN:
            columns = ", ".join([_COLUMN, *(name for name in key["columns"] if name != _COLUMN)])
            change = f"ALTER TABLE {key['table_name']}"
            statements.append(f"{change} DROP CONSTRAINT {key['name']}")
            statements.append(f"{change} ADD CONSTRAINT {key['name']} PRIMARY KEY ({columns})")
    return statements


async def _change_policies(connection: asyncpg.Connection) -> Sequence[str]:
    return [
        statement
        for policy in await connection.fetch(_POLICIES, list(DISTRIBUTED_TABLES))
        for statement in _change_policy(policy)
    ]


def _change_policy(policy: asyncpg.Record) -> Iterator[str]:
    place = f"{policy['name']} ON {policy['table_name']}"
    expressions = {"USING": policy["using_"], "WITH CHECK": policy["with_check"]}
    if not any("SELECT" in (expression or "") for expression in expressions.values()):
        return
    changed = {
        name: _CALL_IN_SUBQUERY.sub(r"\1", expression)
        for name, expression in expressions.items()
        if expression is not None
    }
    if any("SELECT" in expression for expression in changed.values()):
        # That of sign-ups. They name the new account before they insert its settings.
        yield f"DROP POLICY {place}"
    else:
        yield f"ALTER POLICY {place} " + " ".join(f"{name} ({expression})" for name, expression in changed.items())
