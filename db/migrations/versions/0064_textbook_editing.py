"""Chapters and exercises by hand: positions while they are reordered, and the functions that write exercises."""

from db.migrations.statements import run, run_file

revision = "0064"
down_revision = "0063"


def upgrade() -> None:
    run_file("0064_textbook_editing.sql")


def downgrade() -> None:
    run(
        """
        DROP FUNCTION replace_exercises;
        DROP FUNCTION copy_chapters;
        ALTER TABLE chapters DROP CONSTRAINT ck_chapters_position_range;
        ALTER TABLE chapters ADD CONSTRAINT ck_chapters_position_range CHECK (position between 1 and 50);
        ALTER TABLE exercises DROP CONSTRAINT ck_exercises_position_range;
        ALTER TABLE exercises ADD CONSTRAINT ck_exercises_position_range CHECK (position >= 0 and position < 4);
        """
    )
