"""Reports of mistakes in the content by learners, and their notifications."""

from db.migrations.statements import run

revision = "0054"
down_revision = "0053"

# By table, the kinds before.
_KINDS = {
    "events": ("BOOK_FIRST_PUBLISHED", "LEARNER_FIRST_SIGNED_IN"),
    **dict.fromkeys(
        ("notifications", "notification_preferences"),
        ("WELCOME", "EXPORT_READY", "IMPORT_READY", "TEXTBOOK_READY", "ASSIGNMENT", "STREAK_AT_RISK"),
    ),
}


def upgrade() -> None:
    run(
        """
        CREATE TABLE reports (
            id UUID NOT NULL CONSTRAINT pk_reports PRIMARY KEY,
            user_id UUID NOT NULL CONSTRAINT fk_reports_user_id_users REFERENCES users (id) ON DELETE CASCADE,
            type TEXT NOT NULL CONSTRAINT ck_reports_type_known
                CHECK (type in ('VOCABULARY', 'SENTENCE', 'KANJI', 'CHAPTER', 'BOOK_PAGE', 'EXERCISE')),
            object_id UUID NOT NULL,
            place INTEGER,
            reason TEXT NOT NULL CONSTRAINT ck_reports_reason_known CHECK (reason in (
                'WRONG_READING', 'WRONG_MEANING', 'WRONG_TRANSLATION', 'WRONG_ANSWER', 'SPELLING', 'INAPPROPRIATE',
                'OTHER'
            )),
            comment TEXT CONSTRAINT ck_reports_comment_length CHECK (length(comment) <= 2000),
            proposal TEXT CONSTRAINT ck_reports_proposal_length CHECK (length(proposal) <= 2000),
            state TEXT NOT NULL CONSTRAINT ck_reports_state_known
                CHECK (state in ('OPEN', 'ASSIGNED', 'ACCEPTED', 'REJECTED')),
            assignee_id UUID CONSTRAINT fk_reports_assignee_id_users REFERENCES users (id) ON DELETE SET NULL,
            answer TEXT CONSTRAINT ck_reports_answer_length CHECK (length(answer) <= 2000),
            version INTEGER DEFAULT 1 NOT NULL,
            resolved_at TIMESTAMP WITH TIME ZONE,
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT ck_reports_place CHECK ((type in ('SENTENCE', 'BOOK_PAGE')) = (place IS NOT NULL)),
            CONSTRAINT ck_reports_resolved CHECK ((resolved_at IS NULL) = (state in ('OPEN', 'ASSIGNED')))
        );
        CREATE UNIQUE INDEX uq_reports_open ON reports (user_id, type, object_id, coalesce(place, -1))
            WHERE resolved_at IS NULL;
        CREATE INDEX ix_reports_user_id_id ON reports (user_id, id);
        CREATE INDEX ix_reports_state_id ON reports (state, id);
        CREATE INDEX ix_reports_object_id ON reports (object_id);
        CREATE INDEX ix_reports_assignee_id ON reports (assignee_id);

        GRANT SELECT, INSERT, UPDATE (state, assignee_id, answer, version, resolved_at, updated_at) ON reports
            TO shinjp_app;
        ALTER TABLE reports ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own_read ON reports FOR SELECT USING (user_id = viewer_id());
        CREATE POLICY own_insert ON reports FOR INSERT WITH CHECK (user_id = viewer_id() AND state = 'OPEN');
        CREATE POLICY editors_read ON reports FOR SELECT USING (viewer_is_editor());
        CREATE POLICY editors_update ON reports FOR UPDATE USING (viewer_is_editor());
        """
    )
    for table, kinds in _KINDS.items():
        run(_allow(table, (*kinds, "REPORT_RESOLVED")))


def downgrade() -> None:
    run("DROP TABLE reports")
    for table, kinds in _KINDS.items():
        run(f"DELETE FROM {table} WHERE kind = 'REPORT_RESOLVED'")  # noqa: S608  # a constant name
        run(_allow(table, kinds))


def _allow(table: str, kinds: tuple[str, ...]) -> str:
    return f"""
        ALTER TABLE {table} DROP CONSTRAINT ck_{table}_kind_known;
        ALTER TABLE {table} ADD CONSTRAINT ck_{table}_kind_known CHECK (kind in ({", ".join(map(repr, kinds))}));
    """
