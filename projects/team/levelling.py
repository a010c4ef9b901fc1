"""Level resources: delay tasks until nobody has more to do than they can, and say of each why; saved only when asked.

``projects.schedule.engine.levelling`` finds the order; here it gets what people can do: working hours, holidays and
absences, less what other projects take. Started, manual and pinned tasks stay where they are.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.worktime.engine import WorkCalendar
from projects.schedule import edits
from projects.schedule.engine.levelling import Capacity, Mode, level
from projects.schedule.localtime import to_wall
from projects.schedule.models import Resource
from projects.schedule.plan import Plan
from projects.team.availability import Assigned, assigned, availability_of
from projects.team.engine import Availability, Demand, edges_of, spread
from projects.team.engine.capacity import minutes_on

DAY = datetime.timedelta(days=1)
FURTHEST = 750  # days ahead in which room is looked for
TOLERANCE = 1  # minutes a day: what rounding may add
FIRST = 900  # priority of tasks that go before others; 500 is usual


@dataclass(frozen=True)
class Options:
    """``within_float``: no delay may move the finish of the plan. ``people``: keys to look at, None for all.

    ``first``: uids of tasks that go before others which begin on the same day.
    """

    within_float: bool = True
    people: frozenset[str] | None = None
    first: frozenset[int] = frozenset()


@dataclass
class Proposal:
    """Moves by task, overloads (person, day, minutes too many) before and after, finish before and after."""

    moves: list[dict] = field(default_factory=list)
    finish: tuple[datetime.datetime | None, datetime.datetime | None] = (None, None)
    before: list[tuple[str, datetime.date, int]] = field(default_factory=list)
    after: list[tuple[str, datetime.date, int]] = field(default_factory=list)


class _Room:
    """What the people of a plan have free on each day, and what of it is taken by tasks placed so far."""

    def __init__(self, project, items: list[Assigned], now: datetime.datetime) -> None:
        self.first = items[0].now.date() if items else timezone.localdate(now)
        self.count = FURTHEST
        self.edges = edges_of(self.first, self.count, days=1)
        self.capacity: dict[str, list[int]] = {}
        self.used: dict[str, list[int]] = defaultdict(lambda: [0] * self.count)
        users = {item.user_id for item in items if item.user_id}
        able = availability_of(users, self.first, self.first + DAY * (self.count - 1))
        for user, days in able.items():
            self.capacity[f"u{user}"] = days.days(self.first, self.first + DAY * (self.count - 1))
        standard = Availability().days(self.first, self.first + DAY * (self.count - 1))
        for resource in Resource.objects.filter(pk__in={item.resource_id for item in items if not item.user_id}):
            share = float(resource.max_units) / 100
            self.capacity[f"r{resource.pk}"] = [round(minutes * share) for minutes in standard]
        for item in assigned(Q(resource__user__in=users) & ~Q(project=project), now=now):
            self.take(key_of(item), item.demand, item.now)

    def days_of(self, demand: Demand, now: datetime.datetime) -> list[int]:
        return spread(demand, self.edges, now)

    def take(self, key: str, demand: Demand, now: datetime.datetime) -> None:
        used = self.used[key]
        for at, minutes in enumerate(self.days_of(demand, now)):
            used[at] += minutes

    def units(self, key: str, calendar: WorkCalendar) -> Capacity:
        """What the person can give, day by day, as a share of the plan's working time."""
        usual = max((able / minutes_on(calendar, day) for day, able in self._usual(key, calendar)), default=0.0)
        changes: list[tuple[datetime.datetime, datetime.datetime, float]] = []
        unbroken = False  # the last change reaches up to this day
        for at in range(self.count):
            day = self.first + DAY * at
            minutes = minutes_on(calendar, day)
            if not minutes:
                continue
            share = max(0, self.capacity[key][at] - self.used[key][at]) / minutes
            begin = datetime.datetime.combine(day, datetime.time())
            if share == usual:
                unbroken = False
            elif unbroken and changes[-1][2] == share:
                changes[-1] = changes[-1][0], begin + DAY, share
            else:
                changes.append((begin, begin + DAY, share))
                unbroken = True
        return Capacity(usual, tuple(changes))

    def _usual(self, key: str, calendar: WorkCalendar):
        """Days with what the person would work without absences: holds beyond the days looked at, too."""
        for at, able in enumerate(self.capacity[key]):
            day = self.first + DAY * at
            if minutes_on(calendar, day):
                yield day, able


def key_of(item: Assigned) -> str:
    return f"u{item.user_id}" if item.user_id else f"r{item.resource_id}"


