"""The S-curve: planned, earned and actual cost over time, and the span the estimates at completion open.

One baseline, one set of rules (those of the day the page is of) and progress as it was known at each day before.
"""

import datetime
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from projects.budget.engine.accrual import Receipt, accrued, invoiced_by
from projects.budget.engine.evm import ZERO, Progress
from projects.control.engine import Spread, planned_value
from projects.earned_value.engine import earned
from projects.earned_value.models import EarningRule
from projects.earned_value.queries import CUTS, asked_for, past
from projects.earned_value.reading import RULES, Leaf, Reading
from projects.schedule.localtime import to_wall

POINTS = 60  # at most so many along the curve

_EVENTS = f"""
    WITH {CUTS}
    SELECT c.at, c."table", c.row_id, c.operation, (c.after ->> 'uid')::integer, (c.after ->> 'percent')::smallint,
        c.after ->> 'actual_start' IS NOT NULL, (c.after ->> 'task_id')::bigint,
        (c.after ->> 'units_total')::numeric, (c.after ->> 'units_done')::numeric
    FROM cut JOIN activity_change c ON c.subject_type = 'project' AND c.subject_id = cut.subject_id
        AND c."table" IN ('projects_task', 'projects_taskearning') AND c.at <= cut.known
    WHERE c.operation <> 'D' AND (
        c.operation = 'I' OR c.before ?| array['percent', 'actual_start', 'units_total', 'units_done', 'task_id']
    )
    ORDER BY c.at, c.id
"""  # noqa: S608 - names of ours
_STEPS = f"""
    WITH {CUTS}, step AS {past("projects_earningstep", task_id="bigint", weight="numeric", reached_on="date")}
    SELECT task_id, weight, reached_on FROM step ORDER BY task_id, id
"""  # noqa: S608 - names of ours
_COSTS = f"""
    WITH {CUTS},
    hour AS {past("projects_timeentry", day="date", cost="numeric")},
    expense AS {past("projects_expense", spent_on="date", amount="numeric")}
    SELECT day, sum(amount) FROM (
        SELECT h.day, h.cost FROM hour h JOIN cut ON h.day <= cut.day
        UNION ALL SELECT e.spent_on, e.amount FROM expense e JOIN cut ON e.spent_on <= cut.day
    ) AS spent (day, amount)
    WHERE amount IS NOT NULL GROUP BY day ORDER BY day
"""  # noqa: S608 - names of ours
# Receipts and the invoices that settle them, in the order they came; ``debt`` is the order's, or the accrual's own.
_OWED = f"""
    WITH {CUTS},
    accrual AS {
    past(
        "projects_accrual",
        order_id="bigint",
        accrued_on="date",
        reverses_on="date",
        amount="numeric",
        original_amount="numeric",
        exchange_rate="numeric",
    )
},
    expense AS {
    past(
        "projects_expense",
        order_id="bigint",
        accrual_id="bigint",
        spent_on="date",
        amount="numeric",
        original_amount="numeric",
    )
}
    SELECT 'receipt', coalesce(a.order_id, -a.id), a.accrued_on, coalesce(a.original_amount, a.amount), a.amount,
        coalesce(a.exchange_rate, 1), a.reverses_on, a.id
    FROM accrual a JOIN cut ON a.accrued_on <= cut.day
    UNION ALL
    SELECT 'invoice', coalesce(e.order_id, -e.accrual_id), e.spent_on, coalesce(e.original_amount, e.amount),
        NULL, NULL, NULL, e.id
    FROM expense e JOIN cut ON e.spent_on <= cut.day WHERE e.order_id IS NOT NULL OR e.accrual_id IS NOT NULL
    ORDER BY 3, 8
"""  # noqa: S608 - names of ours


@dataclass(frozen=True)
class Curve:
    """Values at the end of each day, in the project's currency; earned and actual end with the day measured at."""

    days: list[datetime.date]
    planned: list[float]
    earned: list[float]
    actual: list[float]


