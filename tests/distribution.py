"""The tables of a distributed deployment, without Citus."""

import asyncpg

from db.distribution.statements import variant_statements


async def make_variant(connection: asyncpg.Connection) -> None:
    """Change the tables of a database in one transaction. Servers then work as on a distributed database."""
    async with connection.transaction():
        statements = await variant_statements(connection)
        for statement in (*statements.before, *statements.after):
            await connection.execute(statement)
