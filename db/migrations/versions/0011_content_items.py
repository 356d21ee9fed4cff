"""Loaded books and textbooks, so that those that editors deleted are not loaded again."""

from db.migrations.statements import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run("CREATE TABLE content_items (id UUID NOT NULL, CONSTRAINT pk_content_items PRIMARY KEY (id))")


def downgrade() -> None:
    run("DROP TABLE content_items")
