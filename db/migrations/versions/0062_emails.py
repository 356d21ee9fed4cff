"""E-mails of notifications, and whether the address of an account is verified."""

from db.migrations.statements import run

revision = "0062"
down_revision = "0061"


def upgrade() -> None:
    run(
        """
        ALTER TABLE users ADD COLUMN email_verified BOOLEAN DEFAULT false NOT NULL;
        GRANT UPDATE (email_verified) ON users TO shinjp_app;
        CREATE TABLE emails (
            notification_id UUID NOT NULL,
            user_id UUID NOT NULL,
            state TEXT DEFAULT 'PENDING' NOT NULL CONSTRAINT ck_emails_state_known CHECK (state in (
                'PENDING', 'SENDING', 'SENT', 'FAILED', 'UNCERTAIN', 'DROPPED'
            )),
            attempts INTEGER DEFAULT 0 NOT NULL,
            next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL,
            error TEXT,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_emails PRIMARY KEY (notification_id),
            CONSTRAINT fk_emails_notification_id_notifications
                FOREIGN KEY(notification_id) REFERENCES notifications (id) ON DELETE CASCADE,
            CONSTRAINT fk_emails_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_emails_user_id ON emails (user_id);
        CREATE INDEX ix_emails_open ON emails (state, next_attempt_at) WHERE state IN ('PENDING', 'SENDING');
        ALTER TABLE emails ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON emails USING (user_id = viewer_id());
        GRANT SELECT, INSERT ON emails TO shinjp_app;
        -- Wakes workers that send.
        CREATE FUNCTION tell_emails() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
        BEGIN
            IF EXISTS (SELECT FROM new_rows) THEN
                PERFORM pg_catalog.pg_notify('emails', '');
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER tell AFTER INSERT ON emails REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION tell_emails();
        """
    )


def downgrade() -> None:
    run("DROP TABLE emails; DROP FUNCTION tell_emails; ALTER TABLE users DROP email_verified")
