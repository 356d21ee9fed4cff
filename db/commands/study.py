"""Statements that change the limits of a day."""

from sqlalchemy import Date, Integer, Text, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.core.statement import Command, Query, Row
from db.queries.expressions import VIEWER_ID, row_columns
from db.queries.study_limits import LimitExtensionRow
from db.tables.study import limit_extensions


class ExtensionTotalRow(Row):
    """By how much the limits of a day are extended."""

    __slots__ = ()
    new_cards: int
    reviews: int


_DAY = bindparam("day", type_=Date)

# Parameter: day.
extension_of_day = Query(
    select(
        *(
            func.coalesce(func.sum(limit_extensions.c[name]), 0, type_=Integer).cast(Integer).label(name)
            for name in ("new_cards", "reviews")
        )
    ).where(limit_extensions.c.user_id == VIEWER_ID, limit_extensions.c.day == _DAY),
    ExtensionTotalRow,
    rls_scoped=True,
)

# Parameters: key, day, new_cards, reviews.
insert_extension = Command(
    insert(limit_extensions).values(
        user_id=VIEWER_ID,
        idempotency_key=bindparam("key", type_=Text),
        day=_DAY,
        new_cards=bindparam("new_cards", type_=Integer),
        reviews=bindparam("reviews", type_=Integer),
    ),
    Row,
)

# The row stays, so that a late request with its key adds nothing. Parameter: key.
clear_extension = Command(
    update(limit_extensions)
    .values(new_cards=0, reviews=0)
    .where(limit_extensions.c.user_id == VIEWER_ID, limit_extensions.c.idempotency_key == bindparam("key", type_=Text))
    .returning(*row_columns(limit_extensions, LimitExtensionRow)),
    LimitExtensionRow,
)
