"""Words that end with a string: an index of the reversed keys that wildcards are compared with."""

from db.migrations.statements import run

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run("CREATE INDEX ix_search_keys_reversed ON search_keys (reverse(key)) WHERE left(key, 1) in ('g', 'k', 'r', 'w')")


def downgrade() -> None:
    run("DROP INDEX ix_search_keys_reversed")
