"""Scheduled publication of books."""

from db.migrations.statements import run

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    run(
        """
        ALTER TABLE books ADD COLUMN publish_at TIMESTAMP WITH TIME ZONE,
            ADD CONSTRAINT ck_books_publish_once CHECK (publish_at IS NULL OR published_at IS NULL);
        CREATE INDEX ix_books_publish_at ON books (publish_at) WHERE publish_at IS NOT NULL;
        """
    )


def downgrade() -> None:
    run("ALTER TABLE books DROP publish_at")
