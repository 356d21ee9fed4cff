"""Statements that write the review log and the daily totals, and the queries they need."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Integer, Text, bindparam, case, func, literal_column, select, text, true, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.commands.json_rows import JsonRows
from db.commands.moved_cards import MOVED
from db.commands.unnest import UnnestedRows
from db.core.statement import Command, Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.queries.learner_days import microsecond_after
from db.queries.reviews import ReviewRow
from db.tables.base import Timestamp
from db.tables.reviews import review_days, review_keys, reviews
from domain.ids import ReviewId
from domain.reviews import DailyTotalsDelta, LoggedReview, SubmittedReview, cap_duration, sum_by_day
from domain.scheduling import PASSING_QUALITY, Answer
from domain.timestamps import is_repeated_time


class LoggedReviewRow(ReviewRow):
    """A review with its key. `created_at` equals `reviewed_at` if the server set the time: the device sent none, or
    one in the future."""

    __slots__ = ()
    idempotency_key: str
    day: date
    due_day: date | None
    created_at: datetime

    @property
    def answer(self) -> Answer:
        return Answer(
            self.reviewed_at, self.idempotency_key, self.quality, self.day, self.due_day, reschedules=self.rescheduled
        )

    @property
    def logged(self) -> LoggedReview:
        return LoggedReview(self.answer, self.duration_ms)

    def is_repeated_by(self, review: SubmittedReview) -> bool:
        """Whether a review with the same key has the same content, as in a retry by a device that got no response."""
        return (
            is_repeated_time(review.reviewed_at, self.reviewed_at, self.created_at)
            and review.card_id == self.card_id
            and review.quality == self.quality
            and review.reschedule == self.rescheduled
            # Older rows may exceed the limit.
            and cap_duration(review.duration_ms) == cap_duration(self.duration_ms)
        )


_columns = (*row_columns(reviews, ReviewRow), *row_columns(reviews, LoggedReviewRow))


class UsedKeyRow(Row):
    """The id and the time of the review that used a key."""

    __slots__ = ()
    review_id: ReviewId
    reviewed_at: datetime


# Most keys are unused, which saves a search in all partitions of the log. Parameter: keys.
used_keys = Query(
    select(*row_columns(review_keys, UsedKeyRow)).where(
        review_keys.c.user_id == VIEWER_ID,
        any_of(review_keys.c.idempotency_key, bindparam("keys", type_=ARRAY(Text))),
    ),
    UsedKeyRow,
    rls_scoped=True,
)


class LogKeyRow(Row):
    """The key of a log entry: of a review, or of another change of a schedule."""

    __slots__ = ()
    idempotency_key: str


# Parameter: keys.
known_keys = Query(
    select(review_keys.c.idempotency_key).where(
        review_keys.c.user_id == VIEWER_ID,
        any_of(review_keys.c.idempotency_key, bindparam("keys", type_=ARRAY(Text))),
    ),
    LogKeyRow,
    rls_scoped=True,
)
# Parameters: ids, and their times for partition pruning.
reviews_by_id_and_time = Query(
    select(*_columns).where(
        reviews.c.user_id == VIEWER_ID,
        any_of(reviews.c.id, IDS),
        any_of(reviews.c.reviewed_at, bindparam("times", type_=ARRAY(Timestamp))),
    ),
    LoggedReviewRow,
    rls_scoped=True,
)

# All reviews of cards, including undone ones. Parameter: ids, of cards.
reviews_by_card_id = Query(
    select(*_columns).where(reviews.c.user_id == VIEWER_ID, any_of(reviews.c.card_id, IDS)),
    LoggedReviewRow,
    rls_scoped=True,
)

_undone = UnnestedRows("undone_reviews", {"id": UuidType(), "reviewed_at": Timestamp})
undo_reviews = Command(
    update(reviews)
    .values(undone=true(), changed_in=func.pg_current_xact_id())
    .where(
        reviews.c.id == _undone.table.c.id,
        reviews.c.reviewed_at == _undone.table.c.reviewed_at,
        reviews.c.user_id == VIEWER_ID,
    ),
    Row,
)


def undo_values(reviews: Iterable[tuple[ReviewId, datetime]]) -> dict[str, list[object]]:
    """Return the parameters of `undo_reviews` for pairs of id and time."""
    return _undone.values(reviews)


# To other cards of the viewer. Parameters: `moved_values`.
move_reviews = Command(
    update(reviews)
    .values(card_id=MOVED.c.to_id, changed_in=func.pg_current_xact_id())
    .where(reviews.c.card_id == MOVED.c.from_id, reviews.c.user_id == VIEWER_ID),
    Row,
)


class StudiedDayRow(Row):
    """The number of reviews of a day."""

    __slots__ = ()
    day: date
    reviews: int


_days = JsonRows("days", {name: review_days.c[name].type for name in DailyTotalsDelta._fields})
_totals = insert(review_days).from_select(
    ["user_id", *DailyTotalsDelta._fields], select(VIEWER_ID, *_days.table.c).order_by(_days.table.c.day)
)
_reviews = review_days.c.reviews + _totals.excluded.reviews
# An upsert, because a day is usually reviewed more than once. A day that is studied after all gives its freeze back.
day_upsert = _totals.on_conflict_do_update(
    index_elements=["user_id", "day"],
    set_={
        **{name: review_days.c[name] + _totals.excluded[name] for name in DailyTotalsDelta._fields[1:]},
        # Each change has another time, by which statistics notice it.
        "updated_at": func.greatest(_totals.excluded.updated_at, text(microsecond_after("review_days.updated_at"))),
        "freeze_reason": func.nullif(
            review_days.c.freeze_reason, case((_reviews > literal_column("0"), literal_column("'MISSED'")))
        ),
    },
).returning(review_days.c.day, review_days.c.reviews)
add_to_days = Command(day_upsert, StudiedDayRow)


def day_values(changes: Iterable[DailyTotalsDelta]) -> dict[str, str]:
    """Return the parameters of `day_upsert`."""
    return {"days": _days.value(sum_by_day(changes))}


# Recount all days from the log, for cards that were merged.
clear_days = Command(
    update(review_days)
    .values(reviews=0, crammed=0, recalled=0, new_cards=0, duration_ms=0)
    .where(review_days.c.user_id == VIEWER_ID),
    Row,
)
count_days = Command(
    text(f"""
