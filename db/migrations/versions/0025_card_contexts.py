"""The sentences in which learners met the words of their cards."""

from db.migrations.statements import run

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run(
        """
        CREATE TABLE card_contexts (
            card_id UUID NOT NULL,
            user_id UUID NOT NULL,
            text TEXT NOT NULL CONSTRAINT ck_card_contexts_text_length CHECK (length(text) between 1 and 500),
            book_id UUID,
            page INTEGER CONSTRAINT ck_card_contexts_page_positive CHECK (page > 0),
            CONSTRAINT pk_card_contexts PRIMARY KEY (card_id),
            CONSTRAINT fk_card_contexts_card_id_cards FOREIGN KEY(card_id) REFERENCES cards (id) ON DELETE CASCADE,
            CONSTRAINT fk_card_contexts_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT fk_card_contexts_book_id_books FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE SET NULL
        );
        CREATE INDEX ix_card_contexts_user_id ON card_contexts (user_id);
        CREATE INDEX ix_card_contexts_book_id ON card_contexts (book_id);
        -- As for cards: administrators can read but not change them.
        ALTER TABLE card_contexts ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON card_contexts USING (user_id = viewer_id());
        CREATE POLICY administrators_read ON card_contexts FOR SELECT USING (viewer_is_admin());
        GRANT SELECT, INSERT, UPDATE ON card_contexts TO shinjp_app;
        """
    )


def downgrade() -> None:
    run("DROP TABLE card_contexts")
