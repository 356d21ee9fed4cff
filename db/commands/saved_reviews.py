"""The statements that save reviews, with the schedules of their cards and the totals of their days."""

from collections.abc import Iterable

from sqlalchemy import SmallInteger, Text, bindparam, cast, exists, extract, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert

from db.commands.cards import schedule_update, schedule_values
from db.commands.json_rows import JsonRows
from db.commands.locked_cards import LockedCardRow, locked_cards
from db.commands.reviews import StudiedDayRow, day_upsert, day_values
from db.core.statement import Command
from db.queries.expressions import NOW, VIEWER_ID, any_of
from db.queries.reviews import NewReview
from db.tables.cards import cards, review_keys, reviews
from db.tables.users import user_settings
from domain.ids import CardId
from domain.reviews import DailyTotalsDelta
from domain.scheduling import Schedule


class ReviewedCardRow(LockedCardRow):
    """A locked card. `has_used_keys`: whether a review, of any card, has one of the keys."""

    __slots__ = ()
    has_used_keys: bool


_used_keys = exists().where(
    review_keys.c.user_id == VIEWER_ID,
    any_of(review_keys.c.idempotency_key, bindparam("keys", type_=ARRAY(Text))),
)
# A key that another transaction saves while this one waits for a card is not seen: `save_reviews` then fails, and the
# next attempt sees it. Parameters: those of `lock_values`.
lock_reviewed_cards = Command(
    locked_cards.add_columns(_used_keys.label("has_used_keys")).where(
        any_of(cards.c.id, cast(bindparam("card_ids", type_=Text), ARRAY(UUID)))
    ),
    ReviewedCardRow,
)


def lock_values(card_ids: Iterable[CardId], keys: list[str]) -> dict[str, object]:
    """Return the parameters of `lock_reviewed_cards`. asyncpg takes longer for ids than PostgreSQL for their text."""
    return {"card_ids": "{" + ",".join(map(str, card_ids)) + "}", "keys": keys}


_rows = JsonRows("saved", {name: reviews.c[name].type for name in NewReview._fields})
_saved = select(_rows.table).cte("saved").prefix_with("materialized")
_keys = (
    insert(review_keys)
    .from_select(
        ["user_id", "idempotency_key", "review_id", "reviewed_at"],
        select(VIEWER_ID, _saved.c.idempotency_key, _saved.c.id, _saved.c.reviewed_at).order_by(
            _saved.c.idempotency_key
        ),
    )
    .cte("keys")
)
# In the learner's time zone.
_time_zone = select(user_settings.c.time_zone).where(user_settings.c.user_id == VIEWER_ID).scalar_subquery()
_hour = extract("hour", _saved.c.reviewed_at.op("at time zone")(_time_zone)).cast(SmallInteger)
_log = (
    insert(reviews)
    .from_select([*NewReview._fields, "user_id", "created_at", "hour"], select(*_saved.c, VIEWER_ID, NOW, _hour))
    .cte("log")
)
# It returns only the totals of the days: the caller knows all other values, and would read a hundred rows after a batch
# of fifty reviews.
#
# A key that a concurrent transaction saved violates the primary key of review_keys; the transaction is retried.
save_reviews = Command(day_upsert.add_cte(_keys, _log, schedule_update.cte("moved")), StudiedDayRow)


def saved_values(
    reviews: Iterable[NewReview], schedules: Iterable[tuple[CardId, Schedule]], changes: Iterable[DailyTotalsDelta]
) -> dict[str, str]:
    """Return the parameters of `save_reviews`."""
    saved = _rows.value(review._asdict() for review in reviews)
    return {"saved": saved, **schedule_values(schedules), **day_values(changes)}
