"""Two states of one plan side by side, task by task: any two baselines, or a baseline and the plan as it is now.

Each state is read in one query; what differs is computed in memory, so that ten thousand tasks take a fraction of a
second and any column can be filtered and sorted by. Tasks meet by their uid, so a removed one is still named.
"""

import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pmdm.ui import format as fmt
from pmdm.worktime.engine.calendar import to_seconds
from projects.schedule.calendars import project_calendar
from projects.schedule.localtime import to_wall
from projects.schedule.models import Baseline

FIELDS = (
    "uid",
    "number",
    "wbs",
    "name",
    "is_summary",
    "is_milestone",
    "start",
    "finish",
    "duration",
    "work",
    "cost",
)


class Kind(StrEnum):
    """What became of a task. A finish that moved says more than a start that did."""

    SLIPPED = "slipped"
    PULLED_IN = "pulled_in"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    UNCHANGED = "unchanged"


KIND_NAMES = {
    Kind.SLIPPED: gettext_lazy("Slipped"),
    Kind.PULLED_IN: gettext_lazy("Pulled in"),
    Kind.CHANGED: gettext_lazy("Changed, same finish"),
    Kind.ADDED: gettext_lazy("Added"),
    Kind.REMOVED: gettext_lazy("Removed"),
    Kind.UNCHANGED: gettext_lazy("Unchanged"),
}


@dataclass(frozen=True, slots=True)
class State:
    """One task in one of the two states; wall-clock times, minutes, the project's currency."""

    uid: int
    number: int
    wbs: str
    name: str
    is_summary: bool
    is_milestone: bool
    start: datetime.datetime | None
    finish: datetime.datetime | None
    duration: int | None
    work: int | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Row:
    """A task then and now. Variances are now less then: working days, minutes, money; None where one is missing."""

    then: State | None
    now: State | None
    kind: Kind
    start_days: float | None
    finish_days: float | None
    duration: int | None
    work: int | None
    cost: Decimal | None

    @property
    def any(self) -> State:
        """The later state, where there is one: it names the task."""
        state = self.now or self.then
        assert state is not None
        return state


