"""Line charts over time: S-curve of earned value, trend against a target band, burn-up."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pmdm.charts.figure import Figure, LegendItem, Svg, plot, text
from pmdm.charts.scale import (
    ENGLISH,
    Scale,
    Words,
    date_ticks,
    named_axis,
    ordinal,
    px,
    smooth_path,
    straight_path,
    text_width,
)

type Point = tuple[dt.date, float | None]
type Format = Callable[[float], str]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One series: points in order of time; None leaves a gap."""

    name: str
    points: Sequence[Point]
    colour: str = "accent"
    stroke: str = ""  # "", "dotted" or "dashed"
    area: bool = False
    end_label: str = ""
    legend_value: str = ""
    in_legend: bool = True

    @property
    def known(self) -> list[tuple[dt.date, float]]:
        return [(day, float(value)) for day, value in self.points if value is not None]


@dataclass(frozen=True, kw_only=True)
class Note:
    """A remark beside the last point, such as 'Schedule −€44k'; `css` is vn (bad), vp (good) or empty."""

    label: str
    value: str
    css: str = ""


@dataclass(frozen=True)
class _Size:
    width: int
    height: int
    x_ticks: int
    right: float
    narrow: bool


WIDE = (760, 300, 8)
NARROW = (358, 250, 5)


def line_chart(
    *,
    id: str,
    title: str,
    description: str,
    lines: Sequence[Line],
    form: Format,
    x_label: str,
    reference: tuple[float, str] | None = None,
    band: tuple[float, float] | None = None,
    today: dt.date | None = None,
    notes: Sequence[Note] = (),
    low: float | None = 0.0,
    high: float | None = None,
    smooth: bool = True,
    words: Words = ENGLISH,
) -> Figure:
    """Draw lines over time. `low=None` lets the axis start near the smallest value."""
    has_points = any(line.known for line in lines)
    labels = max((text_width(line.end_label) for line in lines if line.end_label), default=0)
    drawing = _Plot(id, lines, form, reference, band, today, notes, low, high, smooth, words)
    days = sorted({day for line in lines for day, _value in line.points})
    return Figure(
        id=id,
        title=title,
        description=description,
        wide=drawing.draw(_Size(*WIDE, right=max(14, labels + 10), narrow=False)) if has_points else Svg(""),
        narrow=drawing.draw(_Size(*NARROW, right=8, narrow=True)) if has_points else Svg(""),
        legend=[
            LegendItem(
                label=line.name,
                css=f"k-{line.colour} {line.stroke}".strip(),
                value=line.legend_value,
                narrow_only=not line.in_legend,
            )
            for line in lines
        ],
        head=[x_label, *(line.name for line in lines)],
        rows=_table(days, lines, form),
    )


def _table(days: Sequence[dt.date], lines: Sequence[Line], form: Format) -> list[list[str]]:
    by_day = [dict(line.known) for line in lines]
    return [[day.isoformat(), *(form(values[day]) if day in values else "–" for values in by_day)] for day in days]


