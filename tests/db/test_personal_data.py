"""The registry of personal data names every table with data of learners, and docs/privacy.md describes all of them."""

from typing import Any

from domain.personal_data import PERSONAL_TABLES, exported_tables
from tests.container import ROOT

# Tables that refer to users, directly or by other tables, have a column named like a person's id, or are computed from
# such tables.
_WITH_LEARNERS = r"""
    with recursive referring as (
        select 'users'::regclass::oid as id
        union
        select conrelid from referring join pg_constraint on confrelid = referring.id where contype = 'f'
    )
    select distinct case when nspname in ('public', 'private') then relname else nspname || '.' || relname end
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p', 'm') and not relispartition
        and nspname not in ('pg_catalog', 'information_schema') and nspname !~ '^pg_toast|^pg_temp'
        and (pg_class.oid in (select id from referring) or exists (
            select from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped and (
                attname ~ '(^|_)(user|learner|owner|actor|author|member|teacher|reporter|viewer|subject)_id$'
                or attname ~ '(^|_)(email|ip|address)$' or attname ~ '_by$' and atttypid = 'uuid'::regtype
                or atttypid = 'bytea'::regtype
            )
        ))
"""


async def test_registry_names_all_tables_with_data_of_learners(owner: Any) -> None:
    found = {row[0] for row in await owner.fetch(_WITH_LEARNERS)}
    assert {"users", "reviews", "analyzed_text_parts", "exercise_solutions", "audit_log", "queue.entries"} <= found
    registered = {table.name for table in PERSONAL_TABLES}
    assert len(registered) == len(PERSONAL_TABLES)
    assert found <= registered, f"add to domain/personal_data.py: {sorted(found - registered)}"
    # Domain events name accounts by `entity_id`, and their deliveries by the event.
    assert registered - found == {"events", "webhook_deliveries"}


def test_documentation_lists_the_registry() -> None:
    text = (ROOT / "docs" / "privacy.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{table.name}` | {table.content} | {table.purpose} | {table.kept} | {table.readers.value} |"
        f" {table.erasure.value} |"
        for table in PERSONAL_TABLES
    ]
    for table in PERSONAL_TABLES:
        assert table.is_exported == (table in exported_tables())
