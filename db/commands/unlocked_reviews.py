"""Statements that save the usual batch of reviews with two round trips: a read without locks, and a function that saves
what was computed from it if nothing has changed since.
"""

from collections.abc import Iterable
from operator import itemgetter

from sqlalchemy import JSON, Boolean, Integer, Text, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.commands.json_rows import JsonRows
from db.commands.locked_cards import columns_with, study_settings
from db.commands.reviews import day_values
from db.commands.saved_reviews import ReviewedCardRow, used_keys
from db.core.statement import Command, Query, Row
from db.queries.expressions import NOW, VIEWER_ID, any_of, not_deleted
from db.queries.reviews import NewReview
from db.tables.cards import cards
from db.tables.reviews import reviews
from domain.reviews import DailyTotalsDelta
from domain.scheduling import Schedule


class ReadCardRow(ReviewedCardRow):
    """A card that is not locked. `settings_xmin`, `card_xmin`: the transactions that wrote the rows as they were read.

    They are other ones after any change of the rows.
    """

    __slots__ = ()
    settings_xmin: int
    card_xmin: int


_settings = (
    study_settings.add_columns(literal_column("user_settings.xmin").label("settings_xmin"))
    .cte("settings")
    .prefix_with("materialized")
)
# Parameters: `lock_values`.
read_reviewed_cards = Query(
    select(
        *columns_with(_settings), used_keys.label("has_used_keys"), literal_column("cards.xmin").label("card_xmin")
    ).where(
        cards.c.user_id == VIEWER_ID,
        not_deleted(cards),
        any_of(cards.c.id, cast(bindparam("card_ids", type_=Text), ARRAY(UUID))),
    ),
    ReadCardRow,
    rls_scoped=True,
)


class SavedReviewsRow(Row):
    """What the triggers of the transaction have recorded, see `parse_changes`."""

    __slots__ = ()
    changes: str


# The columns of a schedule that are not those of the review that led to it.
_OTHERS = (
    *("state", "due_at", "ease_factor", "stability", "difficulty", "learning_step", "repetitions", "lapses"),
    "last_reviewed_day",
)
_get_others = itemgetter(*map(Schedule._fields.index, _OTHERS))
_columns = {name: reviews.c[name].type for name in NewReview._fields} | {name: cards.c[name].type for name in _OTHERS}
_rows = JsonRows("reviewed", {**_columns, "read_xmin": Integer()})
# Its own transaction, which sets the viewer. See the function's migration.
save_as_read = Command(
    select(
        func.save_newest_reviews(
            VIEWER_ID,
            bindparam("role", type_=Text),
            NOW,
            bindparam("read_settings", type_=Text),
            bindparam("freezes", type_=Boolean),
            bindparam("reviewed", type_=JSON),
            bindparam("days", type_=JSON),
        ).label("changes")
    ),
    SavedReviewsRow,
)


def read_values(
    reviews: Iterable[NewReview],
    schedules: Iterable[Schedule],
    cards: Iterable[ReadCardRow],
    changes: Iterable[DailyTotalsDelta],
) -> dict[str, str]:
    """Return the rows for `save_as_read`; each schedule is that after the review of the card."""
    rows = (
        (*review, *_get_others(after), card.card_xmin)
        for review, after, card in zip(reviews, schedules, cards, strict=True)
    )
    return {"reviewed": _rows.value(rows), **day_values(changes)}
