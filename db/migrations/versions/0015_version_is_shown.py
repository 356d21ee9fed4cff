"""Let the server read the applied migration, which `/readyz` compares with the one that its code needs."""

from db.migrations.statements import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run("GRANT SELECT ON alembic_version TO shinjp_app")


def downgrade() -> None:
    run("REVOKE SELECT ON alembic_version FROM shinjp_app")
