"""Statistics from the totals of cells, which are described in domain/statistics.py."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from db.queries.statistics import StatisticsCellRow
from domain.enums import JlptLevel, Maturity
from domain.statistics import (
    CALIBRATION_BINS,
    CALIBRATION_CELL,
    HOUR_CELL,
    HOURS,
    INTERVAL_CELL,
    INTERVAL_CLASSES,
    MATURITY_CELL,
    RETRIEVABILITY_UNIT,
)

Cells = Sequence[StatisticsCellRow]


@dataclass(frozen=True, slots=True)
class Recall:
    """How many reviews were successful."""

    reviews: int
    recalled: int

    @property
    def retention(self) -> float | None:
        return self.recalled / self.reviews if self.reviews else None


@dataclass(frozen=True, slots=True)
class MaturityRecall(Recall):
    maturity: Maturity


@dataclass(frozen=True, slots=True)
class IntervalRecall(Recall):
    """`max_days`: None for the longest intervals."""

    min_days: int
    max_days: int | None


@dataclass(frozen=True, slots=True)
class LevelRecall(Recall):
    jlpt_level: JlptLevel | None


@dataclass(frozen=True, slots=True)
class HourRecall(Recall):
    hour: int


@dataclass(frozen=True, slots=True)
class CalibrationBin(Recall):
    """`predicted`: the mean of the predicted retrievability."""

    predicted: float


def all_reviews(cells: Cells) -> Cells:
    """The totals of each level."""
    return [cell for cell in cells if cell.cell < 0]


def true_recall(cells: Cells) -> Recall:
    """Of cards with an interval of a day or more."""
    return Recall(*_sums(_true_cells(cells)))


def by_maturity(cells: Cells) -> list[MaturityRecall]:
    found = _by_number(cells)
    return [MaturityRecall(*_sums(found[MATURITY_CELL + number]), maturity) for number, maturity in enumerate(Maturity)]


def by_interval(cells: Cells) -> list[IntervalRecall]:
    found = _by_number(cells)
    return [
        IntervalRecall(*_sums(found[INTERVAL_CELL + number]), shortest, None if next is None else next - 1)
        for number, (shortest, next) in enumerate(pairwise((*INTERVAL_CLASSES, None)))
        if shortest is not None
    ]


def by_level(cells: Cells) -> list[LevelRecall]:
    """Levels with reviews, words without a level last."""
    found, true_cells = {cell.jlpt_level for cell in cells}, _true_cells(cells)
    return [
        LevelRecall(*_sums([cell for cell in true_cells if cell.jlpt_level == level]), level)
        for level in (*JlptLevel, None)
        if level in found
    ]


def by_hour(cells: Cells) -> list[HourRecall]:
    found = _by_number(cells)
    return [HourRecall(*_sums(found[HOUR_CELL + hour]), hour) for hour in range(HOURS)]


def calibration(cells: Cells) -> list[CalibrationBin]:
    """Bins with reviews, the lowest predictions first."""
    bins, found = [], _by_number(cells)
    for number in range(CALIBRATION_BINS):
        of_bin = found[CALIBRATION_CELL + number]
        reviews, recalled = _sums(of_bin)
        if reviews:
            predicted = sum(cell.predictions for cell in of_bin) / (reviews * RETRIEVABILITY_UNIT)
            bins.append(CalibrationBin(reviews, recalled, predicted))
    return bins


def _true_cells(cells: Cells) -> Cells:
    numbers = range(INTERVAL_CELL, INTERVAL_CELL + len(INTERVAL_CLASSES))
    return [cell for cell in cells if cell.cell in numbers]


def _by_number(cells: Cells) -> dict[int, list[StatisticsCellRow]]:
    found: dict[int, list[StatisticsCellRow]] = defaultdict(list)
    for cell in cells:
        found[cell.cell].append(cell)
    return found


def _sums(cells: Cells) -> tuple[int, int]:
    return sum([cell.reviews for cell in cells]), sum([cell.recalled for cell in cells])
