"""Imports, the keys of what was imported, and entries of the log that set the schedule of a card."""

from db.migrations.statements import run

revision = "0058"
down_revision = "0057"

_JOB_KINDS = (
    *("GENERATE_TEXTBOOK", "EXPORT", "ANALYZE_BOOK", "ANALYZE_TEXT", "FIT_PARAMETERS", "RESCHEDULE_CARDS"),
    *("REFRESH_ANALYTICS", "CLEANUP"),
)
_CHANGE_KINDS = ("RESET", "RESCHEDULE", "BURY", "UNBURY", "VACATION", "SETTINGS")


def upgrade() -> None:
    run(
        """
        CREATE TABLE imports (
            id UUID NOT NULL,
            user_id UUID NOT NULL,
            source TEXT NOT NULL CONSTRAINT ck_imports_source_known
                CHECK (source in ('ANKI_PACKAGE', 'CSV', 'WANIKANI', 'SHINJP_EXPORT')),
            file_name TEXT NOT NULL
                CONSTRAINT ck_imports_file_name_length CHECK (length(file_name) between 1 and 200),
            upload_id UUID,
            job_id UUID,
            status TEXT NOT NULL CONSTRAINT ck_imports_status_known
                CHECK (status in ('ANALYZING', 'ANALYZED', 'IMPORTING', 'DONE', 'FAILED')),
            analysis JSONB,
            mapping JSONB,
            position INTEGER DEFAULT 0 NOT NULL,
            counts JSONB DEFAULT '{}' NOT NULL,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            finished_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_imports PRIMARY KEY (id),
            CONSTRAINT fk_imports_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT fk_imports_upload_id_uploads FOREIGN KEY(upload_id) REFERENCES uploads (id) ON DELETE SET NULL,
            CONSTRAINT fk_imports_job_id_jobs FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE SET NULL
        );
        CREATE INDEX ix_imports_user_id_id ON imports (user_id, id);
        CREATE INDEX ix_imports_job_id ON imports (job_id);
        CREATE INDEX ix_imports_upload_id ON imports (upload_id);
        CREATE INDEX ix_imports_created_at ON imports (created_at);
        CREATE TABLE import_keys (
            user_id UUID NOT NULL,
            source TEXT NOT NULL,
            note_key TEXT NOT NULL,
            ordinal SMALLINT NOT NULL,
            card_id UUID NOT NULL,
            CONSTRAINT pk_import_keys PRIMARY KEY (user_id, source, note_key, ordinal),
            CONSTRAINT fk_import_keys_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT fk_import_keys_card_id_cards FOREIGN KEY(card_id) REFERENCES cards (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_import_keys_card_id ON import_keys (card_id);
        CREATE TABLE import_reports (
            import_id UUID NOT NULL,
            position INTEGER NOT NULL,
            user_id UUID NOT NULL,
            content BYTEA NOT NULL,
            CONSTRAINT pk_import_reports PRIMARY KEY (import_id, position),
            CONSTRAINT fk_import_reports_import_id_imports
                FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE,
            CONSTRAINT fk_import_reports_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_import_reports_user_id ON import_reports (user_id);
        """
    )
    # What learners bring is their own: administrators do not see it either.
    for table in ("imports", "import_keys", "import_reports"):
        run(
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f"CREATE POLICY own ON {table} USING (user_id = viewer_id());"
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO shinjp_app"
        )
    _allow("jobs", (*_JOB_KINDS[:-2], "ANALYZE_IMPORT", "RUN_IMPORT", *_JOB_KINDS[-2:]))
    _allow("schedule_changes", (*_CHANGE_KINDS, "IMPORT"))


def downgrade() -> None:
    run("DROP TABLE import_reports, import_keys, imports")
    run("DELETE FROM jobs WHERE kind in ('ANALYZE_IMPORT', 'RUN_IMPORT')")
    run("DELETE FROM schedule_changes WHERE kind = 'IMPORT'")
    _allow("jobs", _JOB_KINDS)
    _allow("schedule_changes", _CHANGE_KINDS)


def _allow(table: str, kinds: tuple[str, ...]) -> None:
    values = ", ".join(f"'{kind}'" for kind in kinds)
    run(
        f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind_known,"
        f" ADD CONSTRAINT ck_{table}_kind_known CHECK (kind in ({values}))"
    )
