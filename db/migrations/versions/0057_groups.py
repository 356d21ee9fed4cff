"""Groups of teachers and learners, invitations and assignments."""

from db.migrations.statements import run, run_file

revision = "0057"
down_revision = "0056"


def upgrade() -> None:
    run_file("0057_groups.sql")


def downgrade() -> None:
    run(
        """
        ALTER TABLE notifications DROP assignment_id;
        DELETE FROM events WHERE kind = 'ASSIGNMENT_CREATED';
        ALTER TABLE events
            DROP CONSTRAINT ck_events_kind_known,
            ADD CONSTRAINT ck_events_kind_known CHECK (kind in (
                'BOOK_FIRST_PUBLISHED', 'LEARNER_FIRST_SIGNED_IN', 'REPORT_RESOLVED'
            ));
        DROP FUNCTION read_as_members;
        DROP FUNCTION join_group;
        DROP FUNCTION create_group;
        DROP VIEW group_profiles;
        DROP TABLE assignments;
        DROP TABLE group_invitations;
        DROP TABLE group_members CASCADE;
        DROP TABLE groups;
        DROP FUNCTION viewer_group_role;
        """
    )
