"""The days of a learner."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scheduling.days import StudyDays

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
