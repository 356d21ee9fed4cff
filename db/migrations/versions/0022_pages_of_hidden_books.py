"""Pages of deleted and unpublished books are visible to those who see the book."""

from db.migrations.statements import run

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    # The queries for pages take the id of a book that the viewer was shown; the database does not rely on it.
    run(
        """
        DROP POLICY anybody_reads ON book_pages;
        CREATE POLICY with_book_read ON book_pages FOR SELECT USING (EXISTS (
            SELECT 1 FROM books WHERE books.id = book_id AND deleted_at IS NULL
                AND (published_at IS NOT NULL OR viewer_is_editor())
        ));
        """
    )


def downgrade() -> None:
    run(
        """
        DROP POLICY with_book_read ON book_pages;
        CREATE POLICY anybody_reads ON book_pages FOR SELECT USING (true);
        """
    )
