"""Which days without reviews do not end a streak."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.scheduling.days import StudyDays, study_days
from domain.streaks import missed_days_to_freeze, shortened_days

DAY = timedelta(days=1)
MAY = date(2026, 5, 1)
ZONES = (
    *("Pacific/Niue", "Pacific/Honolulu", "America/Los_Angeles", "America/New_York", "UTC", "Europe/Berlin"),
    *("Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Kiritimati"),
)


def days(*numbers: int) -> list[date]:
    """Days of May; 0 and less are in April."""
    return [MAY + timedelta(days=number - 1) for number in numbers]


@pytest.mark.parametrize(
    ("studied", "per_month", "frozen"),
    [
        ([1, 2, 4], 1, [3]),
        ([1, 2, 4], 0, []),
        ([1, 2, 5], 1, []),
        ([1, 2, 5], 2, [3, 4]),
        # The freezes of both months: 29 and 30 April, and 1 May.
        ([-2, 2], 2, [-1, 0, 1]),
        ([-2, 3], 1, []),
        # The second gap has none left.
        ([1, 3, 5], 1, [2]),
    ],
)
def test_gaps_are_frozen_as_a_whole(studied: list[int], per_month: int, frozen: list[int]) -> None:
    found = missed_days_to_freeze(days(*studied), [], [], days(*studied), per_month)
    assert found == days(*frozen)


def test_freezes_that_were_used_are_gone() -> None:
    studied = days(1, 3, 5)
    assert missed_days_to_freeze(studied, days(2), days(2), days(5), 1) == []
    assert missed_days_to_freeze(studied, days(2), days(2), days(5), 2) == days(4)
    # Those of a vacation are not counted.
    assert missed_days_to_freeze(studied, days(2), [], days(5), 1) == days(4)


def test_earlier_gaps_stay_as_they_were_counted() -> None:
    """A larger allowance restores no streak that has ended."""
    assert missed_days_to_freeze(days(1, 3, 5), [], [], days(5), 10) == days(4)


def test_gap_that_ended_a_streak_is_not_frozen() -> None:
    studied, ended = days(1, 5, 7), days(2, 3, 4)
    assert missed_days_to_freeze(studied, [], [], studied, 10, ended) == days(6)
    # As long as one of its days is missed.
    assert missed_days_to_freeze(days(1, 2, 4, 5), [], [], days(2, 4), 10, ended) == []
    assert missed_days_to_freeze(days(1, 2, 3, 4, 6), [], [], days(2, 3, 4), 10, ended) == days(5)


@given(st.sets(st.integers(-40, 60), min_size=1), st.integers(0, 10))
def test_no_month_has_more_freezes_than_the_setting(studied: set[int], per_month: int) -> None:
    """Day by day, as reviews are saved."""
    frozen: list[date] = []
    for number, day in enumerate(ordered := sorted(studied)):
        frozen += missed_days_to_freeze(days(*ordered[: number + 1]), frozen, frozen, days(day), per_month)
    assert len(frozen) == len(set(frozen))
    assert not set(frozen) & set(days(*studied))
    assert max(Counter(day.replace(day=1) for day in frozen).values(), default=0) <= per_month
    for before, after in pairwise(days(*sorted(studied))):
        gap = {before + DAY * number for number in range(1, (after - before).days)}
        assert gap & set(frozen) in (set(), gap)


def at(zone: str, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("before", "after", "now", "shortened"),
    [
        # From Los Angeles to Tokyo: Monday ends in the afternoon.
        ("America/Los_Angeles", "Asia/Tokyo", at("America/Los_Angeles", 4, 16), [4]),
        # Early in the morning: it is still Monday in Tokyo, for six hours.
        ("America/Los_Angeles", "Asia/Tokyo", at("America/Los_Angeles", 4, 5), [4]),
        # Two hours less of a whole day.
        ("America/Los_Angeles", "America/Chicago", at("America/Los_Angeles", 4, 5), []),
        ("America/Los_Angeles", "America/Chicago", at("America/Los_Angeles", 4, 22), [4]),
        # Across the date line: 25 hours later.
        ("Pacific/Niue", "Pacific/Kiritimati", at("Pacific/Niue", 4, 12), [4]),
        ("Pacific/Niue", "Pacific/Kiritimati", at("Pacific/Niue", 5, 3, 30), [4, 5]),
        # To the west days are longer, or are repeated.
        ("Asia/Tokyo", "America/Los_Angeles", at("Asia/Tokyo", 4, 20), []),
        ("Pacific/Kiritimati", "Pacific/Niue", at("Pacific/Kiritimati", 4, 12), []),
    ],
)
def test_journeys_shorten_days(before: str, after: str, now: datetime, shortened: list[int]) -> None:
    assert shortened_days(study_days(before, 4), study_days(after, 4), now) == days(*shortened)


@pytest.mark.parametrize(
    ("hour", "starts_at", "shortened"),
    # At 2 in the night, Monday ends if days start at 0. At 22 it has two hours left instead of six.
    [(26, 0, [4]), (22, 0, [4]), (10, 0, []), (26, 6, []), (3 + 24, 6, [])],
)
def test_days_that_start_earlier_are_shorter(hour: int, starts_at: int, shortened: list[int]) -> None:
    now = at("Europe/Berlin", 4) + timedelta(hours=hour)
    changed = shortened_days(study_days("Europe/Berlin", 4), study_days("Europe/Berlin", starts_at), now)
    assert changed == days(*shortened)


@settings(max_examples=60, deadline=None)
@given(st.integers())
def test_a_traveller_who_studies_daily_keeps_the_streak(seed: int) -> None:
    """Studies once a day unless a journey ends the day before. Starts near a change of the clocks."""
    chance = random.Random(seed)
    zone, hour = chance.choice(ZONES), 4
    now = datetime(2026, *chance.choice([(3, 5), (3, 26), (10, 1), (10, 22), (12, 29)]), tzinfo=UTC)
    counted: list[date] = []
    frozen: set[date] = set()
    for _ in range(24 * 20):
        calendar = study_days(zone, hour)
        today = calendar.day_of(now)
        is_last_hour = calendar.day_of(now + timedelta(hours=1)) > today
        if today not in counted and (is_last_hour or chance.random() < 0.05):
            counted.append(today)
        now += timedelta(hours=1)
        if chance.random() < 0.02:
            zone, hour = chance.choice(ZONES), chance.choice([0, 4, 4, 4, 9])
            frozen |= set(shortened_days(calendar, study_days(zone, hour), now)) - set(counted)
    first = min(counted)
    every_day = {first + DAY * number for number in range((max(counted) - first).days)}
    assert every_day <= {*counted, *frozen}


def test_days_are_stored_as_counted() -> None:
    """A zone or hour that is set later changes no day of the past, only the present one."""
    moment = at("Asia/Tokyo", 4, 3)
    assert [StudyDays("Asia/Tokyo", hour).day_of(moment) for hour in (0, 4)] == days(4, 3)
