"""A Gantt chart on paper: rows and time split over pages, each with its heads and a legend. Plain Python, SVG out.

All lengths are millimetres: the SVG's user unit is one. Colours are fixed, for paper is white; critical bars differ by
their outline and slack by its dots as well as by colour.
"""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

MARGIN = 9.0
TITLE = 13.0
HEAD = 9.0
ROW = 5.2
LEGEND = 8.0
NUMBER, NAME = 9.0, 62.0
FONT = 2.55
SMALL = 2.2
MAX_PAGES = 300
DAY = dt.timedelta(days=1)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
PER_DAY = {"day": 6.0, "week": 1.9, "month": 0.6, "quarter": 0.22}  # mm
LEAST_PER_DAY, MOST_PER_DAY = 0.02, 8.0

INK, MUTED, RULE, FAINT = "#1c2430", "#5b6676", "#d5dae1", "#eef1f5"
TASK, DONE, SUMMARY = "#8fb4e8", "#2f5fa8", "#38465a"
CRITICAL, CRITICAL_DONE, CRITICAL_EDGE = "#f0a59b", "#b3261e", "#8c1d18"
BASE, STATUS = "#9aa5b3", "#0b7a53"


@dataclass(frozen=True, slots=True)
class Row:
    """One task; moments are wall-clock times. ``cells`` belong to the chosen columns."""

    number: str
    name: str
    start: dt.datetime | None
    finish: dt.datetime | None
    level: int = 1
    cells: tuple[str, ...] = ()
    kind: Literal["task", "summary", "milestone"] = "task"
    percent: int = 0
    critical: bool = False
    active: bool = True
    late_finish: dt.datetime | None = None
    baseline: tuple[dt.datetime, dt.datetime] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A dependency between two rows, by their place in the list."""

    before: int
    after: int
    kind: Literal["FS", "SS", "FF", "SF"] = "FS"
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: title, width, and whether its values stand at the right."""

    title: str
    width: float
    right: bool = False


@dataclass(frozen=True)
class Words:
    """The texts of a sheet, in the reader's language."""

    months: Sequence[str]
    number: str = "#"
    name: str = "Task"
    page: Callable[[int, int], str] = lambda number, all: f"Page {number} of {all}"
    rows: Callable[[int, int, int], str] = lambda first, last, all: f"rows {first}–{last} of {all}"
    status: str = "Status date"
    task: str = "Task"
    done: str = "done"
    critical: str = "Critical"
    summary: str = "Summary"
    milestone: str = "Milestone"
    baseline: str = "Baseline"
    slack: str = "Float"


@dataclass(frozen=True)
class Chart:
    """What is drawn and how. ``scale``: fit, day, week, month or quarter; without ``paper`` one picture of all."""

    title: str
    rows: Sequence[Row]
    links: Sequence[Link] = ()
    columns: Sequence[Column] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    scale: str = "fit"
    paper: tuple[float, float] | None = (297.0, 210.0)
    status: dt.datetime | None = None
    notes: Sequence[str] = ()  # to the right of the title
    critical: bool = True
    baseline: bool = True
    is_off: Callable[[dt.date], bool] = lambda day: day.weekday() >= 5
    words: Words = field(
        default_factory=lambda: Words(
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        )
    )


class TooManyPages(ValueError):
    """A chart that nobody would print; ``pages`` says how many it would take."""

    def __init__(self, pages: int) -> None:
        super().__init__(f"{pages} pages")
        self.pages = pages


@dataclass(frozen=True)
class Page:
    """One sheet as an SVG document, with its size."""

    svg: str
    width: float
    height: float


def draw(chart: Chart) -> list[Page]:
    """The pages: all of time for the first rows, then the next rows. TooManyPages beyond MAX_PAGES."""
    return _Drawing(chart).pages()


