"""Names that users choose themselves, and their locales."""

from db.migrations.statements import run

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    run(
        """
        ALTER TABLE users
            ADD COLUMN has_chosen_name BOOLEAN DEFAULT false NOT NULL,
            ADD COLUMN locale TEXT;
        GRANT UPDATE (has_chosen_name, locale) ON users TO shinjp_app;
        """
    )


def downgrade() -> None:
    run("ALTER TABLE users DROP has_chosen_name, DROP locale")
