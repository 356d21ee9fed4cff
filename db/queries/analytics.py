"""Statistics of date ranges for administrators."""

from datetime import date

from sqlalchemy import BigInteger, Date, Double, Integer, bindparam, case, cast, func, select, text

from db.core.statement import Query, Row
from db.tables.cards import review_days
from db.tables.jobs import jobs
from db.tables.users import users
from db.tables.views import daily_activity, vocabulary_difficulty
from domain.enums import JobKind, JobStatus
from domain.ids import VocabularyId


class AnalyticsTotalsRow(Row):
    """Statistics of a date range."""

    __slots__ = ()
    active_learners: int
    new_learners: int
    reviews: int
    retention: float | None
    textbooks_generated: int


class AnalyticsDayRow(Row):
    """Statistics of one day."""

    __slots__ = ()
    date: date
    active_learners: int
    reviews: int
    retention: float | None


class VocabularyDifficultyRow(Row):
    """The lapse rate of a word."""

    __slots__ = ()
    vocabulary_id: VocabularyId
    reviews: int
    lapse_rate: float


_FROM = bindparam("from_day", type_=Date)
_TO = bindparam("to_day", type_=Date)
_LIMIT = bindparam("limit", type_=Integer)

_graded = daily_activity.c.reviews - daily_activity.c.crammed
_retention = cast(func.sum(daily_activity.c.recalled), Double) / func.nullif(func.sum(_graded), 0)
totals = Query(
    select(
        select(func.count(review_days.c.user_id.distinct()))
        .where(review_days.c.day.between(_FROM, _TO), review_days.c.reviews > 0)
        .scalar_subquery()
        .label("active_learners"),
        select(func.count())
        .where(users.c.created_at >= _FROM, users.c.created_at < _TO + text("1"))
        .scalar_subquery()
        .label("new_learners"),
        cast(func.coalesce(func.sum(daily_activity.c.reviews), 0), BigInteger).label("reviews"),
        _retention.label("retention"),
        select(func.count())
        .where(
            jobs.c.kind == JobKind.GENERATE_TEXTBOOK.value,
            jobs.c.status == JobStatus.SUCCEEDED.value,
            jobs.c.finished_at >= _FROM,
            jobs.c.finished_at < _TO + text("1"),
        )
        .scalar_subquery()
        .label("textbooks_generated"),
    ).where(daily_activity.c.day.between(_FROM, _TO)),
    AnalyticsTotalsRow,
    rls_scoped=True,
)
days = Query(
    select(
        daily_activity.c.day.label("date"),
        daily_activity.c.active_learners,
        daily_activity.c.reviews,
        case((_graded > 0, cast(daily_activity.c.recalled, Double) / _graded)).label("retention"),
    )
    .where(daily_activity.c.day.between(_FROM, _TO))
    .order_by(daily_activity.c.day),
    AnalyticsDayRow,
    rls_scoped=True,
)

# The rate of a word with fewer reviews is not meaningful.
_MIN_REVIEWS = 5
_reviews = cast(func.sum(vocabulary_difficulty.c.reviews), BigInteger)
_lapse_rate = cast(func.sum(vocabulary_difficulty.c.lapses), Double) / _reviews
hardest_vocabulary = Query(
    select(vocabulary_difficulty.c.vocabulary_id, _reviews.label("reviews"), _lapse_rate.label("lapse_rate"))
    # Reviews of kanji have no word.
    .where(vocabulary_difficulty.c.day.between(_FROM, _TO), vocabulary_difficulty.c.vocabulary_id.is_not(None))
    .group_by(vocabulary_difficulty.c.vocabulary_id)
    .having(_reviews >= _MIN_REVIEWS)
    .order_by(_lapse_rate.desc(), vocabulary_difficulty.c.vocabulary_id)
    .limit(_LIMIT),
    VocabularyDifficultyRow,
    rls_scoped=True,
)
