"""The time at which the token with a user's name and address was issued, so that older tokens do not overwrite them."""

from db.migrations.statements import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run(
        """
        ALTER TABLE users ADD COLUMN claims_issued_at timestamptz;
        GRANT UPDATE (claims_issued_at) ON users TO shinjp_app;
        """
    )


def downgrade() -> None:
    run("ALTER TABLE users DROP COLUMN claims_issued_at")
