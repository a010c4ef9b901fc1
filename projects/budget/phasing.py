"""The budget over time: what each line plans for each month, and the sums."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from projects.budget.engine import months_between, spread_even
from projects.budget.engine.phasing import Months
from projects.budget.models import BudgetLine, Spread
from projects.schedule.localtime import to_wall

ZERO = Decimal(0)


@dataclass(frozen=True)
class PhasedLine:
    line: BudgetLine
    months: Months
    # The dates of its own it asks for are not there (yet): it goes over the project instead.
    falls_back: bool

    def over(self, months) -> list[Decimal | None]:
        return [self.months.get(month) for month in months]


@dataclass(frozen=True)
class Phasing:
    """Lines by months. ``sums`` has one sum for each of ``months``; they add up to ``total``, as the lines do."""

    lines: list[PhasedLine]
    months: list[datetime.date]

    @property
    def sums(self) -> list[Decimal]:
        return [sum((line.months.get(month, ZERO) for line in self.lines), ZERO) for month in self.months]

    @property
    def running(self) -> list[Decimal]:
        """Planned up to the end of each month."""
        so_far, found = ZERO, []
        for amount in self.sums:
            so_far += amount
            found.append(so_far)
        return found

    @property
    def total(self) -> Decimal:
        return sum((line.line.planned for line in self.lines), ZERO)


def phased(project, lines: list[BudgetLine] | None = None) -> Phasing:
    """All lines of the project by month: two queries."""
    if lines is None:
        lines = list(project.budget_lines.select_related("task").order_by("number"))
    typed: dict[int, Months] = defaultdict(dict)
    for line_id, month, amount in project.budget_months.values_list("line_id", "month", "amount"):
        typed[line_id][month] = amount
    found = [_phase(project, line, typed[line.pk]) for line in lines]
    days = [month for row in found for month in row.months]
    return Phasing(found, months_between(min(days), max(days)) if days else [])


def dates_of_project(project) -> tuple[datetime.date, datetime.date]:
    """First and last day over which a line without dates of its own goes: of the plan, else of the charter."""
    first = _day(project.computed_start, project) or project.target_start or project.created_at.date()
    last = _day(project.computed_finish, project) or project.target_finish or first
    return first, max(first, last)


def _phase(project, line: BudgetLine, typed: Months) -> PhasedLine:
    if line.spread == Spread.MONTHS:
        return PhasedLine(line, typed, falls_back=False)
    dates: tuple[datetime.date | None, datetime.date | None] = (None, None)
    if line.spread == Spread.PERIOD:
        dates = (line.period_start, line.period_finish)
    elif line.spread == Spread.TASK and line.task and line.task.start and line.task.finish:
        dates = (_day(line.task.start, project), _day(line.task.finish, project))
    first, last = dates
    if first is None or last is None:
        first, last = dates_of_project(project)
    falls_back = line.spread == Spread.TASK and dates == (None, None)
    return PhasedLine(line, spread_even(line.planned, first, last), falls_back)


def _day(moment: datetime.datetime | None, project) -> datetime.date | None:
    wall = to_wall(moment, project)
    return wall.date() if wall else None
