"""Days of learners start at the same times in SQL and in Python."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from db.queries.learner_days import start_of_day
from domain.scheduling.days import StudyDays
from tests.domain.test_study_days import ZONES

STARTS = f"""
    select {start_of_day("day", "zone", "make_interval(hours => hour)")} from unnest($1::text[]) as zones (zone),
        unnest($2::date[]) as days (day), generate_series(0, 23) as hour order by zone collate "C", day, hour
"""


async def test_days_of_daylight_saving_start_at_the_same_time_in_sql(owner: Any) -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    changing = [day for day in days if any(_offset(zone, day) != _offset(zone, day - timedelta(1)) for zone in ZONES)]
    assert len(changing) > 6
    found = [row[0] for row in await owner.fetch(STARTS, ZONES, changing)]
    assert found == [
        StudyDays(zone, hour).start_of(day) for zone in sorted(ZONES) for day in changing for hour in range(24)
    ]


def _offset(zone: str, day: date) -> timedelta | None:
    """At noon."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).utcoffset()
