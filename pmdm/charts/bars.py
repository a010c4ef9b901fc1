"""Bars: grouped or stacked by category, and the histogram of a simulation or a spread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pmdm.charts.figure import Figure, LegendItem, Svg, plot, text
from pmdm.charts.scale import Scale, named_axis, px, text_width, value_ticks

type Format = Callable[[float], str]

WIDE = (760, 260)
NARROW = (358, 230)


@dataclass(frozen=True, kw_only=True)
class Bars:
    """One series: a value for each category; None draws nothing and reads as a dash."""

    name: str
    values: Sequence[float | None]
    colour: str = "accent"


def bar_chart(
    *,
    id: str,
    title: str,
    description: str,
    categories: Sequence[str],
    series: Sequence[Bars],
    form: Format,
    x_label: str,
    stacked: bool = True,
    reference: tuple[float, str] | None = None,
) -> Figure:
    """Bars side by side, or on each other when `stacked`."""
    has_values = any(value for bars in series for value in bars.values)
    args = (id, categories, series, form, stacked, reference)
    return Figure(
        id=id,
        title=title,
        description=description,
        wide=_draw(*args, WIDE, narrow=False) if has_values else Svg(""),
        narrow=_draw(*args, NARROW, narrow=True) if has_values else Svg(""),
        legend=[LegendItem(label=bars.name, css=f"box k-{bars.colour}") for bars in series] if len(series) > 1 else [],
        head=[x_label, *(bars.name for bars in series)],
        rows=[
            [name, *("–" if bars.values[at] is None else form(float(bars.values[at] or 0)) for bars in series)]
            for at, name in enumerate(categories)
        ],
    )


def histogram(
    *,
    id: str,
    title: str,
    description: str,
    bins: Sequence[tuple[float, float, int]],
    x_form: Format,
    x_label: str,
    y_label: str,
    marks: Sequence[tuple[float, str]] = (),
) -> Figure:
    """How often values fall between `low` and `high`; marks are upright lines such as P80."""
    has_values = any(count for _low, _high, count in bins)
    return Figure(
        id=id,
        title=title,
        description=description,
        wide=_draw_histogram(id, bins, x_form, marks, WIDE, narrow=False) if has_values else Svg(""),
        narrow=_draw_histogram(id, bins, x_form, marks, NARROW, narrow=True) if has_values else Svg(""),
        head=[x_label, y_label],
        rows=[[f"{x_form(low)} – {x_form(high)}", f"{count:,}"] for low, high, count in bins],
    )


def _draw(id, categories, series, form, stacked, reference, size, *, narrow) -> Svg:
    width, height = size
    columns = [[float(bars.values[at] or 0) for bars in series] for at in range(len(categories))]
    totals = [sum(column) if stacked else max(column, default=0) for column in columns]
    ticks, names, highest = named_axis(0, max([*totals, reference[0] if reference else 0]) or 1, form, 4)
    left, right = max(28.0, max(map(text_width, names)) + 12), width - 8.0
    top, bottom = 14.0, height - 26.0
    y = Scale(ticks[0], highest, bottom, top)
    slot = (right - left) / max(len(categories), 1)
    body = min(slot * 0.64, 46)
    parts = list(_grid(ticks, names, y, left, right))
    every = max(1, -(-len(categories) * max(map(len, categories), default=1) * 7 // int(right - left)))
    for at, name in enumerate(categories):
        middle = left + slot * (at + 0.5)
        parts += _column(columns[at], series, y, middle, body, stacked)
        if at % every == 0:
            parts.append(text(middle, height - 6, name, "tick", "middle"))
    if reference:
        value, label = reference
        parts.append(
            f'<line class="ref" x1="{px(left)}" x2="{px(right)}" y1="{px(y(value))}" y2="{px(y(value))}"/>'
            + text(left + 4, y(value) - 5, label, "ref-t")
        )
    return plot(id, parts, size, narrow=narrow)


def _column(values, series, y, middle, body, stacked):
    base = y(0)
    width = body if stacked else body / max(len(series), 1)
    for at, (value, bars) in enumerate(zip(values, series, strict=True)):
        size = y(0) - y(value)
        if size <= 0:
            continue
        start = middle - body / 2 + (0 if stacked else at * width)
        yield (
            f'<rect class="bar k-{bars.colour}" x="{px(start)}" y="{px(base - size)}"'
            f' width="{px(max(width - (0 if stacked else 2), 1))}" height="{px(size)}" rx="2"/>'
        )
        if stacked:
            base -= size


def _draw_histogram(id, bins, x_form, marks, size, *, narrow) -> Svg:
    width, height = size
    ticks, names, highest = named_axis(0, max(count for _low, _high, count in bins), "{:,.0f}".format, 4)
    left, right = max(28.0, max(map(text_width, names)) + 12), width - 12.0
    top, bottom = 22.0, height - 26.0
    y = Scale(ticks[0], highest, bottom, top)
    x = Scale(bins[0][0], bins[-1][1], left, right)
    parts = list(_grid(ticks, names, y, left, right))
    for low, high, count in bins:
        if count:
            parts.append(
                f'<rect class="bar soft k-accent" x="{px(x(low) + 0.5)}" y="{px(y(count))}"'
                f' width="{px(max(x(high) - x(low) - 1, 0.5))}" height="{px(bottom - y(count))}"/>'
            )
    for value in value_ticks(bins[0][0], bins[-1][1], 3 if narrow else 6):
        if bins[0][0] <= value <= bins[-1][1]:
            parts.append(text(x(value), height - 6, x_form(value), "tick", "middle"))
    free = [0.0, 0.0, 0.0]  # where each line of labels ends: close marks stand below each other
    for value, label in sorted(marks, key=lambda mark: mark[0]):
        at = x(value)
        wide = text_width(label) + 10
        anchor = "end" if at + wide > right + 8 else "start"
        begin = at - wide if anchor == "end" else at
        row = next((row for row, end in enumerate(free) if begin >= end), len(free) - 1)
        free[row] = begin + wide
        level = top - 8 + 13 * row
        parts.append(f'<line class="today" x1="{px(at)}" x2="{px(at)}" y1="{px(level - 6)}" y2="{px(bottom)}"/>')
        parts.append(text(at + (-5 if anchor == "end" else 5), level, label, "today-t", anchor))
    return plot(id, parts, size, narrow=narrow)


def _grid(ticks, names, y, left, right):
    for value, name in zip(ticks, names, strict=True):
        at = px(y(value))
        yield f'<line class="grid" x1="{px(left)}" x2="{px(right)}" y1="{at}" y2="{at}"/>'
        yield text(left - 8, y(value) + 4, name, "tick", "end")
