"""Notifications and preferences for them."""

from importlib import import_module

from db.migrations.statements import run

revision = "0049"
down_revision = "0048"

_changes = import_module("db.migrations.versions.0009_changes")

_TABLES = """
    CREATE TABLE notifications (
        id UUID NOT NULL,
        user_id UUID NOT NULL,
        kind TEXT NOT NULL CONSTRAINT ck_notifications_kind_known CHECK (kind in (
            'WELCOME', 'EXPORT_READY', 'IMPORT_READY', 'TEXTBOOK_READY', 'ASSIGNMENT', 'STREAK_AT_RISK'
        )),
        cause TEXT NOT NULL,
        job_id UUID,
        textbook_id UUID,
        streak_days INTEGER CONSTRAINT ck_notifications_streak_days_positive CHECK (streak_days > 0),
        in_app BOOLEAN NOT NULL,
        read_at TIMESTAMP WITH TIME ZONE,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_notifications PRIMARY KEY (id),
        CONSTRAINT fk_notifications_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
        CONSTRAINT uq_notifications_user_id_kind_cause UNIQUE (user_id, kind, cause)
    );
    CREATE INDEX ix_notifications_created_at ON notifications (created_at);
    CREATE INDEX ix_notifications_listed ON notifications (user_id, id) WHERE in_app;
    CREATE INDEX ix_notifications_unread ON notifications (user_id, id) WHERE in_app AND read_at IS NULL;
    CREATE TABLE notification_preferences (
        user_id UUID NOT NULL,
        kind TEXT NOT NULL CONSTRAINT ck_notification_preferences_kind_known CHECK (kind in (
            'WELCOME', 'EXPORT_READY', 'IMPORT_READY', 'TEXTBOOK_READY', 'ASSIGNMENT', 'STREAK_AT_RISK'
        )),
        channel TEXT NOT NULL
            CONSTRAINT ck_notification_preferences_channel_known CHECK (channel in ('IN_APP', 'EMAIL')),
        is_enabled BOOLEAN NOT NULL,
        updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT pk_notification_preferences PRIMARY KEY (user_id, kind, channel),
        CONSTRAINT fk_notification_preferences_user_id_users
            FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
    );
    -- Administrators do not see them either.
    ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON notifications USING (user_id = viewer_id());
    ALTER TABLE notification_preferences ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON notification_preferences USING (user_id = viewer_id());
    GRANT SELECT, INSERT, UPDATE ON notifications, notification_preferences TO shinjp_app;
"""


def upgrade() -> None:
    run(_TABLES)
    run(_changes._function("notifications", ("user_id",)))
    for operation in ("insert", "update"):
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON notifications {_changes._TRANSITIONS[operation]}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_notifications()"
        )


def downgrade() -> None:
    run("DROP TABLE notification_preferences; DROP TABLE notifications; DROP FUNCTION tell_change_of_notifications")
