"""Draws the result of `bench.comparison` for docs/performance.md.

.venv/bin/python -m bench.comparison > docs/images/comparison.json
.venv/bin/python -m docs.images.comparison_plot
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.images.drawing import box, label, write

OPERATIONS = {
    "booksWithProgress": "20 books with progress, description and total",
    "textbookWithChapters": "a textbook, 12 chapters of 20 words",
    "dueCards": "50 due cards with words",
    "book": "a book, 3 fields",
    "reviewCards": "50 reviews",
}
SERVERS = {
    "warm": ("ShinJP, warm cache", "#2f8f4e"),
    "shinjp": ("ShinJP, no cache", "#8bd17c"),
    "mercurius": ("Mercurius with JIT", "#6ea8fe"),
    "byHand": ("hand-written handler", "#7a828c"),
}
WIDTH, LEFT, BAR, TITLE = 640, 150, 13, 24


def main() -> None:
    measured = json.loads(Path(__file__).with_name("comparison.json").read_text())["operations"]
    parts = [label(LEFT, 14, "CPU of the server per request, in microseconds (requests per second)")]
    y = 24
    for operation, title in OPERATIONS.items():
        found = {name: measured[operation][name] for name in SERVERS if name in measured[operation]}
        parts += bars(title, found, y)
        y += TITLE + len(found) * (BAR + 3)
    write("comparison", parts, WIDTH, y + 4)


def bars(title: str, found: dict[str, dict[str, Any]], y: float) -> Iterator[str]:
    """Each operation has a scale of its own."""
    yield label(LEFT, y + 15, title)
    most = max(one["cpuMicroseconds"] for one in found.values())
    for number, (name, one) in enumerate(found.items()):
        server, color = SERVERS[name]
        top, cpu = y + TITLE + number * (BAR + 3), one["cpuMicroseconds"]
        length = cpu / most * (WIDTH - LEFT - 110)
        yield label(LEFT - 6, top + 10, server, "end")
        yield box(LEFT, top, length, BAR, color)
        yield label(LEFT + length + 5, top + 10, f"{cpu:,.0f} ({one['requestsPerSecond']:,.0f})")


if __name__ == "__main__":
    main()
