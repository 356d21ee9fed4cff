"""Statements that save the ambiguous words of imports, and what was chosen."""

from sqlalchemy import JSON, Integer, Text, bindparam, cast, literal_column, select, true
from sqlalchemy.dialects.postgresql import JSONB, UUID, insert

from db.commands.json_rows import JsonRows
from db.core.statement import Command, Row
from db.queries.expressions import VIEWER_ID
from db.tables.imports import import_words

_ID = bindparam("import_id", type_=UUID)
_COLUMNS = ("import_id", "user_id", "number", "form", "reading", "note_count", "candidates", "is_chosen", "chosen_id")

_found = JsonRows(
    "found", {"number": Integer(), "form": Text(), "reading": Text(), "note_count": Integer(), "candidates": JSON()}
)
# Parameters: import_id, found.
insert_words = Command(
    insert(import_words).from_select(
        [*_COLUMNS[:-2]],
        select(
            _ID,
            VIEWER_ID,
            *(_found.table.c[name] for name in ("number", "form", "reading", "note_count")),
            cast(_found.table.c.candidates, JSONB),
        ),
    ),
    Row,
)
found_value = _found.value

_chosen = JsonRows("chosen", {"form": Text(), "reading": Text(), "chosen_id": UUID()})
# After all others: the analysis did not find it.
_LAST = literal_column("2147483647", Integer)
_choices = insert(import_words).from_select(
    [*_COLUMNS],
    select(
        _ID,
        VIEWER_ID,
        _LAST,
        _chosen.table.c.form,
        _chosen.table.c.reading,
        literal_column("0", Integer),
        literal_column("'[]'::jsonb", JSONB),
        true(),
        _chosen.table.c.chosen_id,
    ).order_by(_chosen.table.c.form, _chosen.table.c.reading),
)
# Parameters: import_id, chosen.
save_choices = Command(
    _choices.on_conflict_do_update(
        index_elements=["import_id", "form", "reading"],
        set_={"is_chosen": True, "chosen_id": _choices.excluded.chosen_id},
    ),
    Row,
)
chosen_value = _chosen.value