class _Plot:
    def __init__(self, id, lines, form, reference, band, today, notes, low, high, smooth, words):
        self.id = id
        self.lines = lines
        self.form = form
        self.reference = reference
        self.band = band
        self.today = today
        self.notes = notes
        self.path = smooth_path if smooth else straight_path
        self.words = words
        known = [value for line in lines for _day, value in line.known]
        extra = [reference[0]] if reference else []
        extra += list(band) if band else []
        every = known + extra
        if every:
            bottom = min(every) if low is None else min(low, *every)
            top = max(every) if high is None else max(high, *every)
            self.ticks, self.names, self.top = named_axis(bottom, top if top > bottom else bottom + 1, form)
        days = [day for line in lines for day, value in line.known] + ([today] if today else [])
        if days:
            self.first, self.last = min(days), max(days)

    def draw(self, size: _Size) -> Svg:
        names = self.names
        left = max(28.0, max(map(text_width, names)) + 12)
        top, bottom = 18.0, size.height - 26.0
        x = Scale(ordinal(self.first), ordinal(self.last), left, size.width - size.right)
        y = Scale(self.ticks[0], self.top, bottom, top)
        right = size.width - size.right
        parts = [
            *self._grid(names, y, left, right),
            *self._months(x, size, left, right),
            *self._band(y, left, right),
            *self._reference(y, left, right),
            *self._areas(x, y, bottom),
            *self._today(x, top, bottom),
            *self._curves(x, y),
            *self._ends(x, y, size),
        ]
        return plot(self.id, parts, (size.width, size.height), narrow=size.narrow)

    def _grid(self, names, y, left, right):
        for value, name in zip(self.ticks, names, strict=True):
            at = px(y(value))
            yield f'<line class="grid" x1="{px(left)}" x2="{px(right)}" y1="{at}" y2="{at}"/>'
            yield text(left - 8, y(value) + 4, name, "tick", "end")

    def _months(self, x, size, left, right):
        for place, name in date_ticks(self.first, self.last, size.x_ticks, self.words):
            at = x(place)
            anchor = "start" if at < left + 12 else "end" if at > right - 6 and size.narrow else "middle"
            yield text(at, size.height - 6, name, "tick", anchor)

    def _band(self, y, left, right):
        if self.band:
            top, bottom = y(max(self.band)), y(min(self.band))
            yield (
                f'<rect class="band" x="{px(left)}" y="{px(top)}" width="{px(right - left)}"'
                f' height="{px(bottom - top)}"/>'
            )

    def _reference(self, y, left, right):
        if self.reference:
            value, name = self.reference
            at = px(y(value))
            yield f'<line class="ref" x1="{px(left)}" x2="{px(right)}" y1="{at}" y2="{at}"/>'
            yield text(left + 4, y(value) - 6, name, "ref-t")

    def _areas(self, x, y, bottom):
        for line in self.lines:
            points = [(x(ordinal(day)), y(value)) for day, value in line.known]
            if line.area and len(points) > 1:
                shape = f"{self.path(points)}L{px(points[-1][0])} {px(bottom)}L{px(points[0][0])} {px(bottom)}Z"
                yield f'<path class="area k-{line.colour}" d="{shape}"/>'

    def _today(self, x, top, bottom):
        if self.today:
            at = x(ordinal(self.today))
            yield f'<line class="today" x1="{px(at)}" x2="{px(at)}" y1="{px(top - 4)}" y2="{px(bottom)}"/>'
            yield text(at, top - 7, self.words.today, "today-t", "middle")

    def _curves(self, x, y):
        for line in self.lines:
            for run in _runs(line.points):
                points = [(x(ordinal(day)), y(value)) for day, value in run]
                css = f"ln k-{line.colour} {line.stroke}".strip()
                if len(points) > 1:
                    yield f'<path class="{css}" d="{self.path(points)}"/>'
                elif points:
                    yield _dot(points[0], line.colour)

    def _ends(self, x, y, size):
        marked = [line for line in self.lines if line.known and line.stroke != "dashed"]
        for line in marked:
            day, value = line.known[-1]
            if self.today and day > self.today:
                # A plan runs on beyond today: mark where it stands now, if it has a value then.
                now = [point for point in line.known if point[0] == self.today]
                if not now:
                    continue
                day, value = now[0]
            yield _dot((x(ordinal(day)), y(value)), line.colour)
        if size.narrow:
            return
        for line in self.lines:
            if line.end_label and line.known:
                day, value = line.known[-1]
                yield text(x(ordinal(day)) + 10, y(value) + 4, line.end_label, f"dl k-{line.colour}")
        if self.notes and self.today:
            lowest = max(y(line.known[-1][1]) for line in marked) if marked else y(self.ticks[0])
            at = x(ordinal(self.today)) + 12
            for number, note in enumerate(self.notes):
                style = f' class="{note.css}"' if note.css else ' class="v"'
                label = text(at, min(lowest + 30 + 17 * number, size.height - 40), f"{note.label} ", "note")
                value = text(0, 0, note.value, "").split(">", 1)[1]
                yield label.removesuffix("</text>") + f"<tspan{style}>{value.removesuffix('</text>')}</tspan></text>"