class Comparison:
    """``then`` is a baseline or None for the plan as it is; so is ``now``. Variances read now less then."""

    def __init__(self, project, then: Baseline | None, now: Baseline | None = None, *, with_cost=False, with_work=True):
        self.project, self.then, self.now = project, then, now
        self.with_cost, self.with_work = with_cost, with_work
        self.calendar = project_calendar(project)
        self._moments: dict[datetime.datetime, tuple[datetime.datetime, int]] = {}

    @cached_property
    def rows(self) -> list[Row]:
        """Every task of either state, in the order of the later plan; removed ones where they stood."""
        before, after = self._states(self.then), self._states(self.now)
        rows = [self._row(before.get(uid), state) for uid, state in after.items()]
        rows += [self._row(state, None) for uid, state in before.items() if uid not in after]
        return sorted(rows, key=lambda row: (row.any.number, row.now is None))

    @cached_property
    def leaves(self) -> list[Row]:
        """Tasks with work of their own; summaries only follow them."""
        return [row for row in self.rows if not row.any.is_summary]

    @cached_property
    def counts(self) -> dict[Kind, int]:
        found = Counter(row.kind for row in self.leaves)
        return {kind: found[kind] for kind in Kind}

    @cached_property
    def finishes(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        """When the last task of each state ends."""
        return self._last("then"), self._last("now")

    @cached_property
    def finish_days(self) -> float | None:
        return self._days(*self.finishes)

    @cached_property
    def work(self) -> int | None:
        """Work of all tasks now less then, minutes; None where neither state knows any."""
        return _total(self.leaves, "work")

    @cached_property
    def cost(self) -> Decimal | None:
        return _total(self.leaves, "cost") if self.with_cost else None

    @property
    def sentence(self) -> str:
        """'12 of 40 tasks slipped, 3 pulled in, 2 added, 1 removed; the finish moved 5 working days to 6 Mar.'"""
        counts, there = self.counts, sum(1 for row in self.leaves if row.then and row.now)
        if not self.leaves:
            return _("Neither of the two has a task.")
        said = []
        if slipped := counts[Kind.SLIPPED]:
            said.append(
                ngettext("%(n)d of %(all)d task slipped", "%(n)d of %(all)d tasks slipped", there)
                % {"n": slipped, "all": there}
            )
        for kind, text in (
            (Kind.PULLED_IN, _("%(n)d pulled in")),
            (Kind.CHANGED, _("%(n)d changed with the same finish")),
            (Kind.ADDED, _("%(n)d added")),
            (Kind.REMOVED, _("%(n)d removed")),
        ):
            if counts[kind]:
                said.append(text % {"n": counts[kind]})
        first = ", ".join(said) if said else _("No task differs")
        days, finish = self.finish_days, self.finishes[1]
        if days is None or finish is None:
            return f"{first}."
        day = fmt.day(finish.date())
        if days > 0:
            last = _("the finish is %(days)s working days later, on %(day)s")
        elif days < 0:
            last = _("the finish is %(days)s working days earlier, on %(day)s")
        else:
            last = _("the finish stays on %(day)s")
        return f"{first}; {last % {'days': fmt.number(abs(days)), 'day': day}}."

    # Reading

    def _states(self, baseline: Baseline | None) -> dict[int, State]:
        rows = self.project.tasks.filter(is_active=True) if baseline is None else baseline.tasks
        found = {}
        for uid, number, wbs, name, summary, milestone, start, finish, duration, work, cost in (
            rows.order_by("number").values_list(*FIELDS).iterator(chunk_size=5000)
        ):
            found[uid] = State(
                uid, number or 0, wbs, name, summary, milestone, self._wall(start), self._wall(finish), duration,
                work if self.with_work else None, cost if self.with_cost else None,
            )  # fmt: skip
        return found

    def _wall(self, instant: datetime.datetime | None) -> datetime.datetime | None:
        if instant is None:
            return None
        known = self._moments.get(instant)
        if known is None:
            wall = to_wall(instant, self.project)
            assert wall is not None
            known = self._moments[instant] = wall, self.calendar.index(to_seconds(wall))
            self._places[wall] = known[1]
        return known[0]

    @cached_property
    def _places(self) -> dict[datetime.datetime, int]:
        """Working seconds of each wall-clock time that occurs."""
        return {}

    def _days(self, then: datetime.datetime | None, now: datetime.datetime | None) -> float | None:
        if then is None or now is None:
            return None
        seconds = self._places[now] - self._places[then]
        days = seconds / 60 / self.project.minutes_per_day
        # A tenth of a day is what people say; less than half of that would read as nothing at all.
        return round(days, 1 if abs(days) >= 0.05 else 2) + 0.0

    def _row(self, then: State | None, now: State | None) -> Row:
        if then is None or now is None:
            return Row(then, now, Kind.ADDED if then is None else Kind.REMOVED, None, None, None, None, None)
        start, finish = self._days(then.start, now.start), self._days(then.finish, now.finish)
        duration, work, cost = (
            _difference(getattr(then, name), getattr(now, name)) for name in ("duration", "work", "cost")
        )
        if finish:
            kind = Kind.SLIPPED if finish > 0 else Kind.PULLED_IN
        elif start or duration or work or cost:
            kind = Kind.CHANGED
        else:
            kind = Kind.UNCHANGED
        return Row(then, now, kind, start, finish, duration, work, cost)

    def _last(self, side: str) -> datetime.datetime | None:
        states = [state for row in self.leaves if (state := getattr(row, side))]
        return max((state.finish for state in states if state.finish), default=None)


def _difference(then, now):
    return None if then is None or now is None else now - then


def _total(rows: list[Row], name: str):
    """What all tasks have now less what all had then; an added one counts whole, a removed one as gone."""
    then = [value for row in rows if row.then and (value := getattr(row.then, name)) is not None]
    now = [value for row in rows if row.now and (value := getattr(row.now, name)) is not None]
    return sum(now) - sum(then) if then or now else None


type Key = Callable[[Row], object]

SORTS: dict[str, Key] = {
    "number": lambda row: (row.any.number, row.now is None),
    "name": lambda row: row.any.name.casefold(),
    "start": lambda row: row.start_days,
    "finish": lambda row: row.finish_days,
    "duration": lambda row: row.duration,
    "work": lambda row: row.work,
    "cost": lambda row: row.cost,
}


def in_order(rows: list[Row], word: str, *, descending: bool) -> list[Row]:
    """Sorted by one column; rows without a value come last either way."""
    key = SORTS[word]
    known = [row for row in rows if key(row) is not None]
    unknown = [row for row in rows if key(row) is None]
    return sorted(known, key=key, reverse=descending) + unknown  # type: ignore[arg-type]
