"""Draws the plots of docs/scaling.md from the results of `make load`.

.venv/bin/python -m docs.images.load_plots
"""

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from bench.load.__main__ import RESULTS
from docs.images.drawing import GRID, label, line, write

WIDTH, HEIGHT = 640, 260
LEFT, TOP, RIGHT, BOTTOM = 56, 34, 8, 40
COLORS = {"p50": "#2f8f4e", "p95": "#6ea8fe", "p99": "#f2994a"}


def main() -> None:
    scenarios = json.loads(RESULTS.read_text())["scenarios"]
    long = scenarios.get("soak", scenarios["steady"])
    if "search" in scenarios:
        save("throughput", throughput(scenarios["search"]["steps"]))
    save("latency", latency(long["parts"]))
    save("memory", memory(long["memoryMib"]))
    if "overload" in scenarios:
        save("overload", overload(scenarios["overload"]["course"]))


def save(name: str, parts: Iterator[str]) -> None:
    write(f"load-{name}", parts, WIDTH, HEIGHT)


def throughput(steps: Sequence[dict[str, Any]]) -> Iterator[str]:
    steps = sorted(steps, key=lambda step: step["goodput"])
    x, y = yield from axes(
        "Latency in ms by successful requests per second", max(step["goodput"] for step in steps),
        capped([step["p99_ms"] for step in steps], 400),
    )  # fmt: skip
    for name, color in COLORS.items():
        yield line([(x(step["goodput"]), y(step[f"{name}_ms"])) for step in steps], color)
    yield from legend()


def latency(parts: Sequence[dict[str, float]]) -> Iterator[str]:
    x, y = yield from axes(
        "Latency in ms by seconds", parts[-1]["at"], capped([part["p99"] for part in parts], 400)
    )  # fmt: skip
    for name, color in COLORS.items():
        yield line([(x(part["at"]), y(part[name])) for part in parts], color)
    yield from legend()


def memory(samples: Sequence[tuple[float, float]]) -> Iterator[str]:
    x, y = yield from axes(
        "Resident MiB of the serving processes, by seconds", samples[-1][0], max(mib for _, mib in samples)
    )
    yield line([(x(at), y(mib)) for at, mib in samples[:: max(1, len(samples) // WIDTH)]], COLORS["p95"])


def overload(course: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Seconds count from the first phase on."""
    p95 = [part["p95"] for part in course]
    x, y = yield from axes(
        "Three times the rate: p95 in ms, and rejected requests in tens, by seconds", len(course),
        max(*p95, *(part["rejected"] / 10 for part in course)),
    )  # fmt: skip
    yield line([(x(at), y(value)) for at, value in enumerate(p95)], COLORS["p95"])
    yield line([(x(at), y(part["rejected"] / 10)) for at, part in enumerate(course)], COLORS["p99"])


def capped(values: Sequence[float], most: float) -> float:
    """A few late responses must not make the others a line at the bottom."""
    return min(max(values), most)


def axes(
    title: str, widest: float, highest: float
) -> Generator[str, None, tuple[Callable[[float], float], Callable[[float], float]]]:
    """Lines at rounded values. Returns the functions from values to their places."""

    def x(value: float) -> float:
        return LEFT + value / max(widest, 1) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return max(TOP - 8, HEIGHT - BOTTOM - value / (max(highest, 1) * 1.05) * (HEIGHT - TOP - BOTTOM))

    yield label(LEFT, 16, title)
    for value in ticks(highest):
        yield f'<path d="M{LEFT} {y(value):.0f}H{WIDTH - RIGHT}" stroke="{GRID}"/>'
        yield label(LEFT - 6, y(value) + 4, f"{value:g}", "end")
    for value in ticks(widest):
        yield label(x(value), HEIGHT - BOTTOM + 16, f"{value:g}", "middle")
    return x, y


def ticks(highest: float) -> Iterator[float]:
    step = next(step * 10**power for power in range(7) for step in (1, 2, 5) if highest <= 6 * step * 10**power)
    for number in range(int(highest // step) + 1):
        yield number * step


def legend() -> Iterator[str]:
    for number, (name, color) in enumerate(COLORS.items()):
        x = WIDTH - RIGHT - (len(COLORS) - number) * 56
        yield line([(x, 12), (x + 14, 12)], color)
        yield label(x + 18, 16, name)


if __name__ == "__main__":
    main()
