"""Queries for buried cards: those that an entry of the log hides until the learner's next day."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, column, select, text
from sqlalchemy.dialects.postgresql import UUID

from db.core.filters import Filter
from db.core.statement import Query, Row
from db.queries.expressions import IDS, NOW, VIEWER_ID, any_of
from db.queries.learner_days import start_of_day
from db.tables.base import Timestamp
from domain.ids import CardId


class BuriedCardRow(Row):
    """When a buried card is shown again."""

    __slots__ = ()
    card_id: CardId
    buried_until: datetime


# Of the learner, by the index of buried cards. As in the fold, neither a review nor a reset follows the entry, nor one
# of the kind UNBURY before the day. A card that was due later, or that a vacation moved, is not hidden by the entry.
# `offset 0`: the planner may read all cards of the learner otherwise.
_buried = (
    text(f"""
select distinct cards.id as card_id, until as buried_until
from user_settings as settings
    join schedule_changes as buried on buried.user_id = :viewer_id and buried.kind = 'BURY' and not buried.undone
        and buried.due_day > ((:now at time zone time_zone) - make_interval(hours => day_starts_at_hour))::date
    cross join lateral (
        select {start_of_day("buried.due_day", turn="make_interval(hours => day_starts_at_hour)")} as until
    ) as ends
    cross join lateral (
        select id from cards
        where cards.user_id = :viewer_id and cards.id = buried.card_id and cards.due_at = until
            and cards.deleted_at is null
            and (cards.last_reviewed_at is null or cards.last_reviewed_at <= buried.changed_at)
        offset 0
    ) as cards
where settings.user_id = :viewer_id and not exists (
    select from schedule_changes as later
    where later.user_id = :viewer_id and later.card_id = buried.card_id and not later.undone
        and (later.changed_at, later.idempotency_key collate "C")
            > (buried.changed_at, buried.idempotency_key collate "C")
        and (later.kind = 'RESET' or (later.kind = 'UNBURY' and later.day < buried.due_day))
)
""")  # noqa: S608  # a constant is put in, never a value
    .bindparams(VIEWER_ID, NOW)
    .columns(column("card_id", UUID), column("buried_until", Timestamp))
    .subquery("buried")
)

# Parameters: ids, of cards, viewer_id and now.
buried_cards_by_id = Query(
    select(_buried.c.card_id, _buried.c.buried_until).where(any_of(_buried.c.card_id, IDS)),
    BuriedCardRow,
    rls_scoped=True,
)


def _is_buried(cards: FromClause, buried: Any) -> ColumnElement[bool]:
    among = cards.c.id.in_(select(_buried.c.card_id))
    return among if buried else ~among


# Parameters of the condition: viewer_id and now.
BURIED_FILTER = Filter("Filter by whether the card is hidden until the next day: `Card.buriedUntil`.", _is_buried)
