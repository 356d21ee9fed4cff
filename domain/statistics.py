"""What statistics of reviews count."""

from dataclasses import dataclass
from datetime import date

from domain.enums import CardKind, JlptLevel
from domain.ids import UserId

# A year, and ten years, the longest range.
DEFAULT_STATISTICS_DAYS, MAX_STATISTICS_DAYS = 366, 3_660
# Days, weeks or months of a list.
MAX_STATISTICS_PERIODS = 366
DEFAULT_FORECAST_DAYS, MAX_FORECAST_DAYS = 30, 366
DEFAULT_HARDEST_CARDS = 10

# The shortest interval in days of each class of intervals.
INTERVAL_CLASSES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
HOURS = 24
# Equal ranges of predicted retrievability.
CALIBRATION_BINS = 20
# Retrievability is stored in ten-thousandths, so that sums do not depend on their order.
RETRIEVABILITY_UNIT = 10_000

# Totals are kept in numbered cells. The first cells of the groups by maturity, interval, hour and retrievability:
MATURITY_CELL, INTERVAL_CELL, HOUR_CELL, CALIBRATION_CELL = 0, 10, 30, 60


@dataclass(frozen=True, slots=True)
class StatisticsRange:
    """The reviews of statistics. `from_day`, `to_day`: of the learner, inclusive.

    `levels`, `kinds`, `tags`: None for all.
    """

    user_id: UserId
    from_day: date
    to_day: date
    levels: tuple[JlptLevel, ...] | None = None
    kinds: tuple[CardKind, ...] | None = None
    tags: tuple[str, ...] | None = None
