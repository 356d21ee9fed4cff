"""Distributes the tables of a migrated database with Citus. Runs as the owner of the tables, on the coordinator."""

from collections.abc import Callable

import asyncpg

from db.core.database import APPLICATION_ROLE
from db.distribution.statements import variant_statements
from db.distribution.tables import DISTRIBUTED_TABLES, REFERENCE_TABLES
from domain.errors import ServiceUnavailable

_HAS_CITUS = "select exists (select from pg_extension where extname = 'citus')"
_PLACED = "select logicalrelid::text from pg_dist_partition"
# Functions that statements call on other servers. Those of policies are created there with the tables.
_FUNCTIONS = ("viewer_id()", "viewer_is_admin()", "database_identity()")
# Citus connects to other servers as the role of the session, and sends them what `SET LOCAL` sets: the viewer of
# row-level security. It hides shards from queries of the catalogue by a function, with which a new session takes
# seconds for the types of arrays that asyncpg looks up.
_CONNECTIONS = f"""
    alter role {APPLICATION_ROLE} login;
    do $$ begin
        execute format('alter database %I set citus.propagate_set_commands = local', current_database());
        execute format('alter database %I set citus.override_table_visibility = off', current_database());
    end $$
"""


async def distribute(connection: asyncpg.Connection, echo: Callable[[str], None]) -> None:
    """Change and distribute the tables, with their rows. Tables that are distributed already stay.

    Raises ServiceUnavailable without the extension.
    """
    if not await connection.fetchval(_HAS_CITUS):
        raise ServiceUnavailable("The extension citus is not created in this database.")
    await connection.execute(_CONNECTIONS)
    statements = await variant_statements(connection)
    # Citus needs one server at a time for some of them.
    await connection.execute("set citus.multi_shard_modify_mode = sequential")
    for statement in statements.before:
        await connection.execute(statement)
    placed = {row[0] for row in await connection.fetch(_PLACED)}
    for function in _FUNCTIONS:
        await connection.execute(f"select create_distributed_function('{function}')")
    for table in REFERENCE_TABLES:
        if table not in placed:
            echo(f"{table}: on every server")
            await connection.execute(f"select create_reference_table('{table}')")
    first = DISTRIBUTED_TABLES[0]
    for table in DISTRIBUTED_TABLES:
        if table not in placed:
            echo(f"{table}: by user_id")
            group = "none" if table == first else first
            await connection.execute(
                f"select create_distributed_table('{table}', 'user_id', colocate_with => '{group}')"
            )
    for statement in statements.after:
        await connection.execute(statement)
