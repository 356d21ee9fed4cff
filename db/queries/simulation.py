"""Queries for what a simulation starts with: the learner's cards, and how they answer."""

from datetime import date, datetime

from sqlalchemy import Integer, bindparam, text

from db.core.statement import Query, Row
from db.queries.expressions import VIEWER_ID
from domain.enums import StudyQueue
from domain.scheduling.habits import AnswerStatistics


class StudiedCardRow(Row):
    """A reviewed card. `total`: the number of all of them."""

    __slots__ = ()
    due_at: datetime
    due_day: date | None
    interval_days: float
    ease_factor: float
    stability: float | None
    difficulty: float | None
    last_reviewed_day: date | None
    total: int


class AnswerStatisticsRow(Row):
    """Of the answers with a rating to cards of a queue."""

    __slots__ = ()
    queue: StudyQueue
    rating: int
    answers: int
    timed: int
    median_ms: float | None

    @property
    def statistics(self) -> AnswerStatistics:
        return AnswerStatistics(StudyQueue(self.queue), self.rating, self.answers, self.timed, self.median_ms)


# At most a number of the reviewed cards, drawn evenly in the order of their due times. Parameter: most.
drawn_cards = Query(
    text("""
select due_at, due_day, interval_days, ease_factor, stability, difficulty, last_reviewed_day, total
from (
    select *, row_number() over (order by due_at, id) as number, (count(*) over ())::int as total
    from cards
    where user_id = :viewer_id and deleted_at is null and not suspended and state <> 'NEW'
) as own
where total <= :most or number * :most / total > (number - 1) * :most / total
order by number
""").bindparams(VIEWER_ID, bindparam("most", type_=Integer)),
    StudiedCardRow,
    rls_scoped=True,
)

# Of the newest answers that moved a schedule, by the queue that the card was in and the rating, 0 to 3. Intervals of
# learning steps are shorter than a day. Parameter: most.
answer_statistics = Query(
    text("""
select queue, rating, count(*)::int as answers, count(duration_ms)::int as timed,
    percentile_cont(0.5) within group (order by duration_ms) as median_ms
from (
    select greatest(quality, 2) - 2 as rating, duration_ms,
        case when interval_days_before >= 1 then 'REVIEW' when interval_days_before > 0 then 'LEARNING' else 'NEW' end
            as queue
    from reviews where user_id = :viewer_id and not undone and rescheduled
    order by reviewed_at desc limit :most
) as newest
group by queue, rating
order by queue, rating
""").bindparams(VIEWER_ID, bindparam("most", type_=Integer)),
    AnswerStatisticsRow,
    rls_scoped=True,
)
