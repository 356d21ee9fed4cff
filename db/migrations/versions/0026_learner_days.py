"""Schedules in days of the learner, learning steps, and log entries other than reviews."""

from db.migrations.statements import run

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run(
        """
        ALTER TABLE user_settings
            ADD COLUMN learning_steps INTEGER[] DEFAULT '{1,10}' NOT NULL
                CONSTRAINT ck_user_settings_learning_steps_range
                CHECK (cardinality(learning_steps) <= 10 and 1 <= all(learning_steps) and 1440 > all(learning_steps)),
            ADD COLUMN relearning_steps INTEGER[] DEFAULT '{10}' NOT NULL
                CONSTRAINT ck_user_settings_relearning_steps_range
                CHECK (cardinality(relearning_steps) <= 10 and 1 <= all(relearning_steps)
                    and 1440 > all(relearning_steps)),
            ADD COLUMN max_interval_days INTEGER DEFAULT 36500 NOT NULL
                CONSTRAINT ck_user_settings_max_interval_days_range CHECK (max_interval_days between 1 and 36500),
            ADD COLUMN fsrs_parameters DOUBLE PRECISION[]
                CONSTRAINT ck_user_settings_fsrs_parameters_size CHECK (cardinality(fsrs_parameters) = 21);

        ALTER TABLE reviews ADD COLUMN day DATE, ADD COLUMN due_day DATE;
        UPDATE reviews
            SET day = ((reviewed_at at time zone time_zone) - make_interval(hours => day_starts_at_hour))::date
            FROM user_settings WHERE user_settings.user_id = reviews.user_id;
        UPDATE reviews SET day = (reviewed_at at time zone 'UTC')::date WHERE day IS NULL;
        ALTER TABLE reviews ALTER COLUMN day SET NOT NULL;

        ALTER TABLE cards
            ADD COLUMN due_day DATE,
            ADD COLUMN first_reviewed_at TIMESTAMP WITH TIME ZONE,
            ADD COLUMN last_reviewed_day DATE,
            ADD COLUMN last_entry_at TIMESTAMP WITH TIME ZONE;
        UPDATE cards SET first_reviewed_at = answered.first_at, last_reviewed_day = answered.last_day,
                last_entry_at = last_reviewed_at
            FROM (
                SELECT card_id, min(reviewed_at) AS first_at, max(day) AS last_day FROM reviews WHERE NOT undone
                GROUP BY card_id
            ) AS answered WHERE answered.card_id = cards.id;
        -- Cards in review, and all reviewed cards of SM-2, are due when a day starts; cards in learning steps by the
        -- minute.
        UPDATE cards SET due_day = ((due_at at time zone time_zone) - make_interval(hours => day_starts_at_hour))::date
            FROM user_settings
            WHERE user_settings.user_id = cards.user_id AND last_reviewed_at IS NOT NULL
                AND (state = 'REVIEW' OR scheduler = 'SM2');
        UPDATE cards SET due_at = (due_day + make_interval(hours => day_starts_at_hour)) at time zone time_zone
            FROM user_settings WHERE user_settings.user_id = cards.user_id AND due_day IS NOT NULL;

        CREATE TABLE schedule_changes (
            id UUID NOT NULL,
            user_id UUID NOT NULL,
            card_id UUID,
            kind TEXT NOT NULL CONSTRAINT ck_schedule_changes_kind_known
                CHECK (kind in ('RESET', 'RESCHEDULE', 'BURY', 'VACATION', 'SETTINGS')),
            changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
            day DATE NOT NULL,
            due_day DATE,
            days INTEGER NOT NULL CONSTRAINT ck_schedule_changes_days_range CHECK (days between 0 and 366),
            details JSONB,
            idempotency_key TEXT NOT NULL,
            undone BOOLEAN DEFAULT false NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_schedule_changes PRIMARY KEY (id),
            CONSTRAINT uq_schedule_changes_user_id_idempotency_key UNIQUE (user_id, idempotency_key),
            CONSTRAINT fk_schedule_changes_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT fk_schedule_changes_card_id_cards FOREIGN KEY(card_id) REFERENCES cards (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_schedule_changes_card_id ON schedule_changes (card_id);
        CREATE INDEX ix_schedule_changes_of_all_cards ON schedule_changes (user_id, changed_at) WHERE card_id IS NULL;
        ALTER TABLE schedule_changes ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON schedule_changes USING (user_id = viewer_id());
        CREATE POLICY administrators_read ON schedule_changes FOR SELECT USING (viewer_is_admin());
        GRANT SELECT, INSERT, UPDATE ON schedule_changes TO shinjp_app;
        """
    )


def downgrade() -> None:
    run(
        """
        DROP TABLE schedule_changes;
        ALTER TABLE cards DROP due_day, DROP first_reviewed_at, DROP last_reviewed_day, DROP last_entry_at;
        ALTER TABLE reviews DROP day, DROP due_day;
        ALTER TABLE user_settings
            DROP learning_steps, DROP relearning_steps, DROP max_interval_days, DROP fsrs_parameters;
        """
    )
