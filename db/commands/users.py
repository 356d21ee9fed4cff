"""Statements that change how a learner studies."""

from sqlalchemy import Double, Integer, Text, bindparam, func, select, text, update

from db.queries.selecting import VIEWER_ID, columns
from db.queries.users import StudySettingsRow
from db.query import Command, Query, Row
from db.tables.users import user_settings

_columns = columns(user_settings, StudySettingsRow)
_own = user_settings.c.user_id == VIEWER_ID

# Waits for reviews that are being saved, and keeps others from beginning. See db/commands/cards.py.
lock_settings = Command(select(*_columns).where(_own).with_for_update(key_share=True), StudySettingsRow)

# Parameters: a value for each setting; None leaves it as it is.
_CHANGEABLE = {
    "scheduler": Text,
    "desired_retention": Double,
    "new_cards_per_day": Integer,
    "reviews_per_day": Integer,
    "time_zone": Text,
}
update_settings = Command(
    update(user_settings)
    .values(
        **{
            name: func.coalesce(bindparam(f"new_{name}", type_=type_), user_settings.c[name])
            for name, type_ in _CHANGEABLE.items()
        },
        updated_at=func.now(),
    )
    .where(_own)
    .returning(*_columns),
    StudySettingsRow,
)

# Zones that the database can count days in. Parameter: time_zone. Reads its files, so it is for a change alone.
time_zones = Query(
    text("select name from pg_timezone_names where name = :time_zone").bindparams(bindparam("time_zone", type_=Text)),
    Row,
    personal=False,
)
