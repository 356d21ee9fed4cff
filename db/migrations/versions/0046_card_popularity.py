"""The popularity of the word or kanji on its cards, by which new cards are ordered."""

from db.migrations.statements import run

revision = "0046"
down_revision = "0045"

_WORDS = {"vocabulary": "vocabulary_id", "kanji": "kanji_id"}

# Of a changed word, on all of its cards.
_COPY = """
    CREATE FUNCTION copy_popularity_of_{table}() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
    BEGIN
        UPDATE public.cards SET popularity = new_rows.popularity
            FROM new_rows JOIN old_rows USING (id)
            WHERE new_rows.popularity <> old_rows.popularity AND cards.{column} = new_rows.id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER copy_popularity AFTER UPDATE ON {table}
        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION copy_popularity_of_{table}();
"""


def upgrade() -> None:
    run(
        """
        ALTER TABLE cards ADD COLUMN popularity SMALLINT DEFAULT 0 NOT NULL;
        UPDATE cards SET popularity = vocabulary.popularity FROM vocabulary WHERE vocabulary.id = vocabulary_id;
        UPDATE cards SET popularity = kanji.popularity FROM kanji WHERE kanji.id = kanji_id;
        CREATE INDEX ix_cards_new ON cards (user_id, popularity DESC, id)
            WHERE queue = 'NEW' AND NOT suspended AND deleted_at IS NULL;

        -- Without a setting of `search_path`, as `stamp_change`: all names in it are qualified.
        CREATE FUNCTION set_popularity() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.popularity := coalesce(
                (SELECT popularity FROM public.vocabulary WHERE id = NEW.vocabulary_id),
                (SELECT popularity FROM public.kanji WHERE id = NEW.kanji_id),
                0
            );
            RETURN NEW;
        END $$;
        CREATE TRIGGER set_popularity BEFORE INSERT OR UPDATE OF vocabulary_id, kanji_id ON cards
            FOR EACH ROW EXECUTE FUNCTION set_popularity();
        """
    )
    for table, column in _WORDS.items():
        run(_COPY.format(table=table, column=column))


def downgrade() -> None:
    for table in _WORDS:
        run(f"DROP TRIGGER copy_popularity ON {table}; DROP FUNCTION copy_popularity_of_{table}")
    run("DROP TRIGGER set_popularity ON cards; DROP FUNCTION set_popularity; ALTER TABLE cards DROP popularity")
