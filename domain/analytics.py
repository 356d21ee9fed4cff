"""How long the totals of words are kept for analytics, so that their size does not grow with the age of the server."""

from datetime import date

# Whole months before the running one whose days are kept.
_MONTHS_WITH_DAYS = 3
_YEARS_WITH_MONTHS = 10


def first_day_of_words(today: date) -> date:
    """Return the first day that is kept: that of a month. Of earlier months, only the totals are."""
    return _month_before(today, _MONTHS_WITH_DAYS)


def first_month_of_words(today: date) -> date:
    """Return the first month that is kept."""
    return _month_before(today, 12 * _YEARS_WITH_MONTHS)


def _month_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)
