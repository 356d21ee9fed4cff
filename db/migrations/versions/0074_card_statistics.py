"""Totals of cards by day, for statistics. The worker counts the present cards; until then they are read."""

from db.migrations.statements import run

revision = "0074"
down_revision = "0073"

_TABLES = ("card_counts", "counted_cards", "card_statistics")


def upgrade() -> None:
    run(
        """
        CREATE TABLE card_counts (
            user_id UUID NOT NULL,
            counted_in xid8 NOT NULL,
            time_zone TEXT NOT NULL,
            day_starts_at_hour SMALLINT NOT NULL,
            database BIGINT NOT NULL,
            CONSTRAINT pk_card_counts PRIMARY KEY (user_id),
            CONSTRAINT fk_card_counts_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );

        CREATE TABLE counted_cards (
            user_id UUID NOT NULL,
            card_id UUID NOT NULL,
            added_on DATE NOT NULL,
            started_on DATE,
            jlpt_level TEXT NOT NULL,
            kind TEXT NOT NULL,
            maturity SMALLINT NOT NULL,
            CONSTRAINT pk_counted_cards PRIMARY KEY (user_id, card_id),
            CONSTRAINT fk_counted_cards_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );

        CREATE TABLE card_statistics (
            user_id UUID NOT NULL,
            unit TEXT NOT NULL CONSTRAINT ck_card_statistics_unit_known CHECK (unit in ('DAY', 'MONTH')),
            starts_on DATE NOT NULL,
            jlpt_level TEXT NOT NULL,
            kind TEXT NOT NULL,
            added INTEGER NOT NULL,
            started INTEGER NOT NULL,
            learning INTEGER NOT NULL,
            young INTEGER NOT NULL,
            mature INTEGER NOT NULL,
            CONSTRAINT pk_card_statistics PRIMARY KEY (user_id, unit, starts_on, jlpt_level, kind),
            CONSTRAINT fk_card_statistics_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
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
    run("DROP TABLE card_statistics, counted_cards, card_counts;")
