"""Trusted documents of the versions of apps, and which clients use them."""

from importlib import import_module

from db.migrations.statements import run

revision = "0070"
down_revision = "0069"

_changes = import_module("db.migrations.versions.0009_changes")


def upgrade() -> None:
    run(
        """
        CREATE TABLE trusted_documents (
            id TEXT NOT NULL CONSTRAINT pk_trusted_documents PRIMARY KEY,
            text TEXT NOT NULL,
            operation TEXT NOT NULL,
            kind TEXT NOT NULL,
            cost INTEGER NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL
        );
        CREATE TABLE app_versions (
            app TEXT NOT NULL,
            version TEXT NOT NULL,
            state TEXT DEFAULT 'ACTIVE' NOT NULL,
            pushed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_app_versions PRIMARY KEY (app, version),
            CONSTRAINT ck_app_versions_state_known CHECK (state in ('ACTIVE', 'DEPRECATED', 'RETIRED'))
        );
        CREATE TABLE app_version_documents (
            app TEXT NOT NULL,
            version TEXT NOT NULL,
            document_id TEXT NOT NULL,
            CONSTRAINT pk_app_version_documents PRIMARY KEY (app, version, document_id),
            CONSTRAINT fk_app_version_documents_app_version_app_versions FOREIGN KEY (app, version)
                REFERENCES app_versions (app, version) ON DELETE CASCADE,
            CONSTRAINT fk_app_version_documents_document_id_trusted_documents FOREIGN KEY (document_id)
                REFERENCES trusted_documents (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_app_version_documents_document_id ON app_version_documents (document_id);
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
        GRANT SELECT ON trusted_documents, app_versions, app_version_documents TO shinjp_app;
        GRANT SELECT, INSERT, UPDATE ON document_usage TO shinjp_app;
        """
    )
    run(_changes._function("app_versions", ("app",)))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON app_versions {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_app_versions()"
        )


def downgrade() -> None:
    run(
        """
        DROP TABLE document_usage, app_version_documents, app_versions, trusted_documents;
        DROP FUNCTION tell_change_of_app_versions;
        """
    )
