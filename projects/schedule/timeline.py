"""The plan drawn: one SVG strip beside the rows, from dates to pixels. Plain values in, markup out."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from pmdm.ui import format as fmt

ROW, HEAD, EDIT_ROWS = 34, 46, 10  # pixels; the rows that an open form takes; same in static/css/plan.css
FITTING, LEAST_WIDTH, MOST_WIDTH = 476, 476, 9000  # the first: beside the tree on a screen of 1440
DAY = datetime.timedelta(days=1)
PIXELS = {"week": 18.0, "month": 4.0, "quarter": 1.3}  # of a day


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the strip; wall-clock times."""

    key: int
    name: str
    start: datetime.datetime | None
    finish: datetime.datetime | None
    percent: int = 0
    is_summary: bool = False
    is_milestone: bool = False
    is_critical: bool = False
    late_finish: datetime.datetime | None = None
    baseline: tuple[datetime.datetime, datetime.datetime] | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A link between two rows that are both shown; ``kind`` FS, SS, FF or SF."""

    before: int
    after: int
    kind: str
    is_critical: bool = False


@dataclass
class Timeline:
    first: datetime.date
    last: datetime.date
    scale: str
    fit: bool = False
    pixels: float = field(init=False)

    def __post_init__(self) -> None:
        days = (self.last - self.first).days + 1
        wanted = PIXELS[self.scale]
        if self.fit:
            wanted = max(FITTING / days, PIXELS["quarter"] / 3)
        self.pixels = min(max(wanted, LEAST_WIDTH / days), max(MOST_WIDTH / days, PIXELS["quarter"] / 4))
        self.width = round(days * self.pixels)

    @classmethod
    def fitting(cls, moments: Iterable[datetime.datetime | None], scale: str, today: datetime.date) -> "Timeline":
        """From a little before the first to a little after the last moment; today comes in where it is near."""
        days = [moment.date() for moment in moments if moment]
        first, last = min(days, default=today), max(days, default=today + 30 * DAY)
        if first - 60 * DAY <= today <= last + 60 * DAY:
            first, last = min(first, today), max(last, today)
        span = (last - first).days
        fit = not scale
        if not scale:
            scale = "week" if span <= 45 else "month" if span <= 540 else "quarter"
        pad = {"week": 3, "month": 7, "quarter": 21}[scale]
        first -= datetime.timedelta(days=pad)
        first -= datetime.timedelta(days=first.weekday())
        return cls(first, last + datetime.timedelta(days=2 * pad), scale, fit)

    def x(self, moment: datetime.datetime) -> float:
        days = (moment.date() - self.first).days + (moment.hour * 60 + moment.minute) / 1440
        return round(days * self.pixels, 1)

    def draw(
        self, bars: Sequence[Bar], arrows: Iterable[Arrow], now: datetime.datetime, *, editing: int | None = None
    ) -> SafeString:
        """The strip. Below row ``editing`` it leaves the room that the open form takes."""
        tops, top = {}, HEAD
        for bar in bars:
            tops[bar.key] = top
            top += ROW
            if bar.key == editing:
                top += EDIT_ROWS * ROW
        parts = [
            f'<svg class="gantt" width="{self.width}" height="{top}" viewBox="0 0 {self.width} {top}" role="img"'
            f' aria-label="{escape(_("Timeline of the rows in the table beside it"))}">'
        ]
        parts += self._grid(top)
        if self.first <= now.date() <= self.last:
            x = self.x(now)
            side, anchor = (x - 4, "end") if x > self.width - 60 else (x + 4, "start")
            parts.append(f'<path class="today" d="M{x} 6V{top}"/>')
            parts.append(f'<text class="today-t" x="{side}" y="16" text-anchor="{anchor}">{escape(_("Today"))}</text>')
        for bar in bars:
            parts.append(f'<path class="rule" d="M0 {tops[bar.key] + ROW - 0.5}H{self.width}"/>')
        shown = {bar.key: bar for bar in bars}
        for arrow in arrows:
            parts += self._arrow(arrow, shown, tops)
        for bar in bars:
            parts += self._bar(bar, tops[bar.key])
        parts.append("</svg>")
        return mark_safe("".join(parts))  # noqa: S308 - numbers of ours, texts escaped

    def _grid(self, height: int) -> list[str]:
        parts = []
        if self.scale == "week":
            for offset in range((self.last - self.first).days + 1):
                if (self.first + offset * DAY).weekday() == 5:
                    x = round(offset * self.pixels, 1)
                    width = round(2 * self.pixels, 1)
                    parts.append(f'<rect class="off" x="{x}" y="{HEAD}" width="{width}" height="{height - HEAD}"/>')
        last_strong = ""
        for day, label, strong in self._ticks():
            x = round((day - self.first).days * self.pixels, 1)
            parts.append(f'<path class="rule" d="M{x} {HEAD - 18}V{height}"/>')
            if strong and strong != last_strong:
                parts.append(f'<text class="head strong" x="{max(x, 0) + 4}" y="16">{escape(strong)}</text>')
                last_strong = strong
            parts.append(f'<text class="head" x="{x + 4}" y="{HEAD - 8}">{escape(label)}</text>')
        parts.append(f'<path class="rule strong" d="M0 {HEAD - 0.5}H{self.width}"/>')
        return parts

    def _ticks(self):
        """Days at which a rule stands: its label and the label of the span above it."""
        if self.scale == "week":
            day = self.first
            while day <= self.last:
                yield day, str(day.day), f"{_month(day)} {day.year}" if self.pixels > 8 else _month(day)
                day += 7 * DAY
            return
        day = self.first.replace(day=1)
        step = next((months for months in (1, 3, 6) if self.pixels * 30 * months >= 34), 12)
        while day <= self.last:
            if day >= self.first and (day.month - 1) % step == 0:
                yield day, _month(day), str(day.year)
            day = (day + 32 * DAY).replace(day=1)

    def _bar(self, bar: Bar, top: int) -> list[str]:
        if bar.start is None or bar.finish is None:
            return []
        x, end = self.x(bar.start), self.x(bar.finish)
        width = max(round(end - x, 1), 2)
        middle = top + ROW / 2
        title = f"<title>{escape(bar.name)}: {fmt.day(bar.start.date())} – {fmt.day(bar.finish.date())}</title>"
        parts = [f'<g class="{"crit" if bar.is_critical else "task"}">{title}']
        if bar.baseline:
            a, b = self.x(bar.baseline[0]), self.x(bar.baseline[1])
            parts.append(
                f'<rect class="base" x="{a}" y="{middle + 8}" width="{max(round(b - a, 1), 3)}" height="3" rx="1.5"/>'
            )
        if bar.is_summary:
            parts.append(
                f'<path class="sum" d="M{x} {middle - 5}h{width}v9l-4 -4h{-max(width - 8, 0)}l-4 4z"/>'
                if width > 8
                else f'<rect class="sum" x="{x}" y="{middle - 5}" width="{width}" height="5"/>'
            )
        elif bar.is_milestone:
            parts.append(f'<path class="mile" d="M{end} {middle - 6.5}l6.5 6.5l-6.5 6.5l-6.5 -6.5z"/>')
            width = 6.5
        else:
            parts.append(f'<rect class="bar" x="{x}" y="{middle - 7}" width="{width}" height="13" rx="3"/>')
            if bar.percent:
                done = round(width * bar.percent / 100, 1)
                parts.append(f'<rect class="done" x="{x}" y="{middle - 7}" width="{done}" height="13" rx="3"/>')
            if bar.late_finish and bar.late_finish > bar.finish:
                late = self.x(bar.late_finish)
                parts.append(f'<path class="float" d="M{x + width} {middle}H{min(late, self.width)}"/>')
        if bar.label:
            beside = end + 11 if bar.is_milestone else x + width + 8
            parts.append(f'<text class="lab" x="{beside}" y="{middle + 4}">{escape(bar.label)}</text>')
        parts.append("</g>")
        return parts

    def _arrow(self, arrow: Arrow, bars: dict[int, Bar], tops: dict[int, int]) -> list[str]:
        before, after = bars[arrow.before], bars[arrow.after]
        if before.start is None or before.finish is None or after.start is None or after.finish is None:
            return []
        x1 = self.x(before.start if arrow.kind[0] == "S" else before.finish)
        x2 = self.x(after.start if arrow.kind[1] == "S" else after.finish)
        y1, y2 = tops[arrow.before] + ROW / 2, tops[arrow.after] + ROW / 2
        out = -7 if arrow.kind[0] == "S" else 7
        into = -7 if arrow.kind[1] == "S" else 7
        down = 1 if y2 > y1 else -1
        css = " crit" if arrow.is_critical else ""
        if after.is_milestone:
            x2 += -6.5 if into < 0 else 6.5
        if (
            (x2 + into - x1) * (1 if out > 0 else -1) >= out * (1 if out > 0 else -1) - 7
            and into < 0 < out
            and x2 - x1 >= 9
        ):
            path = f"M{x1} {y1}H{round(x2 + into, 1)}V{y2}H{x2}"
        elif (out > 0) == (into > 0):
            far = max(x1, x2) + out if out > 0 else min(x1, x2) + out
            path = f"M{x1} {y1}H{round(far, 1)}V{y2}H{x2}"
        else:
            turn = y2 - down * ROW / 2
            path = f"M{x1} {y1}h{out}V{turn}H{round(x2 + into, 1)}V{y2}H{x2}"
        tip = -5 if into < 0 else 5
        return [
            f'<path class="link{css}" d="{path}"/>',
            f'<path class="arrow{css}" d="M{x2} {y2}l{tip} -3v6z"/>',
        ]


def _month(day: datetime.date) -> str:
    return fmt.day(day.replace(day=1), day).split(fmt.NBSP)[1]
