"""Draws the Grafana board from a Prometheus that scrapes four processes and a worker under load, a file for each row.

.venv/bin/python -m docs.images.board_plots
"""

import asyncio
import json
import math
import re
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from bench.harness import served, token
from bench.monitoring import BOARD, MonitoredLoad, prometheus, query
from docs.images.drawing import GRID, SHADES, box, group, label, line, write

SECONDS, STEP = 150, 5
COLUMNS, WIDTH, HEIGHT = 3, 330, 220
LEFT, TOP, RIGHT, BOTTOM = 52, 28, 8, 58
COLORS = ("#6ea8fe", "#2f8f4e", "#f2994a", "#b07cd8", "#e06666", "#8bd17c", "#c9a227", "#4fb3bf")
LEGEND_ROWS, LEGEND_COLUMNS = 3, 2
LONGEST_LEGEND = 23
UNITS = {"reqps": "/s", "ops": "/s", "cps": "/s", "short": ""}


class Line(NamedTuple):
    """A series. `points`: times and values."""

    legend: str
    labels: Mapping[str, str]
    points: Sequence[tuple[float, float]]


def main() -> None:
    settings = {"RESOLVER_METRICS_RATIO": "0.2", "OTLP_ENDPOINT": "http://127.0.0.1:9"}
    with served("--workers", "4", "--worker", **settings) as server, tempfile.TemporaryDirectory() as folder:
        asyncio.run(draw(server.url, Path(folder)))


async def draw(url: str, folder: Path) -> None:
    target = url.removeprefix("http://").removesuffix("/graphql")
    async with prometheus(target, folder, "1s") as client, MonitoredLoad(url, token("demo"), 1).running():
        # The first rates need a minute.
        await asyncio.sleep(SECONDS + 60)
        end = time.time()
        for title, panels in rows():
            parts: list[str] = []
            for number, panel in enumerate(panels):
                lines = await read_panel(client, panel, end)
                x, y = number % COLUMNS * WIDTH, number // COLUMNS * HEIGHT
                parts += group(x, y, draw_panel(panel, lines, end))
            name = title.lower().replace(" ", "-")
            write(f"board-{name}", parts, COLUMNS * WIDTH, -(-len(panels) // COLUMNS) * HEIGHT)


def rows() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The panels of each row of the board."""
    title, panels = "", list[dict[str, Any]]()
    for panel in json.loads(BOARD.read_text())["panels"]:
        if panel["type"] != "row":
            panels.append(panel)
            continue
        if panels:
            yield title, panels
        title, panels = panel["title"], []
    yield title, panels


async def read_panel(client: httpx.AsyncClient, panel: dict[str, Any], end: float) -> list[Line]:
    lines = []
    for target in panel["targets"]:
        expression = target["expr"].replace("$__rate_interval", "1m")
        found = await query(client, "/api/v1/query_range", query=expression, start=end - SECONDS, end=end, step=STEP)
        for series in found:
            labels = series["metric"]
            legend = re.sub(r"{{(\w+)}}", lambda name, labels=labels: labels.get(name[1], ""), target["legendFormat"])
            points = [(at, float(value)) for at, value in series["values"] if value not in ("NaN", "+Inf")]
            lines.append(Line(legend.strip() or "(without)", labels, points))
    return lines


def draw_panel(panel: dict[str, Any], lines: Sequence[Line], end: float) -> Iterator[str]:
    if panel["type"] == "heatmap":
        yield from heat_map(panel["title"], lines, end)
        return
    values = [value for one in lines for _, value in one.points]
    unit = panel["fieldConfig"]["defaults"]["unit"]
    y = yield from axes(panel["title"], max(values, default=0), unit)
    events = [one for one in lines if any(value for _, value in one.points)] or lines
    busiest = sorted(events, key=lambda one: -sum(value for _, value in one.points))[: len(COLORS)]
    for one, color in zip(busiest, COLORS, strict=False):
        yield line([(to_x(at, end), y(value)) for at, value in one.points], color)
    for number, one in enumerate(busiest[: LEGEND_ROWS * LEGEND_COLUMNS]):
        x = 8 + number % LEGEND_COLUMNS * (WIDTH - 8) / LEGEND_COLUMNS
        row = HEIGHT - BOTTOM + 14 + number // LEGEND_COLUMNS * 14
        yield box(x, row - 8, 8, 8, COLORS[number])
        yield label(x + 12, row, shorten(one.legend))


def heat_map(title: str, lines: Sequence[Line], end: float) -> Iterator[str]:
    """Rates by bucket, from those of cumulative ones."""
    yield label(8, 16, title)
    buckets = sorted(lines, key=lambda one: float(one.labels["le"]))
    height = (HEIGHT - TOP - 12) / len(buckets)
    rates, below = [], dict[float, float]()
    for bucket in buckets:
        rates.append({at: max(0.0, value - below.get(at, 0.0)) for at, value in bucket.points})
        below = dict(bucket.points)
    most = max((value for rate in rates for value in rate.values()), default=0) or 1
    for number, (bucket, rate) in enumerate(zip(buckets, rates, strict=True)):
        top = HEIGHT - 12 - (number + 1) * height
        if number % 2 == 0:
            yield label(LEFT - 6, top + height, format_value(float(bucket.labels["le"]), "s"), "end")
        for at, value in rate.items():
            if value > 0:
                shade = SHADES[min(len(SHADES) - 1, 1 + int(math.sqrt(value / most) * (len(SHADES) - 1)))]
                yield box(to_x(at, end), top, (WIDTH - LEFT - RIGHT) * STEP / SECONDS - 1, height - 1, shade)


def axes(title: str, most: float, unit: str) -> Generator[str, None, Callable[[float], float]]:
    """Lines at rounded values. Returns the function from a value to its place."""
    size = 10 ** math.floor(math.log10(most / 4)) if most > 0 else 0.25
    step = next(step for step in (size, 2 * size, 5 * size, 10 * size) if most <= 4 * step)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / (4.2 * step) * (HEIGHT - TOP - BOTTOM)

    yield label(8, 16, title)
    for number in range(5):
        yield f'<path d="M{LEFT} {y(number * step):.0f}H{WIDTH - RIGHT}" stroke="{GRID}"/>'
        yield label(LEFT - 6, y(number * step) + 4, format_value(number * step, unit), "end")
    return y


def to_x(at: float, end: float) -> float:
    return LEFT + (at - end + SECONDS) / SECONDS * (WIDTH - LEFT - RIGHT)


def format_value(value: float, unit: str) -> str:
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "s" and math.isfinite(value):
        return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
    if unit == "bytes":
        return f"{value / 2**20:.3g} MiB"
    return f"{value:.3g}{UNITS.get(unit, '')}"


def shorten(legend: str) -> str:
    """Keep the end, which is the more specific part."""
    return legend if len(legend) <= LONGEST_LEGEND else f"…{legend[1 - LONGEST_LEGEND :]}"


if __name__ == "__main__":
    main()