def curve(reading: Reading, until: datetime.date | None = None) -> Curve:
    """From the baseline's start to its finish, the day measured at and ``until``, whichever is last: four queries."""
    assert reading.start is not None
    assert reading.finish is not None
    day = reading.cut.day
    first = min(reading.start.date(), day)
    last = max(reading.finish.date(), day, until or day)
    step = max(7, -(-(last - first).days // POINTS))
    days = sorted({*(first + datetime.timedelta(n) for n in range(0, (last - first).days, step)), day, last})
    ends = [reading.cut.wall if one == day else _end(one) for one in days]
    past = bisect_right(days, day)
    with connection.cursor() as cursor:
        asked = asked_for([reading.cut])
        cursor.execute(_COSTS, asked)
        spent = cursor.fetchall()
        cursor.execute(_OWED, asked)
        owed = _Owed(cursor.fetchall())
        cursor.execute(_STEPS, asked)
        steps: dict[int, list[tuple[Decimal, datetime.date | None]]] = defaultdict(list)
        for task, weight, reached in cursor:
            steps[task].append((weight, reached))
        cursor.execute(_EVENTS, asked)
        events = cursor.fetchall()
    actual, at, total = [], 0, ZERO
    for one in days[:past]:
        while at < len(spent) and spent[at][0] <= one:
            total += spent[at][1]
            at += 1
        actual.append(float(total + owed.at(one)))
    value = _Earned(reading, steps)
    done = [float(amount) for amount in value.at(events, days[:past], ends[:past])]
    # The last point is the figure of the page itself.
    done[-1], actual[-1] = float(reading.total.ev), float(reading.total.ac)
    return Curve(days, reading.planned(ends), done, actual)


class _Owed:
    """What is received and not invoiced, at any day."""

    def __init__(self, rows: list[tuple]) -> None:
        self.receipts: dict[int, list[Receipt]] = defaultdict(list)
        self.invoices: dict[int, list[tuple[datetime.date, Decimal]]] = defaultdict(list)
        for kind, debt, day, paid, amount, rate, reverses_on, _pk in rows:
            if kind == "receipt":
                self.receipts[debt].append(Receipt(day, amount, paid, rate, reverses_on))
            else:
                self.invoices[debt].append((day, paid))

    def at(self, day: datetime.date) -> Decimal:
        return sum(
            (
                amount
                for debt, receipts in self.receipts.items()
                for amount in accrued(receipts, invoiced_by(self.invoices.get(debt, ()), day), day)
            ),
            ZERO,
        )


def _end(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time())


class _Earned:
    """What all tasks have earned at one day after another: each change recomputes its task alone."""

    def __init__(self, reading: Reading, steps: dict[int, list[tuple[Decimal, datetime.date | None]]]) -> None:
        self.reading = reading
        self.leaves = {leaf.uid: leaf for leaf in reading.leaves}
        self.percent: dict[int, tuple[int, bool]] = {}
        self.units: dict[int, tuple[Decimal, Decimal]] = {}
        self.uids: dict[int, int] = {}  # of task ids
        self.tasks: dict[int, int] = {}  # and back
        self.steps = steps
        self.values: dict[int, Decimal] = {}
        self.sum = ZERO
        effort = [leaf for leaf in reading.leaves if leaf.rule == EarningRule.LEVEL_OF_EFFORT]
        places = dict(zip((leaf.uid for leaf in reading.leaves), reading.spreads, strict=True))
        self.effort: list[Spread] = [places[leaf.uid] for leaf in effort]

    def at(self, events: list[tuple], days: list[datetime.date], ends: list[datetime.datetime]) -> list[Decimal]:
        effort = planned_value(self.effort, [self.reading.days(end) for end in ends]) if self.effort else []
        found, at = [], 0
        for number, (day, end) in enumerate(zip(days, ends, strict=True)):
            changed: set[int] = set()
            while at < len(events) and to_wall(events[at][0], self.reading.project) < end:  # type: ignore[operator]
                changed |= self._take(*events[at][1:])
                at += 1
            # Milestones are reached on a day, whenever it was told.
            changed |= {uid for task in self.steps if (uid := self.uids.get(task)) is not None}
            for uid in changed:
                self._value(uid, day)
            found.append(self.sum + (Decimal(str(effort[number])) if effort else ZERO))
        return found

    def _take(self, table, row, operation, uid, percent, started, task, total, done) -> set[int]:
        if table == "projects_task":
            self.uids[row], self.tasks[uid] = uid, row
            self.percent[uid] = percent, started
            return {uid}
        self.units[task] = total or ZERO, done or ZERO
        return {self.uids[task]} if task in self.uids else set()

    def _value(self, uid: int, day: datetime.date) -> None:
        leaf: Leaf | None = self.leaves.get(uid)
        if leaf is None or leaf.rule == EarningRule.LEVEL_OF_EFFORT:
            return
        task = self.tasks.get(uid, 0)
        percent, started = self.percent.get(uid, (0, False))
        total, done = self.units.get(task, (ZERO, ZERO))
        progress = Progress(
            started=started or percent > 0,
            finished=percent == 100,
            percent=Decimal(percent),
            units_done=done,
            units_total=total,
            milestones=[
                (weight, reached is not None and reached <= day) for weight, reached in self.steps.get(task, ())
            ],
        )
        try:
            value = earned(leaf.bac, RULES[leaf.rule], progress)
        except ValueError:
            value = ZERO
        self.sum += value - self.values.get(uid, ZERO)
        self.values[uid] = value


def finish_day(reading: Reading) -> datetime.date | None:
    """The day the forecast ends on: by earned schedule, else the baseline's finish where it lies ahead."""
    if reading.total.finished or reading.finish is None:
        return None
    found = reading.forecast_finish or reading.finish
    return found.date() if found.date() > reading.cut.day else None
