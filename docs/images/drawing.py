"""Draws SVG for the documentation."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

# Readable on a light and on a dark page.
TEXT, GRID = "#7a828c", "#7a828c44"
SHADES = ("#7a828c33", "#9be9a8", "#40c463", "#30a14e", "#216e39")


def write(name: str, parts: Iterable[str], width: int, height: int) -> None:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    style = f'font-family="sans-serif" font-size="11" fill="{TEXT}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n' + "\n".join(parts) + "\n</svg>\n"
    Path(__file__).with_name(f"{name}.svg").write_text(svg)


def box(x: float, y: float, width: float, height: float, color: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{color}"/>'


def label(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(text)}</text>'


def line(points: Sequence[tuple[float, float]], color: str) -> str:
    path = " ".join(f"{x:.0f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.4"/>'


def group(x: float, y: float, parts: Iterable[str]) -> Iterator[str]:
    """Place the parts at this point."""
    yield f'<g transform="translate({x:.0f} {y:.0f})">'
    yield from parts
    yield "</g>"
