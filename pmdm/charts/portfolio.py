"""Rows of bars and marks against time, for many things at once: projects of a portfolio, milestones of a project.

Each row has the height of the table row beside it. Shapes differ, not only colours: a diamond is a milestone, a square
a gate, a hollow mark the baseline, a full circle what was reached.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pmdm.charts.figure import Svg
from pmdm.charts.scale import ENGLISH, Scale, Words, next_month, ordinal, px, text_width

ROW, HEAD, WIDTH = 40, 46, 520
NAME = 60
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Mark:
    """A sign on one day: kind is mile, late, reached, gate, passed or base; ``title`` is said on hovering."""

    day: dt.date
    kind: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A bar from the first to the last day (both included), done so far, its baseline below it, and marks on it."""

    label: str
    start: dt.date | None = None
    finish: dt.date | None = None
    percent: float = 0
    late: bool = False
    baseline: tuple[dt.date, dt.date] | None = None
    marks: Sequence[Mark] = ()
    move: tuple[dt.date, dt.date] | None = None  # an arrow from then to now
    url: str = ""


def timeline_rows(
    rows: Sequence[Row],
    *,
    today: dt.date | None = None,
    label: str = "Timeline",
    words: Words = ENGLISH,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> Svg:
    """Draw the rows over the days from ``first`` to ``last``, by default all they need."""
    found = [day for row in rows for day in _days(row)] + ([today] if today else [])
    if not found:
        return Svg("")
    low, high = first or min(found) - 7 * DAY, last or max(found) + 14 * DAY
    if high <= low:
        high = low + 30 * DAY
    height = HEAD + ROW * len(rows)
    x = Scale(ordinal(low), ordinal(high), 0, WIDTH)
    parts = [*_months(low, high, x, height, words), *_rules(len(rows))]
    for number, row in enumerate(rows):
        parts += _row(row, HEAD + ROW * number + ROW / 2, x, low, high)
    if today and low <= today <= high:
        at = px(x(ordinal(today) + 0.5))
        parts.append(f'<line class="today" x1="{at}" x2="{at}" y1="22" y2="{height}"/>')
    return Svg(
        f'<svg class="gantt rows-time" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
        f' role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _days(row: Row):
    yield from (day for day in (row.start, row.finish, *(row.baseline or ()), *(row.move or ())) if day)
    yield from (mark.day for mark in row.marks)


def _months(low, high, x, height, words):
    months = (high.year - low.year) * 12 + high.month - low.month + 1
    step = next(size for size in (1, 3, 6, 12, 60) if months / size <= 13 or size == 60)
    month = low.replace(day=1)
    free = year_free = 0.0
    while month <= high:
        at = max(0.0, x(ordinal(month)))
        january = month.month == 1
        if (month.month - 1) % step == 0 and month >= low:
            css = "rule strong" if january else "rule"
            yield f'<line class="{css}" x1="{px(at)}" x2="{px(at)}" y1="{0 if january else 24}" y2="{height}"/>'
            name = words.months[month.month - 1]
            if step < 12 and at >= free and at + text_width(name) < WIDTH:
                yield f'<text class="head" x="{px(at + 4)}" y="38">{escape(name)}</text>'
                free = at + text_width(name) + 10
        if (january or month <= low) and at >= year_free:
            yield f'<text class="head strong" x="{px(at + 6)}" y="17">{month.year}</text>'
            year_free = at + 44
        month = next_month(month)


def _rules(count):
    for number in range(count + 1):
        at = px(HEAD + ROW * number - 0.5)
        yield f'<line class="rule{"" if number else " strong"}" x1="0" x2="{WIDTH}" y1="{at}" y2="{at}"/>'


def _row(row: Row, middle: float, x: Scale, low, high) -> list[str]:
    # The label shows only where the drawing stands without its table beside it (CSS class lab).
    name = row.label if len(row.label) <= NAME else row.label[: NAME - 1] + "…"
    parts = [
        f"<g><title>{escape(row.label)}</title>",
        f'<text class="lab" x="4" y="{px(middle - 10)}">{escape(name)}</text>',
    ]
    if row.baseline and (span := _inside(*row.baseline, x, low, high)):
        parts.append(f'<rect class="base" x="{px(span[0])}" y="{px(middle + 9)}" width="{px(span[1])}" height="4"/>')
    if row.start and row.finish and (span := _inside(row.start, row.finish, x, low, high)):
        css = "bar late-bar" if row.late else "bar"
        parts.append(
            f'<rect class="{css}" x="{px(span[0])}" y="{px(middle - 7)}" width="{px(span[1])}" height="14" rx="4"/>'
        )
        whole = x(ordinal(row.finish) + 1) - x(ordinal(row.start))
        done = min(span[1], max(0.0, x(ordinal(row.start)) + whole * min(row.percent, 100) / 100 - span[0]))
        if done > 0:
            parts.append(
                f'<rect class="done" x="{px(span[0])}" y="{px(middle - 7)}" width="{px(done)}" height="14" rx="4"/>'
            )
    if row.move:
        parts += _arrow(x(ordinal(row.move[0]) + 0.5), x(ordinal(row.move[1]) + 0.5), middle)
    parts += [_mark(mark, x(ordinal(mark.day) + 0.5), middle) for mark in row.marks if low <= mark.day <= high]
    return [*parts, "</g>"]


def _inside(start, finish, x, low, high) -> tuple[float, float] | None:
    """Where the days begin and how wide they are, cut to what is shown."""
    if finish < low or start > high:
        return None
    begin, end = max(0.0, x(ordinal(start))), min(float(WIDTH), x(ordinal(finish) + 1))
    return begin, max(end - begin, 3)


def _arrow(then: float, now: float, middle: float) -> list[str]:
    return [f'<line class="moved" x1="{px(then)}" x2="{px(now)}" y1="{px(middle)}" y2="{px(middle)}"/>']


def _mark(mark: Mark, at: float, middle: float) -> str:
    title = f"<title>{escape(mark.title)}</title>"
    if mark.kind == "reached":
        return f'<circle class="reached" cx="{px(at)}" cy="{px(middle)}" r="6">{title}</circle>'
    if mark.kind in ("gate", "passed"):
        return f'<rect class="{mark.kind}" x="{px(at - 4.5)}" y="{px(middle - 16)}" width="9" height="9">{title}</rect>'
    points = f"{px(at)} {px(middle - 7)} {px(at + 7)} {px(middle)} {px(at)} {px(middle + 7)} {px(at - 7)} {px(middle)}"
    css = {"base": "ghost", "late": "mile is-late"}.get(mark.kind, "mile")
    return f'<polygon class="{css}" points="{points}">{title}</polygon>'
