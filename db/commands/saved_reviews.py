"""The statement that saves reviews, with the schedules of their cards and the totals of their days."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from db.commands.cards import schedule_update, schedule_values
from db.commands.json_rows import JsonRows
from db.commands.reviews import StudiedDayRow, day_upsert, day_values
from db.core.statement import Command
from db.queries.expressions import NOW, VIEWER_ID
from db.queries.reviews import NewReview
from db.tables.cards import review_keys, reviews
from domain.ids import CardId
from domain.reviews import DailyTotalsDelta
from domain.scheduling import Schedule

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
_log = (
    insert(reviews)
    .from_select([*NewReview._fields, "user_id", "created_at"], select(*_saved.c, VIEWER_ID, NOW))
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
