"""Webhooks of operators and their deliveries."""

from db.migrations.statements import run

revision = "0065"
down_revision = "0064"


def upgrade() -> None:
    run(
        """
        CREATE TABLE webhooks (
            id UUID NOT NULL,
            url TEXT NOT NULL CONSTRAINT ck_webhooks_url_length CHECK (length(url) <= 2000),
            event_kinds TEXT[] NOT NULL,
            secret TEXT NOT NULL,
            failing_since TIMESTAMP WITH TIME ZONE,
            disabled_at TIMESTAMP WITH TIME ZONE,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_webhooks PRIMARY KEY (id)
        );
        CREATE TABLE webhook_deliveries (
            id UUID NOT NULL,
            webhook_id UUID NOT NULL,
            event_id UUID NOT NULL,
            event_kind TEXT NOT NULL CONSTRAINT ck_webhook_deliveries_kind_known CHECK (event_kind in (
                'BOOK_FIRST_PUBLISHED', 'LEARNER_FIRST_SIGNED_IN', 'REPORT_RESOLVED', 'ASSIGNMENT_CREATED'
            )),
            payload TEXT NOT NULL,
            state TEXT DEFAULT 'PENDING' NOT NULL
                CONSTRAINT ck_webhook_deliveries_state_known CHECK (state in ('PENDING', 'DELIVERED', 'FAILED')),
            attempts INTEGER DEFAULT 0 NOT NULL,
            next_attempt_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            status INTEGER,
            error TEXT,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id),
            CONSTRAINT fk_webhook_deliveries_webhook_id_webhooks
                FOREIGN KEY(webhook_id) REFERENCES webhooks (id) ON DELETE CASCADE,
            CONSTRAINT uq_webhook_deliveries_webhook_id_event_id UNIQUE (webhook_id, event_id)
        );
        CREATE INDEX ix_webhook_deliveries_webhook_id_id ON webhook_deliveries (webhook_id, id);
        CREATE INDEX ix_webhook_deliveries_created_at ON webhook_deliveries (created_at);
        CREATE INDEX ix_webhook_deliveries_pending ON webhook_deliveries (next_attempt_at) WHERE state = 'PENDING';
        ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
        CREATE POLICY administrators ON webhooks USING (viewer_is_admin());
        ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
        CREATE POLICY administrators ON webhook_deliveries USING (viewer_is_admin());
        -- Only workers, which own the tables, read secrets.
        GRANT SELECT (id, url, event_kinds, failing_since, disabled_at, created_at) ON webhooks TO shinjp_app;
        GRANT INSERT, UPDATE (failing_since, disabled_at), DELETE ON webhooks TO shinjp_app;
        GRANT SELECT, UPDATE (state, attempts, next_attempt_at) ON webhook_deliveries TO shinjp_app;
        -- Wakes workers that send.
        CREATE FUNCTION tell_webhook_deliveries() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
        BEGIN
            IF EXISTS (SELECT FROM new_rows WHERE state = 'PENDING' AND next_attempt_at <= pg_catalog.now()) THEN
                PERFORM pg_catalog.pg_notify('webhooks', '');
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER tell_insert AFTER INSERT ON webhook_deliveries REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION tell_webhook_deliveries();
        CREATE TRIGGER tell_update AFTER UPDATE ON webhook_deliveries REFERENCING NEW TABLE AS new_rows
            FOR EACH STATEMENT EXECUTE FUNCTION tell_webhook_deliveries();
        """
    )


def downgrade() -> None:
    run("DROP TABLE webhook_deliveries; DROP TABLE webhooks; DROP FUNCTION tell_webhook_deliveries")
