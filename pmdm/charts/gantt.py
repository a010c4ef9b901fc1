"""Timeline of a plan: one row for each task, drawn to stand beside a table with rows of the same height."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from pmdm.charts.figure import Svg
from pmdm.charts.scale import ENGLISH, Scale, Words, next_month, ordinal, px, text_width

ROW = 34
HEAD = 46
NAME = 32
ZOOMS = {"day": 26.0, "week": 9.0, "month": 3.0, "quarter": 1.1}

type Instant = dt.date | dt.datetime


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One row. Dates of kind `date` count whole days: the bar ends after its last day."""

    start: Instant | None
    finish: Instant | None
    label: str = ""
    kind: Literal["task", "summary", "milestone"] = "task"
    percent: float = 0
    critical: bool = False
    baseline: tuple[Instant, Instant] | None = None
    float_until: Instant | None = None


@dataclass(frozen=True)
class Link:
    """A dependency between two rows, by their place in the list."""

    source: int
    target: int
    kind: Literal["FS", "SS", "FF", "SF"] = "FS"
    critical: bool = False


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The drawing; `zoom` is the one chosen when 'fit' was asked for."""

    svg: Svg
    width: int
    height: int
    zoom: str


def timeline(
    bars: Sequence[Bar],
    links: Iterable[Link] = (),
    *,
    today: dt.date | None = None,
    zoom: str = "fit",
    room: int = 640,
    label: str = "Timeline",
    words: Words = ENGLISH,
) -> Timeline:
    """Draw the rows from the first date to the last. `zoom`: fit, day, week, month or quarter."""
    first, last = _span(bars, today)
    days = max((last - first).days, 1)
    per_day = ZOOMS.get(zoom) or max(ZOOMS["quarter"], min(ZOOMS["day"], room / days))
    unit = next(name for name, size in ZOOMS.items() if per_day >= size * 0.6 or name == "quarter")
    width = max(round(days * per_day), room)
    height = HEAD + ROW * len(bars)
    x = Scale(ordinal(first), ordinal(first) + width / per_day, 0, width)
    parts = [
        *_calendar(first, x, width, height, unit, words),
        *_rules(len(bars), width),
        *_links(bars, links, x),
        *(piece for number, bar in enumerate(bars) for piece in _bar(bar, number, x)),
        *_today(today, x, height, words),
    ]
    svg = (
        f'<svg class="gantt" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
    return Timeline(svg=Svg(svg), width=width, height=height, zoom=unit)


def _span(bars: Sequence[Bar], today: dt.date | None) -> tuple[dt.date, dt.date]:
    dates = [_date(value) for bar in bars for value in (bar.start, bar.finish, *(bar.baseline or ())) if value]
    dates += [today] if today else []
    if not dates:
        dates = [dt.date(2000, 1, 3)]
    first = min(dates) - dt.timedelta(days=3)
    # From a Monday, so that weeks begin at the edge.
    return first - dt.timedelta(days=first.weekday()), max(dates) + dt.timedelta(days=10)


def _date(value: Instant) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _end(value: Instant) -> float:
    return ordinal(value) + (0 if isinstance(value, dt.datetime) else 1)


def _calendar(first, x, width, height, unit, words):
    last = first + dt.timedelta(days=round(width / (x(ordinal(first) + 1) - x(ordinal(first)))))
    if unit in ("day", "week"):
        yield from _weekends(first, last, x, height)
    upper_free = lower_free = 0.0
    for day, strong, name, level in _marks(first, last, unit, words):
        at = x(ordinal(day))
        css = "rule strong" if strong else "rule"
        yield f'<line class="{css}" x1="{px(at)}" x2="{px(at)}" y1="{0 if level == 0 else 24}" y2="{height}"/>'
        if level == 0 and at >= upper_free:
            yield f'<text class="head strong" x="{px(at + 6)}" y="17">{escape(name)}</text>'
            upper_free = at + 6 + text_width(name) + 10
        elif level == 1 and at >= lower_free:
            yield f'<text class="head" x="{px(at + 4)}" y="38">{escape(name)}</text>'
            lower_free = at + 4 + text_width(name) + 4


def _weekends(first, last, x, height):
    saturday = first + dt.timedelta(days=(5 - first.weekday()) % 7)
    while saturday <= last:
        at = x(ordinal(saturday))
        yield (
            f'<rect class="off" x="{px(at)}" y="{HEAD}" width="{px(x(ordinal(saturday) + 2) - at)}"'
            f' height="{height - HEAD}"/>'
        )
        saturday += dt.timedelta(days=7)


def _marks(first, last, unit, words):
    """(day, strong line?, name, level): level 0 is the upper line of the head, 1 the lower."""
    month = first.replace(day=1)
    yield first, False, _month_name(first, words), 0
    while (month := next_month(month)) <= last:
        if unit in ("day", "week"):
            yield month, True, _month_name(month, words), 0
        elif unit == "month":
            if month.month == 1:
                yield month, True, str(month.year), 0
            yield month, False, words.months[month.month - 1], 1
        else:
            if month.month == 1:
                yield month, True, str(month.year), 0
            if month.month % 3 == 1:
                yield month, False, f"Q{month.month // 3 + 1}", 1
    if unit in ("day", "week"):
        step = 1 if unit == "day" else 7
        day = first
        while day <= last:
            yield day, False, str(day.day), 1
            day += dt.timedelta(days=step)


def _month_name(day: dt.date, words: Words) -> str:
    return f"{words.months[day.month - 1]} {day.year}"


def _rules(rows, width):
    for number in range(rows + 1):
        at = HEAD + ROW * number - 0.5
        css = "rule strong" if number == 0 else "rule"
        yield f'<line class="{css}" x1="0" x2="{width}" y1="{px(at)}" y2="{px(at)}"/>'


def _bar(bar: Bar, number: int, x: Scale):
    if bar.start is None or bar.finish is None:
        return
    top = HEAD + ROW * number
    middle = top + ROW / 2
    start, end = x(ordinal(bar.start)), x(_end(bar.finish))
    width = max(end - start, 3)
    yield f"<g{' class="crit"' if bar.critical else ''}><title>{escape(bar.label)}</title>"
    if bar.baseline and bar.kind != "milestone":
        b0, b1 = x(ordinal(bar.baseline[0])), x(_end(bar.baseline[1]))
        yield f'<rect class="base" x="{px(b0)}" y="{px(middle + 8)}" width="{px(max(b1 - b0, 2))}" height="3"/>'
    if bar.float_until and x(_end(bar.float_until)) > end + 2:
        until = px(x(_end(bar.float_until)))
        yield f'<line class="float" x1="{px(end)}" x2="{until}" y1="{px(middle)}" y2="{px(middle)}"/>'
    if bar.kind == "milestone":
        at = start
        points = (
            f"{px(at)} {px(middle - 7)} {px(at + 7)} {px(middle)} {px(at)} {px(middle + 7)} {px(at - 7)} {px(middle)}"
        )
        yield f'<polygon class="mile" points="{points}"/>'
        end = at + 7
    elif bar.kind == "summary":
        tip = min(5, width / 2)
        path = (
            f"M{px(start)} {px(middle - 5)}H{px(start + width)}V{px(middle + 5)}L{px(start + width - tip)} {px(middle)}"
            f"H{px(start + tip)}L{px(start)} {px(middle + 5)}Z"
        )
        yield f'<path class="sum" d="{path}"/>'
    else:
        yield f'<rect class="bar" x="{px(start)}" y="{px(middle - 7)}" width="{px(width)}" height="14" rx="4"/>'
        if bar.percent > 0:
            done = width * min(bar.percent, 100) / 100
            yield f'<rect class="done" x="{px(start)}" y="{px(middle - 7)}" width="{px(done)}" height="14" rx="4"/>'
    if bar.label:
        # Shown only where the drawing stands without its table (CSS class lab).
        name = bar.label if len(bar.label) <= NAME else bar.label[: NAME - 1] + "…"
        yield f'<text class="lab" x="{px(end + 8)}" y="{px(middle + 4)}">{escape(name)}</text>'
    yield "</g>"


def _links(bars: Sequence[Bar], links: Iterable[Link], x: Scale):
    for link in links:
        source, target = bars[link.source], bars[link.target]
        if not (source.start and source.finish and target.start and target.finish):
            continue
        from_end, to_start = link.kind[0] == "F", link.kind[1] == "S"
        x0 = _edge(source, x, from_end)
        x1 = _edge(target, x, not to_start)
        y0 = HEAD + ROW * link.source + ROW / 2
        y1 = HEAD + ROW * link.target + ROW / 2
        out, into = (6 if from_end else -6), (-6 if to_start else 6)
        down = 1 if y1 >= y0 else -1
        if to_start and from_end and x1 - x0 >= 12:
            path = f"M{px(x0)} {px(y0)}H{px(x0 + out)}V{px(y1)}H{px(x1 - 2)}"
        else:
            between = y0 + down * ROW / 2
            path = f"M{px(x0)} {px(y0)}H{px(x0 + out)}V{px(between)}H{px(x1 + into)}V{px(y1)}H{px(x1 + into / 3)}"
        css = " crit" if link.critical else ""
        side = -5 if to_start else 5
        tip = f"{px(x1)} {px(y1)} {px(x1 + side)} {px(y1 - 3)} {px(x1 + side)} {px(y1 + 3)}"
        yield f'<path class="link{css}" d="{path}"/><polygon class="arrow{css}" points="{tip}"/>'


def _edge(bar: Bar, x: Scale, at_end: bool) -> float:
    assert bar.start is not None
    assert bar.finish is not None
    if bar.kind == "milestone":
        return x(ordinal(bar.start)) + (7 if at_end else -7)
    return max(x(_end(bar.finish)), x(ordinal(bar.start)) + 3) if at_end else x(ordinal(bar.start))


def _today(today, x, height, words):
    if today:
        at = px(x(ordinal(today) + 0.5))
        yield f'<line class="today" x1="{at}" x2="{at}" y1="22" y2="{height}"/>'