class _Drawing:
    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.first, self.last = _span(chart)
        self.days = (self.last - self.first).days + 1
        self.table = NUMBER + NAME + sum(column.width for column in chart.columns)
        if chart.paper is None:
            self._one_picture()
        else:
            self._paper(*chart.paper)
        self.off = {day for day in self._all_days() if chart.is_off(day)} if self.per_day >= 0.9 else set()

    def _one_picture(self) -> None:
        wanted = PER_DAY.get(self.chart.scale) or min(max(230 / self.days, 0.25), PER_DAY["day"])
        self.per_day = min(wanted, 4_000 / self.days)
        self.rows_on_page = max(len(self.chart.rows), 1)
        chart_width = max(self.days * self.per_day, 60)
        self.width = 2 * MARGIN + self.table + chart_width
        self.height = 2 * MARGIN + TITLE + HEAD + LEGEND + self.rows_on_page * ROW
        self.spans = [(0.0, chart_width / self.per_day)]
        self.row_pages = 1

    def _paper(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.table = min(self.table, (width - 2 * MARGIN) * 0.62)
        first_room = width - 2 * MARGIN - self.table
        later_room = width - 2 * MARGIN - NUMBER - NAME
        fit = first_room / self.days
        self.per_day = min(max(PER_DAY.get(self.chart.scale, fit), LEAST_PER_DAY), MOST_PER_DAY)
        if self.chart.scale == "fit":
            self.per_day = min(fit, MOST_PER_DAY)
        self.rows_on_page = max(int((height - 2 * MARGIN - TITLE - HEAD - LEGEND) // ROW), 1)
        self.row_pages = max(math.ceil(len(self.chart.rows) / self.rows_on_page), 1)
        self.spans = [(0.0, first_room / self.per_day)]
        while self.spans[-1][1] < self.days - 0.01:
            begin = self.spans[-1][1]
            if len(self.spans) * self.row_pages > MAX_PAGES:
                rest = math.ceil((self.days - begin) * self.per_day / later_room)
                raise TooManyPages((len(self.spans) + rest) * self.row_pages)
            self.spans.append((begin, begin + later_room / self.per_day))
        if len(self.spans) * self.row_pages > MAX_PAGES:
            raise TooManyPages(len(self.spans) * self.row_pages)

    def pages(self) -> list[Page]:
        count = self.row_pages * len(self.spans)
        made = []
        for block in range(self.row_pages):
            for part, span in enumerate(self.spans):
                made.append(self._page(block, part, span, len(made) + 1, count))
        return made

    # One page

    def _page(self, block: int, part: int, span: tuple[float, float], number: int, count: int) -> Page:
        first = block * self.rows_on_page
        rows = self.chart.rows[first : first + self.rows_on_page]
        table = self.table if part == 0 else NUMBER + NAME
        left, top = MARGIN + table, MARGIN + TITLE
        bottom = top + HEAD + len(rows) * ROW
        width = self.width - MARGIN - left

        def x(moment: dt.datetime) -> float:
            days = (moment - dt.datetime.combine(self.first, dt.time())).total_seconds() / 86_400
            return left + (days - span[0]) * self.per_day

        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(self.width)}mm" height="{_n(self.height)}mm"'
            f' viewBox="0 0 {_n(self.width)} {_n(self.height)}" font-family="Inter, \'DejaVu Sans\', sans-serif"'
            f' font-size="{FONT}" fill="{INK}">',
            f"<title>{escape(_clean(self.chart.title))}</title>",
            f'<rect width="{_n(self.width)}" height="{_n(self.height)}" fill="#ffffff"/>',
            f'<clipPath id="time"><rect x="{_n(left)}" y="{_n(top)}" width="{_n(width)}"'
            f' height="{_n(bottom - top)}"/></clipPath>',
        ]
        parts += self._title(number, count, first, len(rows))
        parts.append('<g clip-path="url(#time)">')
        parts += self._time(x, span, left, top, bottom, width)
        parts.append("</g>")
        parts += self._table(rows, table, top, bottom, part)
        body = top + HEAD
        parts.append('<g clip-path="url(#time)">')
        parts += self._links(x, first, len(rows), body)
        for place, row in enumerate(rows):
            parts += self._bar(row, x, body + place * ROW)
        if self.chart.status is not None:
            at = _n(x(self.chart.status))
            line = f'stroke="{STATUS}" stroke-width="0.35" stroke-dasharray="1.4 0.8"'
            parts.append(f'<path d="M{at} {_n(top)}V{_n(bottom)}" {line}/>')
        parts.append("</g>")
        parts.append(
            f'<rect x="{_n(MARGIN)}" y="{_n(top)}" width="{_n(self.width - 2 * MARGIN)}" height="{_n(bottom - top)}"'
            f' fill="none" stroke="{RULE}" stroke-width="0.25"/>'
        )
        parts += self._legend()
        parts.append("</svg>")
        return Page("".join(parts), self.width, self.height)

    def _title(self, number: int, count: int, first: int, shown: int) -> list[str]:
        chart, words = self.chart, self.chart.words
        right = self.width - MARGIN
        notes = list(chart.notes)
        if chart.status is not None:
            notes.append(f"{words.status}: {_day(chart.status, words)}")
        where = [words.page(number, count)] if count > 1 else []
        if self.row_pages > 1:
            where.append(words.rows(first + 1, first + shown, len(chart.rows)))
        room = self.width - 2 * MARGIN - 70
        return [
            f'<text x="{MARGIN}" y="{MARGIN + 4.2}" font-size="4.4" font-weight="700">'
            f"{escape(_fit(chart.title, room, 4.4))}</text>",
            f'<text x="{MARGIN}" y="{MARGIN + 9.2}" fill="{MUTED}">{escape(_clean(" · ".join(notes)))}</text>',
            f'<text x="{_n(right)}" y="{MARGIN + 4.2}" text-anchor="end" fill="{MUTED}">'
            f"{escape(' · '.join(where))}</text>",
        ]

    def _time(self, x, span, left, top, bottom, width) -> list[str]:
        parts = [f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(width)}" height="{HEAD}" fill="{FAINT}"/>']
        begin = self.first + DAY * int(span[0])
        end = min(self.first + DAY * math.ceil(span[1]), self.first + DAY * 200_000)

        def at(day: dt.date) -> float:
            return x(dt.datetime.combine(day, dt.time()))

        day = begin
        while self.off and day <= end:
            if day in self.off:
                parts.append(
                    f'<rect x="{_n(at(day))}" y="{_n(top + HEAD)}" width="{_n(self.per_day)}"'
                    f' height="{_n(bottom - top - HEAD)}" fill="{FAINT}"/>'
                )
            day += DAY
        for upper in (True, False):
            free = -math.inf
            for day, label in self._ticks(begin, end, upper):
                here = at(day)
                y0 = top if upper else top + HEAD / 2
                colour = MUTED if upper else RULE
                parts.append(
                    f'<path d="M{_n(here)} {_n(y0)}V{_n(bottom)}" stroke="{colour}" stroke-width="0.15"'
                    f' stroke-opacity="{0.55 if upper else 1}"/>'
                )
                shown = max(here, left) + 0.8
                if shown >= free:
                    y = top + (3.2 if upper else HEAD / 2 + 3.1)
                    weight = ' font-weight="700"' if upper else f' fill="{MUTED}"'
                    parts.append(
                        f'<text x="{_n(shown)}" y="{_n(y)}" font-size="{SMALL}"{weight}>{escape(label)}</text>'
                    )
                    free = shown + _width(label, SMALL) + 1.2
        parts.append(f'<path d="M{_n(left)} {_n(top + HEAD / 2)}h{_n(width)}" stroke="{RULE}" stroke-width="0.2"/>')
        return parts

    def _ticks(self, begin: dt.date, end: dt.date, upper: bool):
        """Days at which a rule stands, with the label that follows it."""
        months = self.chart.words.months
        if self.per_day >= 0.9:
            if upper:
                yield from ((day, f"{months[day.month - 1]} {day.year}") for day in _month_starts(begin, end, 1))
            else:
                day = begin - DAY * begin.weekday()
                step = DAY if self.per_day >= 4 else 7 * DAY
                while day <= end:
                    yield day, str(day.day)
                    day += step
        elif upper:
            yield from ((day, str(day.year)) for day in _month_starts(begin, end, 12))
        elif self.per_day >= 0.13:
            for day in _month_starts(begin, end, 1 if self.per_day >= 0.2 else 3):
                yield day, months[day.month - 1] if self.per_day >= 0.2 else f"Q{day.month // 3 + 1}"
        else:
            yield from ((day, "") for day in _month_starts(begin, end, 12))

    def _table(self, rows: Sequence[Row], width: float, top: float, bottom: float, part: int) -> list[str]:
        words = self.chart.words
        parts = [f'<rect x="{MARGIN}" y="{_n(top)}" width="{_n(width)}" height="{HEAD}" fill="{FAINT}"/>']
        columns = [Column(words.number, NUMBER, True), Column(words.name, NAME)]
        left = MARGIN
        shown: list[tuple[Column, float, int]] = []
        for place, column in enumerate([*columns, *(self.chart.columns if part == 0 else ())]):
            if left + column.width > MARGIN + width + 0.01:
                break
            shown.append((column, left, place - 2))
            left += column.width
        for column, at, _place in shown:
            parts.append(_cell(column.title, column, at, top + HEAD - 1.7, SMALL, f' font-weight="700" fill="{MUTED}"'))
        for number, row in enumerate(rows):
            base = top + HEAD + number * ROW
            y = base + ROW / 2 + FONT * 0.36
            style = ' font-weight="700"' if row.kind == "summary" else ""
            if not row.active:
                style += f' fill="{MUTED}" text-decoration="line-through"'
            for column, at, place in shown:
                if place == -2:
                    parts.append(_cell(row.number, column, at, y, SMALL, f' fill="{MUTED}"'))
                elif place == -1:
                    indent = min(row.level - 1, 10) * 2.6
                    inner = Column(column.title, column.width - indent)
                    parts.append(_cell(row.name, inner, at + indent, y, FONT, style))
                elif place < len(row.cells):
                    parts.append(_cell(row.cells[place], column, at, y, SMALL, ""))
            parts.append(
                f'<path d="M{MARGIN} {_n(base + ROW)}H{_n(self.width - MARGIN)}" stroke="{RULE}" stroke-width="0.12"/>'
            )
        for _column, at, _place in shown[1:]:
            parts.append(f'<path d="M{_n(at)} {_n(top)}V{_n(bottom)}" stroke="{RULE}" stroke-width="0.12"/>')
        parts.append(f'<path d="M{_n(MARGIN + width)} {_n(top)}V{_n(bottom)}" stroke="{MUTED}" stroke-width="0.25"/>')
        return parts

    def _bar(self, row: Row, x: Callable[[dt.datetime], float], top: float) -> list[str]:
        if row.start is None or row.finish is None:
            return []
        parts = []
        critical = row.critical and self.chart.critical and row.active
        start, end = x(row.start), max(x(row.finish), x(row.start) + 0.5)
        middle = top + ROW / 2 - 0.3
        if self.chart.baseline and row.baseline:
            a, b = x(row.baseline[0]), x(row.baseline[1])
            room = _n(max(b - a, 0.6))
            parts.append(f'<rect x="{_n(a)}" y="{_n(top + ROW - 1.25)}" width="{room}" height="0.7" fill="{BASE}"/>')
        if row.kind == "task" and row.late_finish and row.late_finish > row.finish:
            parts.append(
                f'<path d="M{_n(end)} {_n(middle)}H{_n(x(row.late_finish))}" stroke="{MUTED}" stroke-width="0.3"'
                ' stroke-dasharray="0.3 0.6" stroke-linecap="round"/>'
            )
        beside = end
        if row.kind == "milestone":
            size = 1.5
            colour = CRITICAL_DONE if critical else INK
            at = x(row.finish)
            path = f"M{_n(at)} {_n(middle - size)}l{size} {size}l-{size} {size}l-{size} -{size}z"
            parts.append(f'<path d="{path}" fill="{colour}"/>')
            beside = at + size
        elif row.kind == "summary":
            colour = CRITICAL_EDGE if critical else SUMMARY
            width = end - start
            tip = min(0.9, width / 2)
            parts.append(
                f'<path d="M{_n(start)} {_n(middle - 1.1)}h{_n(width)}v2.1l-{_n(tip)} -1.0h-{_n(width - 2 * tip)}'
                f'l-{_n(tip)} 1.0z" fill="{colour}"/>'
            )
        else:
            fill, done = (CRITICAL, CRITICAL_DONE) if critical else (TASK, DONE)
            edge = f' stroke="{CRITICAL_EDGE}" stroke-width="0.35"' if critical else ""
            if not row.active:
                fill, edge = "none", f' stroke="{MUTED}" stroke-width="0.2" stroke-dasharray="0.6 0.4"'
            parts.append(
                f'<rect x="{_n(start)}" y="{_n(middle - 1.3)}" width="{_n(end - start)}" height="2.6" rx="0.5"'
                f' fill="{fill}"{edge}/>'
            )
            if row.percent and row.active:
                parts.append(
                    f'<rect x="{_n(start)}" y="{_n(middle - 0.55)}" width="{_n((end - start) * row.percent / 100)}"'
                    f' height="1.1" fill="{done}"/>'
                )
        if row.kind == "milestone":
            parts.append(
                f'<text x="{_n(beside + 0.8)}" y="{_n(middle + 0.8)}" font-size="{SMALL}" fill="{MUTED}">'
                f"{escape(_fit(row.name, 60, SMALL))}</text>"
            )
        return parts

    def _links(self, x: Callable[[dt.datetime], float], first: int, shown: int, top: float) -> list[str]:
        parts = []
        for link in self.chart.links:
            low, high = sorted((link.before, link.after))
            if high < first or low >= first + shown:
                continue
            before, after = self.chart.rows[link.before], self.chart.rows[link.after]
            if not (before.start and before.finish and after.start and after.finish):
                continue
            x1 = x(before.start if link.kind[0] == "S" else before.finish)
            x2 = x(after.start if link.kind[1] == "S" else after.finish)
            y1 = top + (link.before - first) * ROW + ROW / 2 - 0.3
            y2 = top + (link.after - first) * ROW + ROW / 2 - 0.3
            out = -1.3 if link.kind[0] == "S" else 1.3
            into = -1.3 if link.kind[1] == "S" else 1.3
            down = 1 if y2 > y1 else -1
            if (out > 0) == (into > 0):
                far = max(x1, x2) + out if out > 0 else min(x1, x2) + out
                path = f"M{_n(x1)} {_n(y1)}H{_n(far)}V{_n(y2)}H{_n(x2)}"
            elif out > 0 and x2 - x1 >= 2.2:
                path = f"M{_n(x1)} {_n(y1)}H{_n(x2 + into)}V{_n(y2)}H{_n(x2)}"
            else:
                path = f"M{_n(x1)} {_n(y1)}h{out}V{_n(y2 - down * ROW / 2)}H{_n(x2 + into)}V{_n(y2)}H{_n(x2)}"
            colour = CRITICAL_EDGE if link.critical and self.chart.critical else MUTED
            tip = -0.9 if into < 0 else 0.9
            parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="0.2"/>')
            parts.append(f'<path d="M{_n(x2)} {_n(y2)}l{tip} -0.6v1.2z" fill="{colour}"/>')
        return parts

    def _legend(self) -> list[str]:
        words, chart = self.chart.words, self.chart
        y = self.height - MARGIN - 1.5
        at = MARGIN
        parts: list[str] = []

        def entry(drawing: str, text: str, width: float = 7.0) -> None:
            nonlocal at
            parts.append(f'<g transform="translate({_n(at)} {_n(y - 0.9)})">{drawing}</g>')
            parts.append(f'<text x="{_n(at + width + 1)}" y="{_n(y)}" font-size="{SMALL}">{escape(text)}</text>')
            at += width + 1 + _width(text, SMALL) + 5

        bar = '<rect y="-1.3" width="7" height="2.6" rx="0.5" fill="{}"{}/>'
        bar += '<rect y="-0.55" width="3.5" height="1.1" fill="{}"/>'
        entry(bar.format(TASK, "", DONE), f"{words.task}, {words.done}")
        if chart.critical:
            entry(bar.format(CRITICAL, f' stroke="{CRITICAL_EDGE}" stroke-width="0.35"', CRITICAL_DONE), words.critical)
        entry(f'<path d="M0 -1.1h7v2.1l-0.9 -1h-5.2l-0.9 1z" fill="{SUMMARY}"/>', words.summary)
        entry(f'<path d="M1.5 -1.5l1.5 1.5l-1.5 1.5l-1.5 -1.5z" fill="{INK}"/>', words.milestone, 3)
        dots = f'stroke="{MUTED}" stroke-width="0.3" stroke-dasharray="0.3 0.6" stroke-linecap="round"'
        entry(f'<path d="M0 0h7" {dots}/>', words.slack)
        if chart.baseline and any(row.baseline for row in chart.rows):
            entry(f'<rect y="-0.35" width="7" height="0.7" fill="{BASE}"/>', words.baseline)
        if chart.status is not None:
            line = f'stroke="{STATUS}" stroke-width="0.35" stroke-dasharray="1.4 0.8"'
            entry(f'<path d="M0.5 -1.6v3.2" {line}/>', words.status, 1)
        return parts

    def _all_days(self):
        return (self.first + DAY * offset for offset in range(min(self.days, 40_000)))


def _span(chart: Chart) -> tuple[dt.date, dt.date]:
    moments = [value for row in chart.rows for value in (row.start, row.finish) if value]
    if chart.baseline:
        moments += [value for row in chart.rows if row.baseline for value in row.baseline]
    days = [moment.date() for moment in moments] or [dt.date(2000, 1, 3)]
    if chart.status is not None:
        # A status date near the plan is drawn; one far from it would press the plan together.
        near, day = (max(days) - min(days)) * 0.15 + 7 * DAY, chart.status.date()
        if min(days) - near <= day <= max(days) + near:
            days.append(day)
    first = chart.first or min(days) - max(DAY, (max(days) - min(days)) * 0.02)
    # Room for the label of the last milestone.
    last = chart.last or max(days) + max(2 * DAY, (max(days) - min(days)) * 0.08)
    return first, max(last, first + DAY)


def _month_starts(begin: dt.date, end: dt.date, step: int):
    """The span's first day, then the first of every ``step``-th month."""
    yield begin
    month = begin.year * 12 + begin.month
    while month <= end.year * 12 + end.month - 1:
        if month % step == 0:
            yield dt.date(month // 12, month % 12 + 1, 1)
        month += 1


def _cell(text: str, column: Column, left: float, y: float, size: float, style: str) -> str:
    text = _fit(text, column.width - 2, size)
    if not text:
        return ""
    if column.right:
        at, anchor = left + column.width - 1, ' text-anchor="end"'
    else:
        at, anchor = left + 1, ""
    return f'<text x="{_n(at)}" y="{_n(y)}" font-size="{size}"{anchor}{style}>{escape(text)}</text>'


def _fit(text: str, room: float, size: float) -> str:
    """The text on one line, cut where it would not fit."""
    text = _clean(text)
    if _width(text, size) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if _width(text[:middle] + "…", size) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…" if low else ""


def _clean(text: str) -> str:
    """On one line, without what no document can hold."""
    return " ".join("".join(letter for letter in text if letter.isprintable() or letter.isspace()).split())


def _width(text: str, size: float) -> float:
    """Estimated width of a text set in Inter; never much too narrow."""
    return size * sum(map(_em, text))


def _em(letter: str) -> float:
    if letter in "ijl.,:;|!'()[] ·/-ftr":
        return 0.34
    if letter in "mwMW@%—":
        return 0.9
    if ord(letter) >= 0x2E80:
        return 1.05  # a full square, as Chinese and Japanese letters are
    return 0.7 if letter.isupper() else 0.6


def _day(moment: dt.datetime, words: Words) -> str:
    return f"{moment.day} {words.months[moment.month - 1]} {moment.year}"


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
