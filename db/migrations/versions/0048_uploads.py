"""Files that learners upload."""

from db.migrations.statements import run

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    run(
        """
        CREATE TABLE uploads (
            id UUID NOT NULL,
            user_id UUID NOT NULL,
            file_name TEXT NOT NULL
                CONSTRAINT ck_uploads_file_name_length CHECK (length(file_name) between 1 and 200),
            size BIGINT NOT NULL CONSTRAINT ck_uploads_size_positive CHECK (size > 0),
            received BIGINT DEFAULT 0 NOT NULL
                CONSTRAINT ck_uploads_received_range CHECK (received between 0 and size),
            parts TEXT[] DEFAULT '{}' NOT NULL CONSTRAINT ck_uploads_parts_size CHECK (cardinality(parts) <= 2000),
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_uploads PRIMARY KEY (id),
            CONSTRAINT fk_uploads_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_uploads_user_id_expires_at ON uploads (user_id, expires_at);
        CREATE INDEX ix_uploads_expires_at ON uploads (expires_at);
        -- What learners upload is their own: administrators do not see it either.
        ALTER TABLE uploads ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON uploads USING (user_id = viewer_id());
        GRANT SELECT, INSERT, UPDATE, DELETE ON uploads TO shinjp_app;
        """
    )


def downgrade() -> None:
    run("DROP TABLE uploads")
