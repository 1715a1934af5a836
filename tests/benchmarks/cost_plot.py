"""The plot of the cost curve: small line charts with logarithmic axes, as SVG; the same numbers give the same bytes."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

WIDTH: Final = 380
HEIGHT: Final = 240
LEFT: Final = 52
RIGHT: Final = 96
TOP: Final = 34
BOTTOM: Final = 34
COLORS: Final = ("#0b5cad", "#b3541e", "#3d7a37", "#7b3fa0")
STYLE: Final = """
text { font: 11px sans-serif; fill: #222 } .title { font-weight: bold; font-size: 12px }
.grid { stroke: #ddd } path { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .grid { stroke: #444 } svg { background: #111 } }
"""

Series = Mapping[str, Sequence[tuple[float, float]]]
"""Name of a line -> its points as (statements, value)."""


def draw(panels: Mapping[str, Series], about: str) -> str:
    """Draw one chart for each panel, two in a row. about: describes the picture for those who cannot see it."""
    rows = math.ceil(len(panels) / 2)
    charts = [
        f'<g transform="translate({number % 2 * WIDTH} {number // 2 * HEIGHT})">{_draw_panel(title, series)}</g>'
        for number, (title, series) in enumerate(panels.items())
    ]
    width, height = 2 * WIDTH, rows * HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-label="{escape(about)}">\n<style>{STYLE}</style>\n' + "\n".join(charts) + "\n</svg>\n"
    )


def _draw_panel(title: str, series: Series) -> str:
    points = [point for line in series.values() for point in line if point[1] > 0]
    if not points:
        return ""
    across = _Axis([x for x, _ in points], LEFT, WIDTH - RIGHT)
    upward = _Axis([y for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = [f'<text class="title" x="{LEFT}" y="16">{escape(title)}</text>']
    for value in upward.ticks:
        y = upward.place(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_label(value)}</text>')
    for value in across.ticks:
        parts.append(f'<text x="{across.place(value)}" y="{HEIGHT - 14}" text-anchor="middle">{_label(value)}</text>')
    ends: list[float] = []
    for (name, line), color in zip(series.items(), COLORS, strict=False):
        places = [(across.place(x), upward.place(y)) for x, y in line if y > 0]
        if not places:
            continue
        parts.append(f'<path stroke="{color}" d="M{" L".join(f"{x} {y}" for x, y in places)}"/>')
        parts += [f'<circle fill="{color}" cx="{x}" cy="{y}" r="3"/>' for x, y in places]
        ends.append(_free(places[-1][1], ends))
        parts.append(f'<text style="fill:{color}" x="{places[-1][0] + 8}" y="{ends[-1] + 4:.1f}">{escape(name)}</text>')
    return "".join(parts)


class _Axis:
    """A logarithmic axis, from a power of ten to another. start, end: where it begins and ends, in pixels."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self._low = math.floor(math.log10(min(values)))
        self._high = max(self._low + 1, math.ceil(math.log10(max(values))))
        self._start, self._end = start, end

    @property
    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self._low, self._high + 1)]

    def place(self, value: float) -> float:
        part = (math.log10(value) - self._low) / (self._high - self._low)
        return round(self._start + part * (self._end - self._start), 1)


def _free(wanted: float, taken: Sequence[float]) -> float:
    """A height near the wanted one at which no other text stands."""
    while any(abs(wanted - other) < 12 for other in taken):
        wanted += 1
    return wanted


def _label(value: float) -> str:
    for unit, size in (("M", 10**6), ("k", 10**3)):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"
