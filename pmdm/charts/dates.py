"""Dates over dates: what was expected, as it was expected at each report. Milestone trend analysis, forecasts."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pmdm.charts.figure import Figure, LegendItem, Svg, plot, text
from pmdm.charts.scale import ENGLISH, Scale, Words, date_ticks, ordinal, px, straight_path

type DayFormat = Callable[[dt.date], str]

# Series differ by stroke as well as by colour; the colours that mean a status are not among them.
COLOURS = ("accent", "cost", "plum", "teal", "plan")
LOOKS = [(colour, stroke) for stroke in ("", "dashed", "dotted") for colour in COLOURS]


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One series: on each report day the date expected; `reached` when it came true, which ends the line."""

    name: str
    points: Sequence[tuple[dt.date, dt.date]]
    reached: dt.date | None = None
    value: str = ""


@dataclass(frozen=True)
class _Size:
    width: int
    height: int
    x_ticks: int
    y_ticks: int
    narrow: bool


WIDE = _Size(760, 380, 8, 8, False)
NARROW = _Size(358, 340, 4, 6, True)


def date_trend(
    *,
    id: str,
    title: str,
    description: str,
    series: Sequence[Expected],
    form: DayFormat,
    x_label: str,
    reached_label: str = "Reached",
    marks: Sequence[tuple[dt.date, str]] = (),
    words: Words = ENGLISH,
) -> Figure:
    """Draw each series over the days it was reported on; a level line is a promise kept, a rising one slips.

    On the diagonal, report day and expected day are one: a line ends there when it has come true. `marks` are upright
    lines, such as a new baseline. Both axes are dates; the table has a row for each report day.
    """
    lines = [line for line in series if line.points]
    days = sorted({day for line in lines for day, _expected in line.points})
    by_day = [dict(line.points) for line in lines]
    return Figure(
        id=id,
        title=title,
        description=description,
        wide=_draw(id, lines, reached_label, marks, words, WIDE) if lines else Svg(""),
        narrow=_draw(id, lines, reached_label, marks, words, NARROW) if lines else Svg(""),
        legend=[
            LegendItem(label=_numbered(at, line, lines), css=f"k-{colour} {stroke}".strip(), value=line.value)
            for at, (line, (colour, stroke)) in enumerate(_looks(lines))
        ],
        head=[x_label, *(line.name for line in lines)],
        rows=[[day.isoformat(), *(form(values[day]) if day in values else "–" for values in by_day)] for day in days],
    )


def _looks(lines):
    return [(line, LOOKS[at % len(LOOKS)]) for at, line in enumerate(lines)]


def _numbered(at: int, line: Expected, lines: Sequence[Expected]) -> str:
    return f"{at + 1} {line.name}" if len(lines) > 1 else line.name


def _draw(id, lines, reached_label, marks, words, size: _Size) -> Svg:
    reports = [day for line in lines for day, _expected in line.points]
    reports += [line.reached for line in lines if line.reached]
    expected = [day for line in lines for _report, day in line.points]
    expected += [line.reached for line in lines if line.reached]
    first, last = min(reports), max(reports)
    if first == last:
        last += dt.timedelta(days=7)
    low, high = min(expected), max(expected)
    room = max((high - low).days // 20, 3)
    low, high = low - dt.timedelta(days=room), high + dt.timedelta(days=room)
    left, right, top, bottom = 58.0, size.width - 24.0, 14.0, size.height - 26.0
    x = Scale(ordinal(first), ordinal(last), left, right)
    y = Scale(ordinal(low), ordinal(high), bottom, top)
    parts = []
    for place, name in date_ticks(low, high, size.y_ticks, words):
        level = px(y(place))
        parts.append(f'<line class="grid" x1="{px(left)}" x2="{px(right)}" y1="{level}" y2="{level}"/>')
        parts.append(text(left - 8, y(place) + 4, name, "tick", "end"))
    for place, name in date_ticks(first, last, size.x_ticks, words):
        if place <= x.high:
            anchor = "start" if x(place) < left + 12 else "end" if x(place) > right - 14 else "middle"
            parts.append(text(x(place), size.height - 6, name, "tick", anchor))
    parts += _diagonal(x, y, reached_label)
    for day, label in marks:
        if first <= day <= last:
            at = x(ordinal(day))
            anchor = "end" if at > right - 80 else "start"
            parts.append(f'<line class="today" x1="{px(at)}" x2="{px(at)}" y1="{px(top)}" y2="{px(bottom)}"/>')
            parts.append(text(at + (-5 if anchor == "end" else 5), bottom - 6, label, "today-t", anchor))
    ends = []
    for number, (line, (colour, stroke)) in enumerate(_looks(lines), 1):
        css = f"ln k-{colour} {stroke}".strip()
        points = [(x(ordinal(report)), y(ordinal(day))) for report, day in line.points]
        if line.reached:
            points.append((x(ordinal(line.reached)), y(ordinal(line.reached))))
        if len(points) > 1:
            parts.append(f'<path class="{css}" d="{straight_path(points)}"/>')
        end = points[-1]
        parts.append(_mark(end, colour, reached=line.reached is not None))
        ends.append((end, str(number), colour))
    if len(lines) > 1:
        parts += _labels(ends, top, bottom)
    return plot(id, parts, (size.width, size.height), narrow=size.narrow)


def _diagonal(x: Scale, y: Scale, label: str):
    """Where the report day is the expected day."""
    start, end = max(x.low, y.low), min(x.high, y.high)
    if start < end:
        yield (
            f'<line class="ref" x1="{px(x(start))}" y1="{px(y(start))}" x2="{px(x(end))}" y2="{px(y(end))}"/>'
            + text(x(end) - 6, y(end) - 6, label, "ref-t", "end")
        )


def _mark(place: tuple[float, float], colour: str, *, reached: bool) -> str:
    """A diamond where it came true, a dot where it is still expected."""
    x, y = place
    if reached:
        return f'<path class="pt k-{colour}" d="M{px(x)} {px(y - 5.5)}l5.5 5.5l-5.5 5.5l-5.5 -5.5z"/>'
    return f'<circle class="pt k-{colour}" cx="{px(x)}" cy="{px(y)}" r="3.5"/>'


def _labels(ends, top: float, bottom: float):
    """The number of each line at its end; numbers that would lie on each other are moved apart."""
    placed: list[tuple[float, float]] = []
    for (x, y), name, colour in sorted(ends, key=lambda end: end[0][1]):
        at = y
        while any(abs(at - other) < 12 and abs(x - beside) < 18 for beside, other in placed):
            at += 3
        at = min(at, bottom)
        placed.append((x, at))
        yield text(x + 8, max(at, top) + 4, name, f"dl k-{colour}")
