"""Separate policies per command for chapters and their words, so that reads are checked once."""

from db.migrations.statements import run, run_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_file("0008_policies_by_command.sql")


def downgrade() -> None:
    run(
        """
        DO $$
        DECLARE
            command text;
        BEGIN
            FOREACH command IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
                EXECUTE format('DROP POLICY with_textbook_%s ON chapters', command);
                EXECUTE format('DROP POLICY with_chapter_%s ON chapter_vocabulary', command);
            END LOOP;
        END $$;
        CREATE POLICY with_textbook_write ON chapters USING (EXISTS (
            SELECT 1 FROM textbooks WHERE textbooks.id = textbook_id AND (owner_id = viewer_id() OR viewer_is_editor())
        ));
        CREATE POLICY with_chapter_write ON chapter_vocabulary USING (EXISTS (
            SELECT 1 FROM chapters JOIN textbooks ON textbooks.id = textbook_id
            WHERE chapters.id = chapter_id AND (owner_id = viewer_id() OR viewer_is_editor())
        ));
        """
    )
