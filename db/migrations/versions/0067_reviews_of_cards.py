"""Reviews refer to the user by their card only: the check of another foreign key took time for each review."""

from db.migrations.statements import run

revision = "0067"
down_revision = "0066"


def upgrade() -> None:
    run("ALTER TABLE reviews DROP CONSTRAINT fk_reviews_user_id_users")


def downgrade() -> None:
    run(
        """
        ALTER TABLE reviews ADD CONSTRAINT fk_reviews_user_id_users
            FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
        """
    )
