"""Versions of apps whose documents are tools of agents."""

from db.migrations.statements import run

revision = "0075"
down_revision = "0074"


def upgrade() -> None:
    run("ALTER TABLE app_versions ADD COLUMN has_tools BOOLEAN DEFAULT false NOT NULL")


def downgrade() -> None:
    run("ALTER TABLE app_versions DROP COLUMN has_tools")
