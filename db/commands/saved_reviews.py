"""The statements that save reviews, with the schedules of their cards and the totals of their days."""

from collections.abc import Iterable

import orjson
from sqlalchemy import CTE, JSON, Text, bindparam, cast, exists, func, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID, insert
from sqlalchemy.sql.expression import any_

from db.commands.cards import insert_scheduled, schedule_update, schedule_values, scheduled_value
from db.commands.json_rows import JsonRows
from db.commands.locked_cards import LockedCardRow, locked_cards
from db.commands.reviews import StudiedDayRow, day_upsert, day_values
from db.core.statement import Command
from db.queries.expressions import NOW, VIEWER_ID, any_of
from db.queries.reviews import NewReview
from db.tables.cards import cards
from db.tables.reviews import review_keys, reviews
from domain.ids import CardId
from domain.reviews import DailyTotalsDelta
from domain.scheduling import Schedule
from domain.scheduling.days import StudyDays


class ReviewedCardRow(LockedCardRow):
    """A locked card. `has_used_keys`: whether a review, of any card, has one of the keys."""

    __slots__ = ()
    has_used_keys: bool


used_keys = exists().where(
    review_keys.c.user_id == VIEWER_ID,
    review_keys.c.idempotency_key
    == any_(func.array(select(func.json_array_elements_text(bindparam("keys", type_=JSON))).scalar_subquery())),
)
# A key that another transaction saves while this one waits for a card is not seen: `save_reviews` then fails, and the
# next attempt sees it. Parameters: those of `lock_values`.
lock_reviewed_cards = Command(
    locked_cards.add_columns(used_keys.label("has_used_keys")).where(
        any_of(cards.c.id, cast(bindparam("card_ids", type_=Text), ARRAY(UUID)))
    ),
    ReviewedCardRow,
)


def lock_values(card_ids: Iterable[CardId], keys: list[str]) -> dict[str, object]:
    """Return the parameters of `lock_reviewed_cards`. asyncpg takes longer for arrays than PostgreSQL for text."""
    return {"card_ids": "{" + ",".join(map(str, card_ids)) + "}", "keys": orjson.dumps(keys).decode()}


_rows = JsonRows("saved", {name: reviews.c[name].type for name in (*NewReview._fields, "hour")})


def _log() -> tuple[CTE, CTE]:
    """Return the statements that save reviews and their keys.

    They return rows, because Citus would insert by COPY otherwise, which row-level security does not permit.
    """
    saved = select(VIEWER_ID.label("user_id"), _rows.table).cte("saved").prefix_with("materialized")
    keys = (
        insert(review_keys)
        .from_select(
            ["user_id", "idempotency_key", "review_id", "reviewed_at"],
            select(saved.c.user_id, saved.c.idempotency_key, saved.c.id, saved.c.reviewed_at).order_by(
                saved.c.idempotency_key
            ),
        )
        .returning(review_keys.c.review_id)
    )
    columns = [*NewReview._fields, "hour", "user_id"]
    log = (
        insert(reviews)
        .from_select([*columns, "created_at"], select(*(saved.c[name] for name in columns), NOW))
        .returning(reviews.c.id)
    )
    return keys.cte("keys"), log.cte("log")


_keys, _reviews = _log()
# It returns only the totals of the days: the caller knows all other values, and would read a hundred rows after a batch
# of fifty reviews.
#
# A key that a concurrent transaction saved violates the primary key of review_keys; the transaction is retried.
save_reviews = Command.with_variant(
    lambda is_distributed: day_upsert.add_cte(_keys, _reviews, schedule_update(is_distributed).cte("moved")),
    StudiedDayRow,
)

# The same with new cards. One of a subject that a concurrent transaction has added is a unique violation as well.
save_imported = Command.with_variant(
    lambda is_distributed: day_upsert.add_cte(
        _keys, _reviews, schedule_update(is_distributed).cte("moved"), insert_scheduled.cte("created")
    ),
    StudiedDayRow,
)


def imported_values(
    reviews: Iterable[NewReview],
    schedules: Iterable[tuple[CardId, Schedule]],
    changes: Iterable[DailyTotalsDelta],
    new: Iterable[tuple[object, ...]],
    days: StudyDays,
) -> dict[str, str]:
    """Return the parameters of `save_imported`. `new`: see `scheduled_value`."""
    return {**saved_values(reviews, schedules, changes, days), "scheduled": scheduled_value(new)}


def saved_values(
    reviews: Iterable[NewReview],
    schedules: Iterable[tuple[CardId, Schedule]],
    changes: Iterable[DailyTotalsDelta],
    days: StudyDays,
) -> dict[str, str]:
    """Return the parameters of `save_reviews`. `days`: for the hours of the reviews."""
    rows = ((*review, days.hour_of(review.reviewed_at)) for review in reviews)
    return {"saved": _rows.value(rows), **schedule_values(schedules), **day_values(changes)}
