"""Axes: where a value lies on the drawing, which ticks to name, how numbers are written into SVG."""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Words:
    """The few words a drawing holds; hand over translated ones."""

    today: str = "Today"
    months: Sequence[str] = MONTHS


ENGLISH = Words()


@dataclass(frozen=True)
class Scale:
    """A straight line from values to pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        return self.start if not span else self.start + (value - self.low) / span * (self.end - self.start)


def px(value: float) -> str:
    """A coordinate as short as it may be: one decimal, no trailing zero."""
    text = f"{value:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


def nice_step(span: float, count: int) -> float:
    """1, 2 or 5 times a power of ten, so that about `count` steps cover the span."""
    if span <= 0:
        return 1.0
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next((step * power for step in (1, 2, 5, 10) if step * power >= rough * 0.999), 10 * power)


def value_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values from at or below `low` to at or above `high`."""
    step = nice_step(high - low, count)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(number * step, 10) for number in range(first, max(last, first + 1) + 1)]


def value_axis(low: float, high: float, count: int = 5) -> tuple[list[float], float]:
    """Ticks and the top of the axis: the value itself when the next tick would leave a third of a step empty."""
    ticks = value_ticks(low, high, count)
    step = ticks[1] - ticks[0]
    if len(ticks) > 2 and ticks[-1] - high > step / 3:
        return ticks[:-1], high
    return ticks, ticks[-1]


def named_axis(
    low: float, high: float, form: Callable[[float], str], count: int = 5
) -> tuple[list[float], list[str], float]:
    """Ticks, their names and the top of the axis; fewer ticks where the format would name two of them alike."""
    for fewer in range(count, 0, -1):
        ticks, top = value_axis(low, high, fewer)
        names = [form(value) for value in ticks]
        if len(set(names)) == len(names):
            break
    return ticks, names, top


def ordinal(value: dt.date | dt.datetime | float) -> float:
    """Days as a number; an instant keeps its part of the day."""
    if isinstance(value, dt.datetime):
        return value.toordinal() + (value.hour * 3600 + value.minute * 60 + value.second) / 86400
    if isinstance(value, dt.date):
        return float(value.toordinal())
    return float(value)


def date_ticks(first: dt.date, last: dt.date, count: int, words: Words = ENGLISH) -> list[tuple[float, str]]:
    """Positions and names of at most `count` ticks: days, weeks, months or years, whichever fits."""
    days = (last - first).days
    if days <= 0:
        return [(ordinal(first), _day_name(first, words))]
    if days <= 75:
        step = next(size for size in (1, 2, 7, 14, 28) if days / size <= count or size == 28)
        chosen = [first + dt.timedelta(days=offset) for offset in range(0, days + 1, step)]
        return [(ordinal(day), _day_name(day, words)) for day in chosen]
    months = _months(first, last)
    step = next((size for size in (1, 2, 3, 6, 12, 24, 60) if len(months) / size <= count), 120)
    ticks = []
    year = first.year
    for number, month in enumerate(months):
        if (month.month - months[0].month + 12 * (month.year - months[0].year)) % step:
            continue
        name = words.months[month.month - 1]
        if month.year != year and number:
            name += f" ’{month.year % 100:02d}"
            year = month.year
        ticks.append((ordinal(month), name))
    return ticks


def _day_name(day: dt.date, words: Words) -> str:
    return f"{day.day} {words.months[day.month - 1]}"


def _months(first: dt.date, last: dt.date) -> list[dt.date]:
    month = first.replace(day=1)
    if month < first:
        month = next_month(month)
    found = []
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found or [first]


def next_month(month: dt.date) -> dt.date:
    """The first day of the month after."""
    return (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def text_width(text: str) -> float:
    """Estimated pixels of a label set at 11.5 px."""
    return len(text) * 6.7


def smooth_path(points: Sequence[tuple[float, float]]) -> str:
    """A curve through all points that never overshoots one (monotone in x, after Fritsch and Carlson 1980)."""
    if not points:
        return ""
    if len(points) < 3:
        return straight_path(points)
    slopes = _tangents(points)
    parts = [f"M{px(points[0][0])} {px(points[0][1])}"]
    for (x0, y0), (x1, y1), m0, m1 in zip(points, points[1:], slopes, slopes[1:], strict=False):
        third = (x1 - x0) / 3
        parts.append(
            f"C{px(x0 + third)} {px(y0 + m0 * third)} {px(x1 - third)} {px(y1 - m1 * third)} {px(x1)} {px(y1)}"
        )
    return "".join(parts)


def straight_path(points: Sequence[tuple[float, float]]) -> str:
    """Straight lines from point to point."""
    return "M" + "L".join(f"{px(x)} {px(y)}" for x, y in points) if points else ""


def _tangents(points: Sequence[tuple[float, float]]) -> list[float]:
    steps = [(y1 - y0) / (x1 - x0) if x1 != x0 else 0.0 for (x0, y0), (x1, y1) in pairwise(points)]
    slopes = [steps[0]]
    for before, after in pairwise(steps):
        slopes.append(0.0 if before * after <= 0 else 2 * before * after / (before + after))
    return [*slopes, steps[-1]]
