"""A project's plan out of the database as the neutral ``planfiles.Plan``: what files are written from.

It begins with what the imported file said (``PlanOrigin``), where there was one, and puts over it what the database
says now: our fields win, and what we have no field for is kept as it came.
"""

import datetime
import zlib
from dataclasses import replace
from decimal import Decimal

from pmdm.worktime.engine import WorkCalendar
from projects.schedule import planfiles
from projects.schedule.calendars import STANDARD, work_calendar
from projects.schedule.engine import Constraint, LagUnit, LinkType
from projects.schedule.localtime import to_wall
from projects.schedule.models import Assignment, BaselineTask, Link, PlanOrigin, PlanSettings, Task
from projects.schedule.plan import Plan

MARGIN = datetime.timedelta(days=366)  # public holidays are written for the plan's dates and a year around them


def plan_of(project, *, cost: bool = True, internal: bool = True) -> planfiles.Plan:
    """The whole plan as a file would say it. Without ``cost`` no amounts, without ``internal`` no people and notes."""
    return _Leaving(project, cost=cost, internal=internal).plan()


class _Leaving:
    def __init__(self, project, *, cost: bool, internal: bool) -> None:
        self.project, self.cost, self.internal = project, cost, internal
        self.origin = _origin(project)
        self.settings = PlanSettings.objects.filter(project=project).first() or PlanSettings(project=project)
        self.rows = list(Task.objects.filter(project=project).order_by("number"))
        self.uids = {row.pk: row.uid for row in self.rows}
        self.came = {task.uid: task for task in self.origin.tasks}

    def plan(self) -> planfiles.Plan:
        plan = planfiles.Plan("mspdi", self._project())
        self._calendars(plan)
        plan.tasks = [self._task(row) for row in self.rows]
        self._baselines(plan)
        plan.links = self._links()
        if self.internal:
            plan.resources = self._resources()
            plan.assignments = self._assignments()
        plan.project_task = self._summary(plan)
        return plan

    def wall(self, instant):
        return to_wall(instant, self.project)

    def _project(self) -> planfiles.PlanProject:
        project, came = self.project, self.origin.project
        start = self.wall(project.schedule_start) or self.wall(project.computed_start) or self._first_day()
        return replace(
            came,
            name=came.name or project.name,
            title=came.title or ("" if self.came else project.name),
            start=start,
            finish=self.wall(self.settings.from_finish) or self.wall(project.computed_finish) or start,
            from_finish=self.settings.from_finish is not None,
            status_date=self.wall(project.status_date),
            minutes_per_day=project.minutes_per_day,
            minutes_per_week=project.minutes_per_week,
            days_per_month=project.days_per_month,
            critical_slack_minutes=self.settings.critical_float,
            honour_constraints=self.settings.honour_constraints,
            currency_code=project.currency,
            currency_symbol=came.currency_symbol if came.currency_code in ("", project.currency) else "",
        )

    def _first_day(self) -> datetime.datetime:
        return Plan(self.project).start()

    # Calendars

    def _calendars(self, plan: planfiles.Plan) -> None:
        """The file's own calendars where they still hold the hours we compute with; else ours."""
        project = self.project
        came = {calendar.uid: calendar for calendar in self.origin.calendars}
        built = planfiles.work_calendars(self.origin)
        stored = {row.pk: row for row in project.plan_calendars.all()}
        effective, keys = planfiles.effective_calendars(self.origin)
        as_imported = {uid: effective[key] for uid, key in keys.items()}
        calendars = dict(came)

        def put(uid: int, name: str, hours: WorkCalendar) -> int:
            if uid in built and planfiles.same_hours(built[uid], hours):
                return uid
            calendars[uid] = self._written(uid, name, hours)
            built[uid] = hours
            return uid

        own = next((row for row in stored.values() if row.is_project_calendar), None)
        if own is not None:
            plan.project.calendar_uid = put(own.uid, own.name, work_calendar(own))
        else:
            hours = work_calendar(project.calendar) if project.calendar_id else STANDARD
            free = max([*came, *(row.uid for row in stored.values()), 0]) + 1
            name = project.calendar.name if project.calendar_id else "Standard"
            plan.project.calendar_uid = put(free, name, hours)
        self.calendar_uid = {}
        for row in self.rows:
            there = stored[row.calendar_id] if row.calendar_id else None
            came_with = as_imported.get(row.uid)
            if row.uid in self.came and _alike(came_with, there and work_calendar(there)):
                self.calendar_uid[row.uid] = self.came[row.uid].calendar_uid
            elif there is not None:
                self.calendar_uid[row.uid] = put(there.uid, there.name, work_calendar(there))
        plan.calendars = list(calendars.values())

    def _written(self, uid: int, name: str, hours: WorkCalendar) -> planfiles.PlanCalendar:
        exceptions = dict(hours.exceptions)
        first, last = self.project.computed_start, self.project.computed_finish
        if first and last:
            # Public holidays have no dates of their own in a file: they are written out.
            day, end = (first - MARGIN).date(), (last + MARGIN).date()
            while day <= end:
                if hours.hours_on(day) != hours.week[day.weekday()]:
                    exceptions.setdefault(day, hours.hours_on(day))
                day += datetime.timedelta(days=1)
        return planfiles.PlanCalendar(
            uid,
            name,
            week=dict(enumerate(hours.week)),
            exceptions=[planfiles.PlanException("", day, day, worked) for day, worked in sorted(exceptions.items())],
        )

    # Tasks

    def _task(self, row: Task) -> planfiles.PlanTask:
        wall = self.wall
        came = self.came.get(row.uid) or planfiles.PlanTask(row.uid)
        remaining = row.remaining
        if remaining is None and (came.percent_complete, came.duration_minutes) == (row.percent, row.duration):
            remaining = came.remaining_minutes
        elif remaining is None and not row.is_summary:
            remaining = round(row.duration * (100 - row.percent) / 100)
        fixed = _known_cost(came.fixed_cost, self.origin, self.project)
        manual = row.mode == Task.Mode.MANUAL
        # Where an automatic task would stand if it were manual; Microsoft Project keeps it, we don't need it.
        placed = (came.manual_start, came.manual_finish) if not came.manual else (None, None)
        return replace(
            came,
            id=row.number,
            name=came.name if came.name[:300] == row.name else row.name,
            outline_level=row.outline_level,
            outline_number=row.wbs,
            parent_uid=self.uids[row.parent_id] if row.parent_id else None,
            wbs=came.wbs if came.wbs and came.wbs != came.outline_number else row.wbs,
            summary=row.is_summary,
            milestone=row.is_milestone,
            manual=manual,
            active=row.is_active,
            duration_minutes=row.duration,
            elapsed=row.duration_elapsed,
            estimated=came.estimated and came.duration_minutes == row.duration,
            constraint=Constraint(row.constraint),
            constraint_date=wall(row.constraint_date),
            deadline=wall(row.deadline),
            manual_start=wall(row.manual_start) if manual else placed[0],
            manual_finish=wall(row.manual_finish) if manual else placed[1],
            percent_complete=row.percent,
            actual_start=wall(row.actual_start),
            actual_finish=wall(row.actual_finish),
            remaining_minutes=remaining,
            splits=tuple(map(tuple, row.splits)),
            calendar_uid=self.calendar_uid.get(row.uid),
            work_minutes=row.work,
            cost=row.cost if self.cost else None,
            fixed_cost=fixed if self.cost else None,
            notes=row.notes if self.internal else "",
            baselines=[],
            stored_start=wall(row.start),
            stored_finish=wall(row.finish),
            stored_early_start=wall(row.early_start),
            stored_early_finish=wall(row.early_finish),
            stored_late_start=wall(row.late_start),
            stored_late_finish=wall(row.late_finish),
            stored_critical=row.is_critical,
            stored_total_slack=row.total_float,
            stored_free_slack=row.free_float,
            line=None,
        )

    def _baselines(self, plan: planfiles.Plan) -> None:
        by_uid = {task.uid: task for task in plan.tasks}
        # Frozen rows of removed tasks stay here: a file has a baseline at each of its tasks.
        rows = BaselineTask.objects.filter(baseline__project=self.project, task__isnull=False)
        rows = rows.order_by("baseline__number")
        names = ("task_id", "baseline__number", "start", "finish", "duration", "work", "cost")
        for task_id, number, start, finish, duration, work, cost in rows.values_list(*names):
            uid = self.uids[task_id]
            came = {baseline.number: baseline for baseline in self.came[uid].baselines} if uid in self.came else {}
            by_uid[uid].baselines.append(
                planfiles.PlanBaseline(
                    number,
                    self.wall(start),
                    self.wall(finish),
                    duration,
                    elapsed=number in came and came[number].elapsed and came[number].duration_minutes == duration,
                    work_minutes=work,
                    cost=cost if self.cost else None,
                )
            )

    def _summary(self, plan: planfiles.Plan) -> planfiles.PlanTask:
        """Microsoft's row 0, which stands for the whole project."""
        origin = self.origin
        came = origin.project_task or planfiles.PlanTask(
            0, id=0, name=self.project.name, outline_level=0, outline_number="0", wbs="0", type=1
        )
        now = {number: (start, finish) for number, start, finish in self._whole_baselines()}
        kept = [baseline for baseline in came.baselines if baseline.number in now]
        known = {baseline.number for task in (came, *origin.tasks) for baseline in task.baselines}
        kept += [
            planfiles.PlanBaseline(number, self.wall(start), self.wall(finish))
            for number, (start, finish) in now.items()
            if number not in known
        ]
        start, finish = plan.project.start, self.wall(self.project.computed_finish) or plan.project.finish
        assert start is not None
        assert finish is not None
        span = round(planfiles.project_calendar(plan).between(start, max(start, finish)))
        top = [row for row in self.rows if row.parent_id is None]
        work = [row.work for row in top if row.work is not None]
        costs = [row.cost for row in top if row.cost is not None]
        return replace(
            came,
            summary=True,
            milestone=came.milestone and span == 0,
            duration_minutes=came.duration_minutes if finish == came.stored_finish else span,
            remaining_minutes=came.remaining_minutes if finish == came.stored_finish else span,
            work_minutes=sum(work) if work else None,
            cost=sum(costs, Decimal(0)) if costs and self.cost else None,
            fixed_cost=came.fixed_cost if self.cost else None,
            notes=came.notes if self.internal else "",
            stored_start=start,
            stored_finish=finish,
            stored_total_slack=None,
            stored_free_slack=None,
            baselines=[
                baseline if self.cost else replace(baseline, cost=None)
                for baseline in sorted(kept, key=lambda baseline: baseline.number)
            ],
            line=None,
        )

    def _whole_baselines(self):
        return self.project.baselines.order_by("number").values_list("number", "start", "finish")

    # Links and people

    def _links(self) -> list[planfiles.PlanLink]:
        shown = {(link.predecessor_uid, link.successor_uid): link for link in self.origin.links}
        rows = Link.objects.filter(project=self.project).order_by("successor__number", "pk")
        links = []
        for before, after, kind, lag, unit in rows.values_list(
            "predecessor_id", "successor_id", "type", "lag", "lag_unit"
        ):
            pair = self.uids[before], self.uids[after]
            came = shown.get(pair)
            same = came is not None and (round(came.lag), came.lag_unit) == (lag, LagUnit(unit))
            links.append(
                planfiles.PlanLink(*pair, LinkType(kind), lag, LagUnit(unit), came.shown_in if came and same else "d")
            )
        return links

    def _resources(self) -> list[planfiles.PlanResource]:
        known = {resource.uid: resource for resource in self.origin.resources}
        money = self.cost and self.origin.project.currency_code in ("", self.project.currency)
        resources = []
        for row in self.project.resources.select_related("user").order_by("uid"):
            came = known.get(row.uid) or planfiles.PlanResource(row.uid, email=row.user.email if row.user else "")
            rate = row.hourly_rate if row.kind == "work" else came.rate if money else None
            resources.append(
                replace(
                    came,
                    name=came.name if came.name[:200] == row.name else row.name,
                    type=row.kind,
                    max_units=row.max_units / 100,
                    rate=rate if self.cost else None,
                    overtime_rate=came.overtime_rate if money else None,
                    cost_per_use=came.cost_per_use if money else None,
                    cost=came.cost if money else None,
                )
            )
        return resources

    def _assignments(self) -> list[planfiles.PlanAssignment]:
        known = {(one.task_uid, one.resource_uid): one for one in self.origin.assignments}
        rows = Assignment.objects.filter(project=self.project).order_by("task__number", "resource__uid")
        dates = {row.pk: (self.wall(row.start), self.wall(row.finish)) for row in self.rows}
        assignments = []
        taken = max((one.uid for one in self.origin.assignments), default=0)
        for task_id, resource, units, work, cost in rows.values_list(
            "task_id", "resource__uid", "units", "work", "cost"
        ):
            uid = self.uids[task_id]
            came = known.get((uid, resource))
            if came is None:
                taken += 1
                came = planfiles.PlanAssignment(taken, uid, resource)
            start, finish = dates[task_id]
            task = self.came.get(uid)
            if task is not None and (task.stored_start, task.stored_finish) == (start, finish) and came.start:
                start, finish = came.start, came.finish  # of one who joins late or leaves early
            assignments.append(
                replace(
                    came,
                    units=units / 100,
                    work_minutes=work,
                    cost=cost if self.cost else None,
                    start=start,
                    finish=finish,
                )
            )
        return assignments


def _origin(project) -> planfiles.Plan:
    content = PlanOrigin.objects.filter(project=project).values_list("content", flat=True).first()
    if content is None:
        return planfiles.Plan("mspdi", planfiles.PlanProject())
    return planfiles.parse_mspdi(zlib.decompress(bytes(content)), check=False)


def _alike(a: WorkCalendar | None, b: WorkCalendar | None) -> bool:
    return (a is None and b is None) or (a is not None and b is not None and planfiles.same_hours(a, b))


def _known_cost(amount: Decimal | None, origin: planfiles.Plan, project) -> Decimal | None:
    """An amount of the file, where the file counts in the project's currency."""
    return amount if origin.project.currency_code in ("", project.currency) else None
