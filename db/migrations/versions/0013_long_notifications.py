"""Notify of changes with too many values as changes of many rows, instead of failing the transaction.

A hundred values of one column fit into the 8,000 bytes of a notification, a hundred of each of two columns do not.
"""

from importlib import import_module

from db.migrations.statements import run

revision = "0013"
down_revision = "0012"

_changes = import_module("db.migrations.versions.0009_changes")
_BEFORE = _changes._TELL.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
_MOST = """
    BEGIN
        IF octet_length(told) > 7900 THEN
            told := json_build_object('table', told_table, 'operation', lower(operation), 'keys', 'many');
        END IF;
"""


def upgrade() -> None:
    run(_BEFORE.replace("    BEGIN\n", _MOST.lstrip("\n"), 1))


def downgrade() -> None:
    run(_BEFORE)
