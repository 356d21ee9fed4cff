"""Statements that change profiles and study settings."""

from dataclasses import asdict, fields
from datetime import datetime

import orjson
from sqlalchemy import Boolean, Text, bindparam, case, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from db.core.statement import Command, Query, Row
from db.queries.expressions import NOW, VIEWER_ID, row_columns
from db.queries.users import AccountRow, StudySettingsRow
from db.tables.users import user_settings, users
from domain.study_settings import MAX_EARLIER_DAYS, SettingsChange

_NAME = bindparam("new_display_name", type_=Text)

# Parameters: new_display_name, None for the present one; new_locale, and whether to change it: changes_locale.
update_profile = Command(
    update(users)
    .values(
        display_name=func.coalesce(_NAME, users.c.display_name),
        has_chosen_name=or_(users.c.has_chosen_name, _NAME.is_not(None)),
        locale=case(
            (bindparam("changes_locale", type_=Boolean), bindparam("new_locale", type_=Text)), else_=users.c.locale
        ),
        updated_at=NOW,
    )
    .where(users.c.id == VIEWER_ID)
    .returning(*row_columns(users, AccountRow)),
    AccountRow,
)

_columns = row_columns(user_settings, StudySettingsRow)
_own = user_settings.c.user_id == VIEWER_ID

# Waits for running reviews and blocks new ones. See db/commands/cards.py.
lock_settings = Command(select(*_columns).where(_own).with_for_update(key_share=True), StudySettingsRow)

# Parameters: `settings_values`.
update_settings = Command(
    update(user_settings)
    .values(
        **{
            name: func.coalesce(bindparam(f"new_{name}", type_=user_settings.c[name].type), user_settings.c[name])
            for name in (field.name for field in fields(SettingsChange))
        },
        earlier_days=func.coalesce(bindparam("new_earlier_days", type_=JSONB), user_settings.c.earlier_days),
        updated_at=func.now(),
        changed_in=func.pg_current_xact_id(),
    )
    .where(_own)
    .returning(*_columns),
    StudySettingsRow,
)


def settings_values(change: SettingsChange, before: StudySettingsRow, now: datetime) -> dict[str, object]:
    """Return the parameters of `update_settings`."""
    values = {f"new_{name}": value for name, value in asdict(change).items()}
    days = change.applied_to(before.scheduling)
    earlier = None
    if (days.time_zone, days.day_starts_at_hour) != (before.time_zone, before.day_starts_at_hour):
        known = orjson.loads(before.earlier_days)
        since = known[-1]["until"] if known else before.created_at
        ended = {"since": since, "until": now, "timeZone": before.time_zone, "dayStartsAt": before.day_starts_at_hour}
        earlier = orjson.dumps([*known, ended][-MAX_EARLIER_DAYS:]).decode()
    return {**values, "new_earlier_days": earlier}


# Time zones that the database supports. Reads files, so it is only used for changes. Parameter: time_zone.
time_zones = Query(
    text("select name from pg_timezone_names where name = :time_zone").bindparams(bindparam("time_zone", type_=Text)),
    Row,
    rls_scoped=False,
)