insert into review_days (user_id, day, reviews, crammed, recalled, new_cards, duration_ms)
select :viewer_id, day, count(*), count(*) filter (where not rescheduled),
    count(*) filter (where rescheduled and quality >= :recalled),
    -- The first answer to a card, and the first one after a reset.
    count(*) filter (where rescheduled and coalesce(previous, 'RESET') = 'RESET'),
    coalesce(sum(duration_ms), 0)
from (
    select *, lag(kind) over (
        partition by card_id, rescheduled order by at, idempotency_key collate "C"
    ) as previous
    from (
        select 'REVIEW' as kind, card_id, rescheduled, reviewed_at as at, idempotency_key, day, quality, duration_ms
        from reviews where user_id = :viewer_id and not undone
        union all
        select kind, card_id, true, changed_at, idempotency_key, day, null, null from schedule_changes
        where user_id = :viewer_id and not undone and kind in ('RESET', 'IMPORT')
    ) as entries
) as ordered
where kind = 'REVIEW'
group by day
on conflict (user_id, day) do update set
    reviews = excluded.reviews,
    crammed = excluded.crammed,
    recalled = excluded.recalled,
    new_cards = excluded.new_cards,
    duration_ms = excluded.duration_ms,
    updated_at = greatest(excluded.updated_at, {microsecond_after("review_days.updated_at")})
""").bindparams(VIEWER_ID, bindparam("recalled", PASSING_QUALITY, type_=Integer)),  # noqa: S608  # a constant is put in
    Row,
)
