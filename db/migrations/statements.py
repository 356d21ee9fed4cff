"""Migrations are SQL files: the exact statements, readable by anybody who knows PostgreSQL."""

from pathlib import Path

from alembic import op

_VERSIONS = Path(__file__).parent / "versions"


def run_file(name: str) -> None:
    """Runs all statements of a file in the migration's transaction."""
    run((_VERSIONS / name).read_text())


def run(statements: str) -> None:
    """Runs several statements at once, which SQLAlchemy's prepared statements cannot."""
    connection = op.get_bind()
    # SQLAlchemy's adapter begins the transaction with the first statement that passes through it.
    connection.exec_driver_sql("select 1")
    driver_connection = connection.connection.dbapi_connection
    driver_connection.run_async(lambda raw: raw.execute(statements))  # type: ignore[union-attr]  # of the asyncpg adapter
