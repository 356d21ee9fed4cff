"""The texts of books, by page."""

from importlib import import_module

from db.migrations.statements import run

revision = "0020"
down_revision = "0019"

_changes = import_module("db.migrations.versions.0009_changes")


def upgrade() -> None:
    run(
        """
        ALTER TABLE books ADD COLUMN has_text BOOLEAN DEFAULT false NOT NULL;
        CREATE TABLE book_pages (
            book_id UUID NOT NULL,
            number INTEGER NOT NULL CONSTRAINT ck_book_pages_number_range CHECK (number between 1 and 100000),
            text TEXT NOT NULL CONSTRAINT ck_book_pages_text_length CHECK (length(text) between 1 and 600),
            ruby JSONB NOT NULL CONSTRAINT ck_book_pages_ruby_size
                CHECK (jsonb_typeof(ruby) = 'array' and jsonb_array_length(ruby) <= 200),
            CONSTRAINT pk_book_pages PRIMARY KEY (book_id, number),
            CONSTRAINT fk_book_pages_book_id_books FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE CASCADE
        );
        -- Like books: everyone reads them, editors write them. Pages are replaced, not updated.
        ALTER TABLE book_pages ENABLE ROW LEVEL SECURITY;
        CREATE POLICY anybody_reads ON book_pages FOR SELECT USING (true);
        CREATE POLICY editors_add ON book_pages FOR INSERT WITH CHECK (viewer_is_editor());
        CREATE POLICY editors_remove ON book_pages FOR DELETE USING (viewer_is_editor());
        GRANT SELECT, INSERT, DELETE ON book_pages TO shinjp_app;
        """
    )
    run(_changes._function("book_pages", ("book_id",)))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON book_pages {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_book_pages()"
        )


def downgrade() -> None:
    run("DROP TABLE book_pages; DROP FUNCTION tell_change_of_book_pages; ALTER TABLE books DROP COLUMN has_text")