def _dot(point: tuple[float, float], colour: str) -> str:
    return f'<circle class="pt k-{colour}" cx="{px(point[0])}" cy="{px(point[1])}" r="3.5"/>'


def _runs(points: Sequence[Point]) -> list[list[tuple[dt.date, float]]]:
    """The points in stretches without a gap."""
    runs: list[list[tuple[dt.date, float]]] = [[]]
    for day, value in points:
        if value is None:
            runs.append([])
        else:
            runs[-1].append((day, float(value)))
    return [run for run in runs if run]


def s_curve(
    *,
    id: str,
    title: str,
    description: str,
    planned: Sequence[Point],
    earned: Sequence[Point],
    actual: Sequence[Point],
    forecast: Sequence[Point] = (),
    budget: tuple[float, str] | None = None,
    today: dt.date | None = None,
    form: Format,
    names: tuple[str, str, str, str] = ("Planned", "Earned", "Actual", "Forecast"),
    forecast_label: str = "",
    notes: Sequence[Note] = (),
    x_label: str = "Date",
    words: Words = ENGLISH,
) -> Figure:
    """Earned value: planned, earned and actual cost over time, the forecast beyond today."""
    lines = [
        Line(name=names[0], points=planned, colour="plan", stroke="dotted", legend_value=_at(planned, today, form)),
        Line(name=names[1], points=earned, colour="accent", area=True, legend_value=_at(earned, today, form)),
        Line(name=names[2], points=actual, colour="cost", legend_value=_at(actual, today, form)),
    ]
    if forecast:
        last = form(float(forecast[-1][1])) if forecast[-1][1] is not None else ""
        lines.append(
            Line(
                name=names[3], points=forecast, colour="cost", stroke="dashed", legend_value=last, in_legend=False,
                end_label=forecast_label or f"{names[3]} {last}",
            )
        )  # fmt: skip
    return line_chart(
        id=id, title=title, description=description, lines=lines, form=form, x_label=x_label, reference=budget,
        today=today, notes=notes, words=words,
    )  # fmt: skip


def _at(points: Sequence[Point], today: dt.date | None, form: Format) -> str:
    """The last known value up to today, for the legend."""
    known = [value for day, value in points if value is not None and (today is None or day <= today)]
    return form(float(known[-1])) if known else ""


def trend(
    *,
    id: str,
    title: str,
    description: str,
    name: str,
    points: Sequence[Point],
    form: Format,
    band: tuple[float, float] | None = None,
    target: tuple[float, str] | None = None,
    x_label: str = "Date",
    colour: str = "accent",
    words: Words = ENGLISH,
) -> Figure:
    """One measure over time against its target: the axis starts near the values, not at zero."""
    line = Line(name=name, points=points, colour=colour, legend_value=_at(points, None, form))
    return line_chart(
        id=id, title=title, description=description, lines=[line], form=form, x_label=x_label, reference=target,
        band=band, low=None, words=words,
    )  # fmt: skip


def burn_up(
    *,
    id: str,
    title: str,
    description: str,
    scope: Sequence[Point],
    done: Sequence[Point],
    form: Format,
    names: tuple[str, str] = ("Scope", "Done"),
    today: dt.date | None = None,
    x_label: str = "Date",
    words: Words = ENGLISH,
) -> Figure:
    """Work done rising towards a scope that may move: both lines start at zero."""
    lines = [
        Line(name=names[0], points=scope, colour="plan", legend_value=_at(scope, today, form)),
        Line(name=names[1], points=done, colour="accent", area=True, legend_value=_at(done, today, form)),
    ]
    return line_chart(
        id=id, title=title, description=description, lines=lines, form=form, x_label=x_label, today=today,
        smooth=False, words=words,
    )  # fmt: skip
