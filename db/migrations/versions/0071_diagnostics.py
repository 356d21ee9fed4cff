"""Slow operations and errors of all processes, for administrators."""

from db.migrations.statements import run

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    run(
        """
        CREATE TABLE slow_operations (
            id UUID NOT NULL CONSTRAINT pk_slow_operations PRIMARY KEY,
            at TIMESTAMP WITH TIME ZONE NOT NULL,
            kind TEXT NOT NULL,
            operation TEXT,
            document_hash TEXT,
            client TEXT NOT NULL,
            duration_ms DOUBLE PRECISION NOT NULL,
            parse_ms DOUBLE PRECISION NOT NULL,
            validate_ms DOUBLE PRECISION NOT NULL,
            plan_ms DOUBLE PRECISION NOT NULL,
            execute_ms DOUBLE PRECISION NOT NULL,
            encode_ms DOUBLE PRECISION NOT NULL,
            sql_ms DOUBLE PRECISION NOT NULL,
            pool_wait_ms DOUBLE PRECISION NOT NULL,
            redis_ms DOUBLE PRECISION NOT NULL,
            statements JSONB NOT NULL,
            request_id TEXT,
            trace_id TEXT NOT NULL
        );
        CREATE INDEX ix_slow_operations_at_id ON slow_operations (at, id);
        CREATE TABLE error_groups (
            fingerprint TEXT NOT NULL CONSTRAINT pk_error_groups PRIMARY KEY,
            code TEXT NOT NULL,
            exception TEXT,
            location TEXT,
            operation TEXT,
            count BIGINT NOT NULL,
            first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
            last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
            request_id TEXT
        );
        CREATE INDEX ix_error_groups_last_seen_at_fingerprint ON error_groups (last_seen_at, fingerprint);
        GRANT SELECT, INSERT, DELETE ON slow_operations TO shinjp_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON error_groups TO shinjp_app;
        ALTER TABLE slow_operations ENABLE ROW LEVEL SECURITY;
        ALTER TABLE error_groups ENABLE ROW LEVEL SECURITY;
        CREATE POLICY administrators ON slow_operations USING (viewer_is_admin());
        CREATE POLICY administrators ON error_groups USING (viewer_is_admin());
        """
    )


def downgrade() -> None:
    run("DROP TABLE slow_operations, error_groups")
