"""Small line charts as SVG, for training curves."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 640.0, 380.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 20.0, 48.0, 52.0
_COLOURS = ("#1d4ed8", "#c2410c", "#15803d", "#7e22ce")
_TICKS = 5


@dataclass(frozen=True)
class Curve:
    """A named sequence of points."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def ticks(low: float, high: float, count: int = _TICKS) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) from ``low`` to ``high``.

    >>> ticks(0.0, 1.0)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low]
    unit = 10.0 ** math.floor(math.log10(span / count))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k * count >= span * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return [round(k * step, digits) for k in range(first, last + 1)]


class _Axis:
    """A map from values to places, with room for round numbers."""

    def __init__(self, values: Sequence[float], start: float, stop: float) -> None:
        finite = [v for v in values if math.isfinite(v)] or [0.0]
        self.low, self.high = min(finite), max(finite)
        if self.low == self.high:
            self.low, self.high = self.low - 0.5, self.high + 0.5
        self.start, self.stop = start, stop

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)


def line_chart(title: str, x_label: str, y_label: str, curves: Sequence[Curve]) -> str:
    """A chart as the text of an SVG file; points that are not finite are left out.

    Args:
        title: heading.
        x_label: what runs to the right.
        y_label: what runs upwards.
        curves: what to draw, at least one.
    """
    x = _Axis([v for curve in curves for v in curve.x], _LEFT, _WIDTH - _RIGHT)
    y = _Axis([0.0, *(v for curve in curves for v in curve.y)], _HEIGHT - _BOTTOM, _TOP)
    size = f'width="{_WIDTH:.0f}" height="{_HEIGHT:.0f}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img">',
        f"<title>{escape(title)}</title>",
        "<style>text { font: 12px system-ui, sans-serif; fill: #374151; }</style>",
        f'<rect {size} fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="24" font-weight="600">{escape(title)}</text>',
        *_grid(x, y),
        f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 14}" text-anchor="middle">'
        f"{escape(x_label)}</text>",
        f'<text transform="translate(18 {(_TOP + _HEIGHT - _BOTTOM) / 2}) rotate(-90)" '
        f'text-anchor="middle">{escape(y_label)}</text>',
    ]
    for number, curve in enumerate(curves):
        lines += _drawn(curve, x, y, number)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _grid(x: _Axis, y: _Axis) -> list[str]:
    lines = []
    for value in ticks(y.low, y.high):
        place = f"{y(value):.1f}"
        lines.append(
            f'<path d="M{_LEFT},{place} H{_WIDTH - _RIGHT}" stroke="#e5e7eb"/>'
            f'<text x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    for value in ticks(x.low, x.high):
        lines.append(
            f'<text x="{x(value):.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">'
            f"{value:g}</text>"
        )
    return lines


def _drawn(curve: Curve, x: _Axis, y: _Axis, number: int) -> list[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    pairs = zip(curve.x, curve.y, strict=True)
    points = " ".join(
        f"{x(a):.1f},{y(b):.1f}" for a, b in pairs if math.isfinite(a) and math.isfinite(b)
    )
    key = _WIDTH - _RIGHT - 150
    place = _TOP + 14 + 18 * number
    return [
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
        f'<path d="M{key},{place - 4} h22" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{key + 28}" y="{place}">{escape(curve.name)}</text>',
    ]
