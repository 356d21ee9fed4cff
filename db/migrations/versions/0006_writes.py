"""Domain events, and policies for editors who write books."""

from db.migrations.statements import run, run_file

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_file("0006_writes.sql")


def downgrade() -> None:
    run(
        """
        DROP TABLE events;
        DROP FUNCTION notify_change;
        DROP POLICY anybody_reads ON books;
        DROP POLICY editors_add ON books;
        DROP POLICY editors_change ON books;
        ALTER TABLE books DISABLE ROW LEVEL SECURITY;
        """
    )
