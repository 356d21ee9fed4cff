"""Totals of reviews for statistics, and what was predicted of each review. The worker counts earlier reviews."""

from db.migrations.statements import run

revision = "0043"
down_revision = "0042"

_TABLES = ("statistics_days", "review_statistics", "card_count_changes")


def upgrade() -> None:
    run(
        """
        ALTER TABLE reviews ADD COLUMN hour SMALLINT, ADD COLUMN retrievability SMALLINT;

        CREATE TABLE statistics_days (
            user_id UUID NOT NULL,
            day DATE NOT NULL,
            counted_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_statistics_days PRIMARY KEY (user_id, day),
            CONSTRAINT fk_statistics_days_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_statistics_days_user_id_counted_at ON statistics_days (user_id, counted_at);

        CREATE TABLE review_statistics (
            user_id UUID NOT NULL,
            unit TEXT NOT NULL CONSTRAINT ck_review_statistics_unit_known CHECK (unit in ('DAY', 'MONTH')),
            starts_on DATE NOT NULL,
            jlpt_level TEXT NOT NULL,
            kind TEXT NOT NULL,
            reviews INTEGER NOT NULL,
            recalled INTEGER NOT NULL,
            new_cards INTEGER NOT NULL,
            duration_ms BIGINT NOT NULL,
            timed_reviews INTEGER NOT NULL,
            learning_change INTEGER NOT NULL,
            young_change INTEGER NOT NULL,
            mature_change INTEGER NOT NULL,
            cells SMALLINT[] NOT NULL,
            cell_reviews INTEGER[] NOT NULL,
            cell_recalled INTEGER[] NOT NULL,
            cell_predictions BIGINT[] NOT NULL,
            CONSTRAINT pk_review_statistics PRIMARY KEY (user_id, unit, starts_on, jlpt_level, kind),
            CONSTRAINT fk_review_statistics_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );

        CREATE TABLE card_count_changes (
            user_id UUID NOT NULL,
            day DATE NOT NULL,
            jlpt_level TEXT NOT NULL,
            kind TEXT NOT NULL,
            new_change INTEGER NOT NULL,
            learning_change INTEGER NOT NULL,
            young_change INTEGER NOT NULL,
            mature_change INTEGER NOT NULL,
            CONSTRAINT pk_card_count_changes PRIMARY KEY (user_id, day, jlpt_level, kind),
            CONSTRAINT fk_card_count_changes_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        """
    )
    for table in _TABLES:
        run(
            f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON {table} FOR SELECT USING (user_id = viewer_id());
            CREATE POLICY administrators_read ON {table} FOR SELECT USING (viewer_is_admin());
            GRANT SELECT ON {table} TO shinjp_app;
            """
        )


def downgrade() -> None:
    run(
        """
        DROP TABLE statistics_days, review_statistics, card_count_changes;
        ALTER TABLE reviews DROP hour, DROP retrievability;
        """
    )