def propose(project, options: Options, report: Callable[[int, str], Any] | None = None, *, now=None) -> Proposal:
    """What would move; nothing is saved. Times are wall-clock times of the project."""
    now = now or timezone.now()
    plan = Plan(project)
    if plan.settings.from_finish:
        raise ValidationError(_("This plan is computed backwards from its finish; such plans can't be levelled."))
    items = assigned(Q(project=project), now=now)
    names = _names(items)
    room = _Room(project, items, now)
    watched = [item for item in items if options.people is None or key_of(item) in options.people]
    demands: dict[Hashable, dict[Hashable, float]] = defaultdict(dict)
    for item in watched:
        demands[item.task_id][key_of(item)] = demands[item.task_id].get(key_of(item), 0) + _rate(item)
    rows = plan.by_id

    def progress(tried: int, of: int) -> None:
        if report:
            report(100 * tried // max(of, 1), _("Trying orders of the tasks"))

    found = level(
        plan.network(),
        plan.start(),
        plan.calendar,
        demands,
        {key: room.units(key, plan.calendar) for key in {key_of(item) for item in watched}},
        mode=Mode.WITHIN_FLOAT if options.within_float else Mode.FLOAT_FIRST,
        priorities={row.id: FIRST for row in plan.rows if row.uid in options.first},
        status_date=to_wall(project.status_date, project),
        honour_constraints=plan.settings.honour_constraints,
        progress=progress,
    )
    before, after = (
        {row.id: (result.tasks[row.id].start, result.tasks[row.id].finish) for row in plan.rows}
        for result in (found.before, found.after)
    )
    proposal = Proposal(before=_overloads(room, items, names, before), after=_overloads(room, items, names, after))
    if before:
        proposal.finish = found.finish
    for delay in sorted(found.delays, key=lambda delay: rows[delay.task].number):  # type: ignore[index]
        row = rows[delay.task]  # type: ignore[index]
        if found.after.tasks[row.id].is_summary:
            continue
        who = ", ".join(sorted(names[key] for key in delay.resources))  # type: ignore[index]
        proposal.moves.append(
            {
                "uid": row.uid,
                "number": row.number,
                "name": row.name,
                "start": [moment.isoformat() for moment in delay.start],
                "finish": [moment.isoformat() for moment in delay.finish],
                "own": bool(delay.minutes),
                "why": _("%(who)s has no room earlier.") % {"who": who} if delay.minutes else "",
            }
        )
    return proposal


def _rate(item: Assigned) -> float:
    """Units an assignment takes while it is worked, on average: its work over its working time."""
    length = item.demand.calendar.between(item.start, item.finish)
    if item.start < item.now or not length:
        return item.units / 100
    return item.demand.minutes / length


def apply(project, moves: list[dict], *, by):
    """Save a proposal as one step that can be undone; ``Stale`` where the plan has moved since."""
    delayed = [move for move in moves if move["own"]]
    dates = dict(project.tasks.filter(uid__in=[move["uid"] for move in moves]).values_list("uid", "start"))
    for move in moves:
        now = to_wall(dates.get(move["uid"]), project)
        if now is None or now.isoformat() != move["start"][0]:
            raise Stale
    ops = [
        {"op": "set", "uid": move["uid"], "fields": {"constraint": "4", "constraint_date": move["start"][1][:16]}}
        for move in delayed
    ]
    return edits.apply_ops(project, by=by, ops=ops, label=_("Level resources"))


class Stale(Exception):
    """Tasks of the proposal have moved since it was made."""


def _moved(item: Assigned, start, finish) -> Demand:
    demand = item.demand
    return Demand(demand.key, start, finish, demand.minutes, demand.calendar, demand.units)


def _overloads(room: _Room, items, names, dates) -> list[tuple[str, datetime.date, int]]:
    """(who, Monday, minutes too many) by week, over all projects, with these dates of the plan's tasks."""
    used = {key: list(days) for key, days in room.used.items()}
    for item in items:
        start, finish = dates[item.task_id]
        there = used.setdefault(key_of(item), [0] * room.count)
        for at, minutes in enumerate(room.days_of(_moved(item, start, finish), item.now)):
            there[at] += minutes
    found: dict[tuple[str, datetime.date], int] = defaultdict(int)
    for key in {key_of(item) for item in items}:
        for at, (minutes, capacity) in enumerate(zip(used[key], room.capacity[key], strict=True)):
            if minutes > capacity + TOLERANCE:
                day = room.first + DAY * at
                found[names[key], day - DAY * day.weekday()] += minutes - capacity
    return sorted((who, week, minutes) for (who, week), minutes in found.items())


def _names(items: list[Assigned]) -> dict[str, str]:
    rows = Resource.objects.filter(pk__in={item.resource_id for item in items}).select_related("user")
    return {f"u{row.user_id}" if row.user_id else f"r{row.pk}": str(row.user or row.name) for row in rows}
