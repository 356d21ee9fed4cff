"""Draws the plots of docs/statistics.md from the demo learner's statistics, as a client could.

.venv/bin/python -m docs.images.statistics_plots

The demo learner uses SM-2, which predicts nothing: the calibration is that of their answers with FSRS.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from bench.harness import headers, server
from docs.images.calibration import Bin, calibrations
from docs.images.drawing import GRID, SHADES, box, label, line, write

QUERY = """
    query($from: Date!, $to: Date!) { viewer { statistics(from: $from, to: $to) {
        byInterval { minDays maxDays reviews retention }
        byMaturity { maturity reviews retention }
        byLevel { jlptLevel reviews retention }
        byHour { hour reviews retention }
        periods(unit: DAY) { startsOn reviews new learning young mature }
        forecast(days: 60) { date learning young mature }
    } } }
"""
WIDTH, HEIGHT = 640, 260
LEFT, TOP, RIGHT, BOTTOM = 44, 34, 8, 28
COLORS = {"new": "#6ea8fe", "learning": "#f2994a", "young": "#8bd17c", "mature": "#2f8f4e"}


def main() -> None:
    to = datetime.now(UTC).date()
    variables = {"from": str(to - timedelta(days=364)), "to": str(to)}
    with server() as url:
        predictions = calibrations(url)
        body = httpx.post(url, json={"query": QUERY, "variables": variables}, headers=headers("demo")).json()
    found = body["data"]["viewer"]["statistics"]
    save("heat-map", heat_map(found["periods"]), 120)
    save("cards", stacked_areas(found["periods"], ("mature", "young", "learning", "new")))
    save("intervals", retention_bars("True retention by interval in days", found["byInterval"], days_of))
    save("maturity", retention_bars("Retention by maturity", found["byMaturity"], lambda one: one["maturity"].lower()))
    save("levels", retention_bars("True retention by level", found["byLevel"], lambda one: one["jlptLevel"] or "other"))
    save("hours", retention_bars("True retention by hour of the day", found["byHour"], lambda one: str(one["hour"])))
    save("calibration", calibration_curves(predictions))
    save("forecast", stacked_bars(found["forecast"], ("mature", "young", "learning")))


def save(name: str, parts: Iterator[str], height: int = HEIGHT) -> None:
    write(f"statistics-{name}", parts, WIDTH, height)


def heat_map(days: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A square a day, a column a week."""
    yield label(LEFT, 14, "Reviews a day")
    most, square = max(day["reviews"] for day in days), 11
    first = date.fromisoformat(days[0]["startsOn"])
    for row, name in ((0, "Mon"), (2, "Wed"), (4, "Fri")):
        yield label(LEFT - 6, 33 + row * square, name, "end")
    for day in days:
        at = date.fromisoformat(day["startsOn"])
        column = ((at - first).days + first.weekday()) // 7
        shade = SHADES[-(-day["reviews"] * (len(SHADES) - 1) // most)]
        yield box(LEFT + column * square, 24 + at.weekday() * square, square - 2, square - 2, shade)
        if at.day == 1:
            yield label(LEFT + column * square, 24 + 8 * square, f"{at:%b}")


def stacked_areas(days: Sequence[dict[str, Any]], names: Sequence[str]) -> Iterator[str]:
    most = max(sum(day[name] for name in names) for day in days)
    y = yield from axes("Cards by maturity", most)
    x = [LEFT + number * (WIDTH - LEFT - RIGHT) / (len(days) - 1) for number in range(len(days))]
    base = [0] * len(days)
    for name in names:
        top = [low + day[name] for low, day in zip(base, days, strict=True)]
        edge = [*zip(x, top, strict=True), *reversed(list(zip(x, base, strict=True)))]
        points = " ".join(f"{at:.0f},{y(value):.0f}" for at, value in edge)
        yield f'<polygon points="{points}" fill="{COLORS[name]}"/>'
        base = top
    for at, day in zip(x, days, strict=True):
        if day["startsOn"].endswith("-01"):
            yield label(at, HEIGHT - 10, f"{date.fromisoformat(day['startsOn']):%b}")
    yield from legend(names)


def stacked_bars(days: Sequence[dict[str, Any]], names: Sequence[str]) -> Iterator[str]:
    y = yield from axes("Cards due", max(sum(day[name] for name in names) for day in days))
    width = (WIDTH - LEFT - RIGHT) / len(days)
    for number, day in enumerate(days):
        low = 0
        for name in names:
            high = low + day[name]
            yield box(LEFT + number * width + 1, y(high), width - 2, y(low) - y(high), COLORS[name])
            low = high
        if number % 10 == 0:
            yield label(LEFT + number * width, HEIGHT - 10, "today" if number == 0 else f"+{number} days")
    yield from legend(names)


def retention_bars(
    title: str, classes: Sequence[dict[str, Any]], name: Callable[[dict[str, Any]], str]
) -> Iterator[str]:
    classes = [one for one in classes if one["reviews"]]
    y = yield from axes(title, 100, "%")
    width = (WIDTH - LEFT - RIGHT) / len(classes)
    for number, one in enumerate(classes):
        x, percent = LEFT + number * width, 100 * one["retention"]
        yield box(x + width / 8, y(percent), width * 3 / 4, y(0) - y(percent), COLORS["mature"])
        yield label(x + width / 2, y(percent) - 4, f"{percent:.0f}%", "middle")
        yield label(x + width / 2, HEIGHT - 10, name(one), "middle")


def calibration_curves(found: dict[str, list[Bin]]) -> Iterator[str]:
    """A line for each kind of parameters, with areas by the number of reviews; the diagonal is perfect."""
    y = yield from axes("Real recall by predicted recall", 100, "%")
    most = max(each.reviews for bins in found.values() for each in bins)

    def x(predicted: float) -> float:
        return LEFT + 12 + predicted * (WIDTH - LEFT - RIGHT - 24)

    yield line([(x(0), y(0)), (x(1), y(100))], GRID)
    for percent in range(0, 101, 20):
        yield label(x(percent / 100), HEIGHT - 10, f"{percent}%", "middle")
    for number, (name, bins) in enumerate(found.items()):
        color = (COLORS["learning"], COLORS["mature"])[number]
        points = [(x(each.predicted), y(100 * each.recalled)) for each in bins]
        yield line(points, color)
        for (left, top), each in zip(points, bins, strict=True):
            radius = max(10 * (each.reviews / most) ** 0.5, 1.5)
            yield f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{radius:.1f}" fill="{color}" fill-opacity="0.6"/>'
        at = WIDTH - RIGHT - (len(found) - number) * 72
        yield box(at, 7, 10, 10, color)
        yield label(at + 14, 16, name)


def days_of(one: dict[str, Any]) -> str:
    return str(one["minDays"]) if one["minDays"] == one["maxDays"] else f"{one['minDays']}-{one['maxDays'] or ''}"


def axes(title: str, most: int, unit: str = "") -> Generator[str, None, Callable[[float], float]]:
    """Lines at rounded values. Returns the function from a value to its place."""
    step = next(step for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1_000, 2_000) if most <= 5 * step)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / (most * 1.05) * (HEIGHT - TOP - BOTTOM)

    yield label(LEFT, 16, title)
    for value in range(0, most + 1, step):
        yield f'<path d="M{LEFT} {y(value):.0f}H{WIDTH - RIGHT}" stroke="{GRID}"/>'
        yield label(LEFT - 6, y(value) + 4, f"{value}{unit}", "end")
    return y


def legend(names: Sequence[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        x = WIDTH - RIGHT - (len(names) - number) * 72
        yield box(x, 7, 10, 10, COLORS[name])
        yield label(x + 14, 16, name)


if __name__ == "__main__":
    main()
