"""Records which transaction changed attempts at exercises and progress in chapters, for `Viewer.changes`."""

from db.migrations.statements import run, run_file

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    run_file("0055_changes_of_exercises.sql")


def downgrade() -> None:
    run(
        """
        DROP TRIGGER record_visibility_of_progress ON textbooks;
        DROP TRIGGER record_visibility_of_progress ON chapters;
        DROP TRIGGER record_progress ON exercises;
        DROP TRIGGER record_progress_of_deletions ON exercises;
        DROP TRIGGER record_progress ON exercise_attempts;
        DROP TRIGGER record_progress_of_changes ON exercise_attempts;
        DROP TRIGGER record_progress_of_deletions ON exercise_attempts;
        DROP TRIGGER record_deletions ON exercise_attempts;
        DROP TRIGGER record_deletions ON chapter_progress;
        DROP FUNCTION record_visibility_of_chapters, record_deleted_attempts, record_exercises_of_chapters,
            record_attempts_of_chapters, record_deleted_progress;
        DELETE FROM tombstones WHERE type IN ('CHAPTER_PROGRESS', 'EXERCISE_ATTEMPT');
        ALTER TABLE tombstones DROP CONSTRAINT ck_tombstones_type_known;
        ALTER TABLE tombstones ADD CONSTRAINT ck_tombstones_type_known
            CHECK (type in ('CARD', 'REVIEW', 'READING_PROGRESS', 'SETTINGS'));
        DELETE FROM chapter_progress WHERE last_read_at IS NULL;
        ALTER TABLE chapter_progress ALTER COLUMN last_read_at SET NOT NULL;
        """
    )
    for table in ("exercise_attempts", "chapter_progress"):
        run(f"DROP TRIGGER stamp_change ON {table}; DROP TRIGGER stamp_copy ON {table}")
        run(f"ALTER TABLE {table} DROP COLUMN changed_in")
    run("DROP INDEX ix_exercise_attempts_user_id_id")
