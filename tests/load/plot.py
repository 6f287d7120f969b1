"""Draws what becomes of calls at each offered rate, as an SVG that browsers show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final, NamedTuple


WIDTH: Final = 640
HEIGHT: Final = 300
_MARGIN: Final = 60
_COLOURS: Final = {"SQLite": "#1f6fb4", "PostgreSQL": "#c2410c"}
_TICKS: Final = 4


class Point(NamedTuple):
    """Is what became of calls that came at a rate: calls a second, milliseconds."""

    offered: float
    answered: float
    p50_ms: float
    p99_ms: float


class Curve(NamedTuple):
    """Is one line of a chart."""

    name: str
    places: Sequence[tuple[float, float]]
    colour: str
    dashes: str = ""


def draw(points: Mapping[str, Sequence[Point]]) -> str:
    """Returns two charts over the offered rate: what was answered, and latencies."""
    answered, latencies = [], []
    for name, found in points.items():
        colour = _COLOURS.get(name, "#444")
        answered.append(Curve(name, [(p.offered, p.answered) for p in found], colour))
        for what, dashes in (("p50_ms", "4 3"), ("p99_ms", "")):
            places = [(p.offered, float(getattr(p, what))) for p in found]
            title = f"{name} {what[:3]}"
            latencies.append(Curve(title, places, colour, dashes))
    charts = [
        *_chart("answered calls a second", answered, 0),
        *_chart("milliseconds", latencies, HEIGHT),
    ]
    size = f'width="{WIDTH}" height="{2 * HEIGHT}"'
    style = 'font-family="sans-serif" font-size="11"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>'
    return "\n".join(
        [head, '<rect width="100%" height="100%" fill="white"/>', *charts, "</svg>"]
    )


def _chart(title: str, curves: Sequence[Curve], top: int) -> Iterable[str]:
    places = [place for curve in curves for place in curve.places]
    right = max((x for x, _ in places), default=0) or 1
    upper = max((y for _, y in places), default=0) or 1
    low, wide, high = (
        top + HEIGHT - _MARGIN,
        WIDTH - 2 * _MARGIN,
        HEIGHT - 1.5 * _MARGIN,
    )

    def x_of(x: float) -> float:
        return round(_MARGIN + x / right * wide, 1)

    def y_of(y: float) -> float:
        return round(low - y / upper * high, 1)

    yield _text(_MARGIN, top + 20, f"{title}, by calls offered a second")
    for step in range(_TICKS + 1):
        x, y = right * step / _TICKS, upper * step / _TICKS
        yield _line([(_MARGIN, y_of(y)), (_MARGIN + wide, y_of(y))], "#ddd")
        yield _text(x_of(x), low + 16, f"{x:,.0f}", anchor="middle")
        yield _text(_MARGIN - 6, y_of(y) + 4, f"{y:,.0f}", anchor="end")
    for number, curve in enumerate(curves):
        shown = [(x_of(x), y_of(y)) for x, y in curve.places]
        yield _line(shown, curve.colour, curve.dashes)
        yield _text(_MARGIN + 120 * number, low + 36, curve.name, colour=curve.colour)


def _line(places: Sequence[tuple[float, float]], colour: str, dashes: str = "") -> str:
    shown = " ".join(f"{x},{y}" for x, y in places)
    return (
        f'<polyline points="{shown}" fill="none" stroke="{colour}"'
        f' stroke-width="1.5" stroke-dasharray="{dashes}"/>'
    )


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#222"
) -> str:
    place = f'x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}"'
    return f"<text {place}>{escape(text)}</text>"
