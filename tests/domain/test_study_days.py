"""The days of a learner."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scheduling.days import EarlierDays, StudyDays

BEGAN = datetime(2000, 1, 1, tzinfo=UTC)
moments = st.integers(0, 60 * 366 * 24 * 60).map(lambda minutes: BEGAN + timedelta(minutes=minutes))
# Of some, daylight saving skips and repeats the hour at midnight, or half an hour.
ZONES = (
    *("UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Pacific/Kiritimati", "America/Havana"),
    *("America/Santiago", "Atlantic/Azores", "Asia/Beirut", "Australia/Lord_Howe"),
)


@given(moments, st.sampled_from(ZONES), st.integers(0, 23))
def test_day_starts_before_its_times(at: datetime, zone: str, hour: int) -> None:
    days = StudyDays(zone, hour)
    day = days.day_of(at)
    assert days.start_of(day) <= at < days.start_of(day + timedelta(days=1))
    assert days.day_of(days.start_of(day)) == day


@pytest.mark.parametrize(
    ("zone", "day", "starts_at"),
    [
        ("Europe/Berlin", date(2026, 3, 29), "03:00+02:00"),
        ("Europe/Berlin", date(2025, 10, 26), "02:00+02:00"),
    ],
    ids=["skipped", "repeated"],
)
def test_day_starts_in_an_hour_of_daylight_saving(zone: str, day: date, starts_at: str) -> None:
    assert StudyDays(zone, 2).start_of(day) == datetime.fromisoformat(f"{day}T{starts_at}")


def test_posix_rule_is_a_time_zone() -> None:
    days = StudyDays("<X>+07:34:54", 4)
    assert days.start_of(date(2026, 3, 1)) == datetime(2026, 3, 1, 11, 34, 54, tzinfo=UTC)
    with pytest.raises(ValueError, match="Nowhere"):
        StudyDays("Nowhere!", 4)


def test_time_belongs_to_the_day_that_the_learner_had_then() -> None:
    """From Tokyo to New York, where days then start later. The times are noon of days in UTC."""
    at = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in range(1, 8)]
    earlier = EarlierDays(at[1], at[3], "Asia/Tokyo", 0), EarlierDays(at[3], at[5], "America/New_York", 4)
    days = StudyDays("America/New_York", 9, earlier)
    assert days.since == at[5]
    assert [days.day_of(each).isoformat()[5:] for each in at] == [
        *("02-28", "03-02", "03-03", "03-04", "03-05", "03-05", "03-06")
    ]
    assert [days.hour_of(each) for each in at] == [7, 21, 21, 7, 7, 7, 7]
    assert days.start_of(date(2026, 3, 3)) == datetime(2026, 3, 3, 14, tzinfo=UTC)
