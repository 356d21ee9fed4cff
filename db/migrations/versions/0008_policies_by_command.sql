-- A policy for all commands applies to reads in addition to the policy for reads: each chapter looked up its textbook
-- twice, and each word of a chapter four times. Policies per writing command leave reads to the other one.
DO $$
DECLARE
    command text;
    clause text;
BEGIN
    DROP POLICY with_textbook_write ON chapters;
    DROP POLICY with_chapter_write ON chapter_vocabulary;
    FOREACH command IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
        clause := CASE command WHEN 'insert' THEN 'WITH CHECK' ELSE 'USING' END;
        EXECUTE format('CREATE POLICY with_textbook_%1$s ON chapters FOR %1$s %2$s (EXISTS (
            SELECT 1 FROM textbooks WHERE textbooks.id = textbook_id AND (owner_id = viewer_id() OR viewer_is_editor())
        ))', command, clause);
        EXECUTE format('CREATE POLICY with_chapter_%1$s ON chapter_vocabulary FOR %1$s %2$s (EXISTS (
            SELECT 1 FROM chapters JOIN textbooks ON textbooks.id = textbook_id
            WHERE chapters.id = chapter_id AND (owner_id = viewer_id() OR viewer_is_editor())
        ))', command, clause);
    END LOOP;
END $$;
