"""Runs migrations that are plain SQL."""

from pathlib import Path

from alembic import op
from sqlalchemy.engine.interfaces import AdaptedConnection

_VERSIONS = Path(__file__).parent / "versions"


def run_file(name: str) -> None:
    """Execute the statements of a file in the migration's transaction."""
    run((_VERSIONS / name).read_text())


def run(statements: str) -> None:
    """Execute several statements in one round trip, which SQLAlchemy's prepared statements cannot."""
    connection = op.get_bind()
    # SQLAlchemy's adapter starts the transaction with the first statement that it executes.
    connection.exec_driver_sql("select 1")
    adapter = connection.connection.dbapi_connection
    assert isinstance(adapter, AdaptedConnection)
    adapter.run_async(lambda raw: raw.execute(statements))
