"""Timestamps and dates in the format of RFC 3339."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadUserInput
from domain.timestamps import MIN_YEAR, parse_date, parse_timestamp
from tests.schema.test_edge_values import DATES, NO_DATES, NO_TIMESTAMPS, TIMESTAMPS


@pytest.mark.parametrize("text", TIMESTAMPS)
def test_timestamp_is_parsed_to_utc(text: str) -> None:
    moment = parse_timestamp(text)
    assert moment.tzinfo is UTC
    assert moment == datetime.fromisoformat(TIMESTAMPS[text])


@pytest.mark.parametrize("text", NO_TIMESTAMPS, ids=repr)
def test_invalid_timestamp_is_rejected(text: object) -> None:
    with pytest.raises(BadUserInput):
        parse_timestamp(text)


@pytest.mark.parametrize("text", DATES)
def test_date_is_parsed(text: str) -> None:
    assert parse_date(text) == date.fromisoformat(text)


@pytest.mark.parametrize("text", NO_DATES, ids=repr)
def test_invalid_date_is_rejected(text: object) -> None:
    with pytest.raises(BadUserInput):
        parse_date(text)


_MINUTES = st.integers(-23 * 60 - 59, 23 * 60 + 59)
_SECONDS = st.integers(0, int(timedelta(days=365 * 8_000).total_seconds()))


@given(_SECONDS, st.integers(0, 999_999), _MINUTES)
def test_every_isoformat_of_python_is_parsed(seconds: int, microseconds: int, offset: int) -> None:
    zone = timezone(timedelta(minutes=offset))
    moment = datetime(MIN_YEAR, 1, 2, tzinfo=zone) + timedelta(seconds=seconds, microseconds=microseconds)
    assert parse_timestamp(moment.isoformat()) == moment
