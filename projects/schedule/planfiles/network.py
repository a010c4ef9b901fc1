"""From a plan file's values to the network the engine schedules."""

from datetime import datetime

from pmdm.worktime.engine import WorkCalendar, standard_calendar
from projects.schedule.engine import LinkIn, Network, Result, TaskIn, schedule

from .calendars import same_hours, union, work_calendars
from .plan import Plan

CalendarKey = tuple[int, ...]  # the uids a calendar is made of; several where a task's people differ


def to_network(plan: Plan, start: datetime | None = None) -> tuple[Network, datetime, WorkCalendar]:
    """Tasks and links of a plan, its start (``start`` where the file has none), and its project calendar."""
    start = plan.project.start or start
    if start is None:
        raise ValueError("This plan has no dates; say when it starts.")
    calendar = project_calendar(plan)
    calendars, keys = effective_calendars(plan)
    tasks = [
        TaskIn(
            id=task.uid,
            name=task.name,
            duration_minutes=task.duration_minutes,
            parent=task.parent_uid,
            elapsed=task.elapsed,
            calendar=keys.get(task.uid),
            constraint=task.constraint,
            constraint_date=task.constraint_date,
            deadline=task.deadline,
            manual=task.manual,
            manual_start=(task.manual_start or task.stored_start) if task.manual else None,
            manual_finish=(task.manual_finish or task.stored_finish) if task.manual else None,
            percent=task.percent_complete,
            actual_start=task.actual_start,
            actual_finish=task.actual_finish,
            remaining_minutes=task.remaining_minutes if task.percent_complete or task.actual_start else None,
            is_milestone=task.milestone,
            splits=task.splits,
            active=task.active,
        )
        for task in plan.tasks
    ]
    links = [
        LinkIn(link.predecessor_uid, link.successor_uid, link.type, link.lag, link.lag_unit) for link in plan.links
    ]
    return Network(tasks, links, dict(calendars.items())), start, calendar


def schedule_plan(plan: Plan, start: datetime | None = None) -> Result:
    """The plan's schedule, computed as its file says: from start or finish, honouring constraints or not."""
    network, begin, calendar = to_network(plan, start)
    project = plan.project
    return schedule(
        network,
        begin,
        calendar,
        project_finish=project.finish if project.from_finish else None,
        status_date=project.status_date,
        honour_constraints=project.honour_constraints,
        critical_limit_minutes=project.critical_slack_minutes,
    )


def project_calendar(plan: Plan) -> WorkCalendar:
    """The calendar the project names, else standard office hours."""
    built = work_calendars(plan)
    uid = plan.project.calendar_uid
    return built[uid] if uid in built else standard_calendar()


def effective_calendars(plan: Plan) -> tuple[dict[CalendarKey, WorkCalendar], dict[int, CalendarKey]]:
    """The calendars tasks work on where they differ from the project's, and which task uses which.

    A task's own calendar counts, else the hours of the people who work on it, taken together.
    """
    built = work_calendars(plan)
    project = project_calendar(plan)
    people: dict[int, set[int]] = {}
    hours_of = {r.uid: r.calendar_uid for r in plan.resources if r.type == "work" and r.calendar_uid in built}
    for assignment in plan.assignments:
        uid = hours_of.get(assignment.resource_uid)
        if uid is not None:
            people.setdefault(assignment.task_uid, set()).add(uid)
    calendars: dict[CalendarKey, WorkCalendar] = {}
    keys: dict[int, CalendarKey] = {}
    plain: set[CalendarKey] = set()  # combinations that come to the project's own hours
    for task in plan.tasks:
        if task.calendar_uid is not None and task.calendar_uid in built:
            key: CalendarKey = (task.calendar_uid,)
        elif people.get(task.uid) and not task.summary:
            key = tuple(sorted(people[task.uid]))
        else:
            continue
        if key not in calendars and key not in plain:
            calendar = built[key[0]] if len(key) == 1 else union([built[uid] for uid in key])
            if same_hours(calendar, project):
                plain.add(key)
            else:
                calendars[key] = calendar
        if key in calendars:
            keys[task.uid] = key
    return calendars, keys
