"""Extensions of the limits of a day, and a random order of new cards."""

from importlib import import_module

from db.migrations.statements import run

revision = "0036"
down_revision = "0035"

_changes = import_module("db.migrations.versions.0009_changes")


def upgrade() -> None:
    run(
        """
        CREATE TABLE limit_extensions (
            user_id UUID NOT NULL,
            idempotency_key TEXT NOT NULL,
            day DATE NOT NULL,
            new_cards INTEGER NOT NULL
                CONSTRAINT ck_limit_extensions_new_cards_range CHECK (new_cards between 0 and 9999),
            reviews INTEGER NOT NULL CONSTRAINT ck_limit_extensions_reviews_range CHECK (reviews between 0 and 9999),
            created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
            CONSTRAINT pk_limit_extensions PRIMARY KEY (user_id, idempotency_key),
            CONSTRAINT fk_limit_extensions_user_id_users FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
        );
        CREATE INDEX ix_limit_extensions_user_id_day ON limit_extensions (user_id, day);
        CREATE INDEX ix_limit_extensions_created_at ON limit_extensions (created_at);
        ALTER TABLE limit_extensions ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own ON limit_extensions USING (user_id = viewer_id());
        CREATE POLICY administrators_read ON limit_extensions FOR SELECT USING (viewer_is_admin());
        GRANT SELECT, INSERT, UPDATE ON limit_extensions TO shinjp_app;
        """
    )
    run(_changes._function("limit_extensions", ("user_id",)))
    for operation, transitions in _changes._TRANSITIONS.items():
        run(
            f"CREATE TRIGGER tell_{operation} AFTER {operation} ON limit_extensions {transitions}"
            " FOR EACH STATEMENT EXECUTE FUNCTION tell_change_of_limit_extensions()"
        )
    _set_orders("'LEVEL_AND_FREQUENCY', 'AS_ADDED', 'RANDOM'")


def downgrade() -> None:
    run("DROP TABLE limit_extensions; DROP FUNCTION tell_change_of_limit_extensions")
    run("UPDATE user_settings SET new_card_order = 'LEVEL_AND_FREQUENCY' WHERE new_card_order = 'RANDOM'")
    _set_orders("'LEVEL_AND_FREQUENCY', 'AS_ADDED'")


def _set_orders(orders: str) -> None:
    name = "ck_user_settings_new_card_order_known"
    run(f"ALTER TABLE user_settings DROP CONSTRAINT {name}, ADD CONSTRAINT {name} CHECK (new_card_order in ({orders}))")
