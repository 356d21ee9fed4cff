"""Counts of requests, coordinates and trusted documents by client and version, instead of two tables by client."""

from db.migrations.statements import run

revision = "0073"
down_revision = "0072"


def upgrade() -> None:
    run(
        """
        CREATE TABLE usage_counts (
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            day DATE NOT NULL,
            client TEXT NOT NULL,
            version TEXT NOT NULL,
            count BIGINT NOT NULL,
            last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_usage_counts PRIMARY KEY (kind, name, day, client, version),
            CONSTRAINT ck_usage_counts_kind_known CHECK (kind in ('COORDINATE', 'DOCUMENT', 'REQUEST'))
        );
        CREATE INDEX ix_usage_counts_day ON usage_counts (day);
        INSERT INTO usage_counts (kind, name, day, client, version, count, last_used_at)
            SELECT 'COORDINATE', coordinate, day, client, '', count, last_seen_at FROM deprecated_usage
            WHERE day > current_date - 90
            UNION ALL SELECT 'DOCUMENT', document_id, day, client, '', count, last_used_at FROM document_usage;
        GRANT SELECT, INSERT, UPDATE ON usage_counts TO shinjp_app;
        ALTER TABLE usage_counts ENABLE ROW LEVEL SECURITY;
        CREATE POLICY administrators ON usage_counts USING (viewer_is_admin());
        DROP TABLE deprecated_usage, document_usage;
        ALTER TABLE app_versions ADD state_since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;
        """
    )


def downgrade() -> None:
    run(
        """
        ALTER TABLE app_versions DROP state_since;
        CREATE TABLE deprecated_usage (
            day DATE NOT NULL,
            coordinate TEXT NOT NULL,
            client TEXT NOT NULL,
            count BIGINT NOT NULL,
            last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_deprecated_usage PRIMARY KEY (day, coordinate, client)
        );
        CREATE TABLE document_usage (
            day DATE NOT NULL,
            document_id TEXT NOT NULL,
            client TEXT NOT NULL,
            count BIGINT NOT NULL,
            last_used_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_document_usage PRIMARY KEY (day, document_id, client),
            CONSTRAINT fk_document_usage_document_id_trusted_documents FOREIGN KEY (document_id)
                REFERENCES trusted_documents (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_document_usage_document_id ON document_usage (document_id);
        INSERT INTO document_usage (day, document_id, client, count, last_used_at)
            SELECT day, name, client, sum(count), max(last_used_at) FROM usage_counts
            JOIN trusted_documents ON id = name WHERE usage_counts.kind = 'DOCUMENT' GROUP BY 1, 2, 3;
        GRANT SELECT, INSERT, UPDATE ON deprecated_usage, document_usage TO shinjp_app;
        ALTER TABLE deprecated_usage ENABLE ROW LEVEL SECURITY;
        CREATE POLICY count_any ON deprecated_usage FOR INSERT WITH CHECK (true);
        CREATE POLICY raise_any ON deprecated_usage FOR UPDATE USING (true);
        CREATE POLICY any_read ON deprecated_usage FOR SELECT USING (true);
        DROP TABLE usage_counts;
        """
    )
