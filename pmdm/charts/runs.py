"""Planned beside actual over one run of some hours: a row for each step, the plan as a frame, what happened filled."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pmdm.charts.figure import Figure, LegendItem, Svg, plot, text
from pmdm.charts.scale import Scale, px

ROW, HEAD = 26, 26
STEPS = (5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 10080)  # minutes between two ticks

type Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One step: its planned and its actual time; ``css`` colours what happened, ``word`` says it."""

    name: str
    planned: Span | None
    actual: Span | None
    css: str = "accent"
    word: str = ""


def run_chart(
    *,
    id: str,
    title: str,
    description: str,
    rows: Sequence[RunRow],
    now: dt.datetime | None,
    form: Callable[[dt.datetime], str],
    head: Sequence[str],
    planned_label: str,
    actual_label: str,
) -> Figure:
    """Draw the rows over the hours they span; all moments in one zone. ``head`` names the six columns of the table:
    step, planned start and finish, actual start and finish, state."""
    timed = [span for row in rows for span in (row.planned, row.actual) if span]
    return Figure(
        id=id,
        title=title,
        description=description,
        wide=_draw(id, rows, timed, now, (760, 190, 8), narrow=False) if timed else Svg(""),
        narrow=_draw(id, rows, timed, now, (358, 0, 4), narrow=True) if timed else Svg(""),
        legend=[
            LegendItem(label=planned_label, css="box k-plan"),
            LegendItem(label=actual_label, css="box k-accent"),
        ],
        head=head,
        rows=[
            [
                row.name,
                *(form(moment) for moment in row.planned or ()),
                *([] if row.planned else ["–", "–"]),
                *(form(moment) for moment in row.actual or ()),
                *([] if row.actual else ["–", "–"]),
                row.word,
            ]
            for row in rows
        ],
    )


def _draw(id, rows, timed, now, size, *, narrow) -> Svg:
    width, left, ticks = size
    first, last = min(span[0] for span in timed), max(span[1] for span in timed)
    if now:
        last = max(last, now) if now - last < dt.timedelta(days=1) else last
    last = max(last, first + dt.timedelta(minutes=10))
    height = HEAD + (ROW + (14 if narrow else 0)) * len(rows) + 4
    x = Scale(first.timestamp(), last.timestamp(), left + 4, width - 10)
    step = next((s for s in STEPS if (last - first).total_seconds() / 60 / s <= ticks), STEPS[-1])
    parts = []
    tick = first.replace(minute=0, second=0, microsecond=0)
    while tick <= last:
        if tick >= first:
            at = px(x(tick.timestamp()))
            parts.append(f'<line class="grid" x1="{at}" x2="{at}" y1="{HEAD - 4}" y2="{height}"/>')
            parts.append(
                text(x(tick.timestamp()), 14, f"{tick:%H:%M}" if step < 1440 else f"{tick.day}", "tick", "middle")
            )
        tick += dt.timedelta(minutes=step)
    for number, row in enumerate(rows):
        top = HEAD + number * (ROW + (14 if narrow else 0)) + (14 if narrow else 0)
        if narrow:
            parts.append(text(4, top - 2, _short(row.name, 44), "tick"))
        else:
            parts.append(text(left - 4, top + 16, _short(row.name, 26), "tick", "end"))
        if row.planned:
            a, b = x(row.planned[0].timestamp()), x(row.planned[1].timestamp())
            parts.append(
                f'<rect class="bar k-plan" x="{px(a)}" y="{px(top + 3)}" width="{px(max(b - a, 3))}" height="6"'
                ' rx="2"/>'
            )
        if row.actual:
            a, b = x(row.actual[0].timestamp()), x(row.actual[1].timestamp())
            parts.append(
                f'<rect class="bar k-{row.css}" x="{px(a)}" y="{px(top + 11)}" width="{px(max(b - a, 3))}"'
                ' height="8" rx="2"/>'
            )
    if now and first <= now <= last:
        at = px(x(now.timestamp()))
        parts.append(f'<line class="today" x1="{at}" x2="{at}" y1="{HEAD - 4}" y2="{height}"/>')
    return plot(id, parts, (width, height), narrow=narrow)


def _short(name: str, length: int) -> str:
    return name if len(name) <= length else name[: length - 1] + "…"
