"""Statements that save imports, the keys of imported notes, and reports."""

from sqlalchemy import (
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    bindparam,
    case,
    delete,
    func,
    null,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID, insert

from db.commands.cards import CHANGE
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID
from db.tables.cards import cards
from db.tables.imports import import_keys, import_reports, imports
from domain.enums import ImportStatus

_ID = bindparam("import_id", type_=UUID)
_JOB_ID = bindparam("job_id", type_=UUID)
_own = (imports.c.id == _ID, imports.c.user_id == VIEWER_ID)

# Parameters: import_id, source, file_name, upload_id, job_id.
insert_import = Command(
    insert(imports).values(
        id=_ID,
        user_id=VIEWER_ID,
        source=bindparam("source", type_=Text),
        file_name=bindparam("file_name", type_=Text),
        upload_id=bindparam("upload_id", type_=UUID),
        job_id=_JOB_ID,
        status=ImportStatus.ANALYZING.value,
        created_at=NOW,
        updated_at=NOW,
    ),
    Row,
)

# Parameters: import_id, analysis.
save_analysis = Command(
    update(imports)
    .values(analysis=bindparam("analysis", type_=JSONB), status=ImportStatus.ANALYZED.value, updated_at=NOW)
    .where(*_own),
    Row,
)

# Parameters: import_id, mapping, job_id.
confirm_import = Command(
    update(imports)
    .values(
        mapping=bindparam("mapping", type_=JSONB),
        job_id=_JOB_ID,
        status=ImportStatus.IMPORTING.value,
        position=0,
        counts=text("'{}'::jsonb"),
        finished_at=null(),
        updated_at=NOW,
    )
    .where(*_own),
    Row,
)
# Of an earlier run. Parameter: import_id.
delete_reports = Command(
    delete(import_reports).where(import_reports.c.import_id == _ID, import_reports.c.user_id == VIEWER_ID), Row
)

# Parameters: import_id, position, counts, content.
save_progress = Command(
    update(imports)
    .values(position=bindparam("position", type_=Integer), counts=bindparam("counts", type_=JSONB), updated_at=NOW)
    .where(*_own),
    Row,
)
insert_report = Command(
    insert(import_reports).values(
        import_id=_ID,
        position=bindparam("position", type_=Integer),
        user_id=VIEWER_ID,
        content=bindparam("content", type_=LargeBinary),
    ),
    Row,
)
# Parameter: import_id.
finish_import = Command(
    update(imports).values(status=ImportStatus.DONE.value, finished_at=NOW, updated_at=NOW).where(*_own), Row
)

_keys = UnnestedRows("keys", {"note_key": Text(), "ordinal": SmallInteger(), "card_id": cards.c.id.type})
_new_keys = insert(import_keys).from_select(
    ["user_id", "source", "note_key", "ordinal", "card_id"],
    select(VIEWER_ID, bindparam("source", type_=Text), *_keys.table.c).order_by(
        _keys.table.c.note_key, _keys.table.c.ordinal
    ),
)
# Parameters: source, and those of `key_values`.
save_keys = Command(
    _new_keys.on_conflict_do_update(
        index_elements=["user_id", "source", "note_key", "ordinal"],
        set_={"card_id": _new_keys.excluded.card_id},
        where=import_keys.c.card_id != _new_keys.excluded.card_id,
    ),
    Row,
)
key_values = _keys.values

_MARKS = ("id", "suspended", "flag", "suspended_as_leech", "dismissed_leech_marks")
_marks = UnnestedRows("marks", {name: cards.c[name].type for name in _MARKS})
# Restores deleted cards, and suspends and marks cards that have neither. Parameters: `mark_values`.
mark_cards = Command(
    update(cards)
    .values(
        deleted_at=null(),
        suspended=cards.c.suspended | _marks.table.c.suspended,
        suspended_as_leech=case(
            (cards.c.suspended, cards.c.suspended_as_leech), else_=_marks.table.c.suspended_as_leech
        ),
        dismissed_leech_marks=func.greatest(cards.c.dismissed_leech_marks, _marks.table.c.dismissed_leech_marks),
        flag=func.coalesce(func.nullif(cards.c.flag, 0), _marks.table.c.flag),
        **CHANGE,
    )
    .where(cards.c.id == _marks.table.c.id, cards.c.user_id == VIEWER_ID),
    Row,
)
mark_values = _marks.values
