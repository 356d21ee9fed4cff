"""Queries for the present cards of a learner's statistics: when they become due, and the hardest ones."""

from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Integer, bindparam, text

from db.core.statement import Query, Row
from db.queries.card_tags import TAGS
from db.queries.dashboard import LEARNER
from db.queries.expressions import NOW, VIEWER_ID
from db.queries.learner_days import start_of_day
from db.queries.review_cells import maturity
from db.queries.statistics_filters import HAS_TAG, IS_CHOSEN_CARD, KINDS, LEVELS
from domain.ids import CardId
from domain.scheduling import PASSING_QUALITY


class StatisticsForecastRow(Row):
    """The cards that become due on a day. Today includes overdue cards."""

    __slots__ = ()
    date: date
    learning: int
    young: int
    mature: int


class HardCardRow(Row):
    """A card that was often forgotten."""

    __slots__ = ()
    card_id: CardId
    reviews: int
    recalled: int


_DAYS, _LIMIT = (bindparam(name, type_=Integer) for name in ("days", "limit"))


def _forecast(is_chosen_card: str, *parameters: BindParameter[Any]) -> Query[StatisticsForecastRow]:
    return Query(
        text(f"""
with {LEARNER},
due as (
    select greatest(coalesce(due_day, ((due_at at time zone time_zone) - turn)::date), today) as day,
        count(*) filter (where maturity < 2) as learning, count(*) filter (where maturity = 2) as young,
        count(*) filter (where maturity = 3) as mature
    from cards cross join learner cross join lateral (select {maturity("interval_days")} as maturity) as known
    where user_id = :viewer_id and deleted_at is null and not suspended and queue <> 'NEW'
        and due_at < (select {start_of_day("today + :days")} from learner) and {is_chosen_card}
    group by 1
)
select today + day_number as date, coalesce(learning, 0)::int as learning, coalesce(young, 0)::int as young,
    coalesce(mature, 0)::int as mature
from learner cross join generate_series(0, :days - 1) as day_number left join due on due.day = today + day_number
order by 1
""").bindparams(VIEWER_ID, NOW, LEVELS, KINDS, _DAYS, *parameters),  # noqa: S608  # constants are put in, never a value
        StatisticsForecastRow,
        rls_scoped=True,
    )


def _hardest_cards(is_chosen_card: str, *parameters: BindParameter[Any]) -> Query[HardCardRow]:
    return Query(
        text(f"""
with hardest as materialized (
    select id, lapses from cards
    where user_id = :viewer_id and deleted_at is null and lapses > 0 and {is_chosen_card}
    order by lapses desc, id limit :limit
)
select hardest.id as card_id, count(reviews.id)::int as reviews,
    count(reviews.id) filter (where quality >= {PASSING_QUALITY})::int as recalled
from hardest left join lateral (
    select id, quality from reviews where card_id = hardest.id and user_id = :viewer_id and not undone
        and rescheduled offset 0
) as reviews on true
group by hardest.id, lapses
order by lapses desc, hardest.id
""").bindparams(VIEWER_ID, LEVELS, KINDS, _LIMIT, *parameters),  # noqa: S608  # as above
        HardCardRow,
        rls_scoped=True,
    )


_IS_CHOSEN_OF_TAGS = f"{IS_CHOSEN_CARD} and {HAS_TAG}"
# Parameters: levels, kinds, days, now; those of tags: also tags.
forecast = _forecast(IS_CHOSEN_CARD)
forecast_of_tags = _forecast(_IS_CHOSEN_OF_TAGS, TAGS)
# Parameters: levels, kinds, limit; those of tags: also tags.
hardest_cards = _hardest_cards(IS_CHOSEN_CARD)
hardest_cards_of_tags = _hardest_cards(_IS_CHOSEN_OF_TAGS, TAGS)
