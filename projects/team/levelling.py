"""Level resources: delay tasks until nobody has more to do than they can, and say of each why; saved only when asked.

A serial schedule-generation scheme: tasks are placed one by one, the earliest first, of those the more important and
the one with less float. A task that finds its people busy waits for the first day on which all its days fit into what
they have free, holidays, absences and other projects counted. After each delay the network is computed anew, so that
links, calendars and constraints hold throughout. Started, manual and pinned tasks stay where they are.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.ui import format as fmt
from projects.schedule import edits
from projects.schedule.calendars import day_start
from projects.schedule.localtime import to_instant, to_wall
from projects.schedule.models import Resource, Task
from projects.schedule.plan import Plan
from projects.team.availability import Assigned, assigned, availability_of
from projects.team.engine import Availability, Demand, edges_of, spread

DAY = datetime.timedelta(days=1)
FURTHEST = 750  # days ahead in which room is looked for
TOLERANCE = 1  # minutes a day: what rounding may add


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

    def clash(self, key: str, demand: Demand, now: datetime.datetime) -> datetime.date | None:
        """The first day on which the demand does not fit; None where all of it does."""
        used, capacity = self.used[key], self.capacity[key]
        for at, minutes in enumerate(self.days_of(demand, now)):
            if minutes and used[at] + minutes > capacity[at] + TOLERANCE:
                return self.first + DAY * at
        return None


def key_of(item: Assigned) -> str:
    return f"u{item.user_id}" if item.user_id else f"r{item.resource_id}"


def propose(project, options: Options, report: Callable[[int, str], Any] | None = None, *, now=None) -> Proposal:
    """What would move; nothing is saved. Times are wall-clock times of the project."""
    now = now or timezone.now()
    plan = Plan(project)
    items = assigned(Q(project=project), now=now)
    by_task: dict[int, list[Assigned]] = defaultdict(list)
    for item in items:
        by_task[item.task_id].append(item)
    names = _names(items)
    room = _Room(project, items, now)
    result = plan.compute()
    before = {row.id: (result.tasks[row.id].start, result.tasks[row.id].finish) for row in plan.rows}
    movable = {
        row.id
        for row in plan.rows
        if row.id in by_task
        and row.mode == Task.Mode.AUTO
        and not row.percent
        and not row.actual_start
        and row.constraint in (Task.Constraint.ASAP, Task.Constraint.SNET)
        and (options.people is None or any(key_of(item) in options.people for item in by_task[row.id]))
    }
    proposal = Proposal(before=_overloads(room, items, names, {}, before))
    for task, there in by_task.items():
        if task not in movable:
            for item in there:
                room.take(key_of(item), item.demand, item.now)
    rows = plan.by_id
    waiting, why = set(movable), {}
    while waiting:

        def rank(task):
            out = result.tasks[task]  # noqa: B023 - used before the next round
            return out.start, rows[task].uid not in options.first, out.total_float or 0, rows[task].number

        task = min(waiting, key=rank)
        waiting.discard(task)
        if report:
            report(100 * (len(movable) - len(waiting)) // (len(movable) + 1), rows[task].name)
        row, out = rows[task], result.tasks[task]
        watched = [item for item in by_task[task] if options.people is None or key_of(item) in options.people]
        start, blocked = _first_fit(plan, row, out, watched, room, options)
        if blocked and start is not None:
            row.constraint, row.constraint_date = Task.Constraint.SNET, to_instant(start, project)
            result = plan.compute()
            out = result.tasks[task]
            item, day = blocked
            why[task] = _("%(who)s has no room on %(day)s.") % {"who": names[key_of(item)], "day": fmt.day(day)}
        for item in by_task[task]:
            room.take(key_of(item), _moved(item, out.start, out.finish), item.now)
    after = {row.id: (result.tasks[row.id].start, result.tasks[row.id].finish) for row in plan.rows}
    proposal.after = _overloads(_Room(project, items, now), items, names, after, after)
    if before:
        proposal.finish = max(f for _s, f in before.values()), max(f for _s, f in after.values())
    for row in plan.rows:
        if before[row.id] != after[row.id] and not result.tasks[row.id].is_summary:
            (start, finish), (new_start, new_finish) = before[row.id], after[row.id]
            proposal.moves.append(
                {
                    "uid": row.uid,
                    "number": row.number,
                    "name": row.name,
                    "start": [start.isoformat(), new_start.isoformat()],
                    "finish": [finish.isoformat(), new_finish.isoformat()],
                    "why": why.get(row.id, ""),
                }
            )
    return proposal


def apply(project, moves: list[dict], *, by):
    """Save a proposal as one step that can be undone; ``Stale`` where the plan has moved since."""
    delayed = [move for move in moves if move["why"]]
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


def _first_fit(plan, row, out, watched, room: _Room, options: Options):
    """(start, (item, day) that was in the way): the start itself where it fits; None where no day does."""
    blocked = _clash(watched, out.start, out.finish, room)
    if blocked is None:
        return out.start, None
    calendar = plan.calendar_of(row)
    latest = out.late_start if options.within_float else None
    start, day = out.start, max(out.start.date(), room.first)
    last = room.first + DAY * (FURTHEST - 60)
    while day < last:
        day += DAY
        if not calendar.hours_on(day):
            continue
        start = day_start(calendar, day)
        if latest is not None and start > latest:
            return None, blocked
        length = datetime.timedelta(minutes=row.duration)
        finish = start + length if row.duration_elapsed else calendar.add(start, row.duration)
        if _clash(watched, start, finish, room) is None:
            return start, blocked
    return None, blocked


def _clash(watched, start, finish, room: _Room):
    for item in watched:
        day = room.clash(key_of(item), _moved(item, start, finish), item.now)
        if day is not None:
            return item, day
    return None


def _moved(item: Assigned, start, finish) -> Demand:
    demand = item.demand
    return Demand(demand.key, start, finish, demand.minutes, demand.calendar, demand.units)


def _overloads(room: _Room, items, names, moved, dates) -> list[tuple[str, datetime.date, int]]:
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
