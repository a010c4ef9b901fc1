"""Finding and placing people: who is free, what if they take it, and named people in place of a generic resource."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.models import PersonSkill, Skill, User
from pmdm.accounts.roles import Role
from projects.lifecycle.standing import while_open
from projects.schedule import edits
from projects.schedule.calendars import project_calendar, work_calendar
from projects.schedule.localtime import to_wall
from projects.schedule.models import Assignment, Resource, Task
from projects.team import verbs
from projects.team.availability import Assigned, assigned, availability_of
from projects.team.engine import Candidate, Demand, Fit, edges_of, rank, remaining_minutes, spread

DAY = datetime.timedelta(days=1)
LONGEST = 366  # days
SHOWN = 30


@dataclass(frozen=True)
class Suggestion:
    user: User
    fit: Fit
    level: str  # of the skill asked for, in words
    member: bool


@dataclass(frozen=True)
class Wanted:
    """Some work that needs somebody: a period, how much of each day, perhaps a skill."""

    first: datetime.date
    last: datetime.date
    percent: int = 100
    skill: Skill | None = None


def suggest(project, wanted: Wanted, *, now=None) -> list[Suggestion]:
    """Our people by how well the work fits into their free time; with a skill only those who have it.

    Whoever may add people to a team may see of everybody how free they are, not what they do elsewhere.
    """
    now = now or timezone.now()
    people = User.objects.filter(is_active=True, organisation=None).select_related("department")
    levels: dict[int, int] = {}
    if wanted.skill:
        levels = dict(PersonSkill.objects.filter(skill=wanted.skill).values_list("user", "level"))
        people = people.filter(pk__in=levels)
    else:
        # Without a skill: those who work on projects or plan to; not the whole house.
        people = people.filter(
            Q(project_memberships__role__in=(Role.MEMBER, Role.MANAGER)) | ~Q(skills=None)
        ).distinct()
    by_id = {user.pk: user for user in people}
    load = load_by_day(by_id, wanted.first, wanted.last, now)
    able = availability_of(by_id, wanted.first, wanted.last)
    days = [wanted.first + DAY * number for number in range((wanted.last - wanted.first).days + 1)]
    candidates = [
        Candidate(
            pk,
            [able[pk].before_absence(day) for day in days],
            [able[pk].on(day) for day in days],
            load[pk],
            levels.get(pk, 0),
        )
        for pk in by_id
    ]
    words = dict(PersonSkill.Level.choices)
    members = set(project.memberships.values_list("user", flat=True))
    fits = [fit for fit in rank(candidates, wanted.percent) if fit.wanted]
    return [
        Suggestion(by_id[fit.key], fit, str(words.get(fit.level, "")), fit.key in members)  # type: ignore[index]
        for fit in fits[:SHOWN]
    ]


def load_by_day(people, first: datetime.date, last: datetime.date, now) -> dict[int, list[int]]:
    """Minutes of each day that assignments take, by person."""
    count = (last - first).days + 1
    edges = edges_of(first, count, days=1)
    load: dict[int, list[int]] = defaultdict(lambda: [0] * count)
    for item in assigned(Q(resource__user__in=list(people)), now=now):
        sums = load[item.user_id or 0]
        for at, minutes in enumerate(spread(item.demand, edges, item.now)):
            sums[at] += minutes
    return load


def what_if(task: Task, user: User, units: int, *, now=None) -> Assigned:
    """The assignment as it would be, for ``heat_map(extra=…)``; nothing is saved."""
    project = task.project
    now = now or timezone.now()
    calendar = work_calendar(task.calendar) if task.calendar else project_calendar(project)
    start, finish, today = (to_wall(moment, project) for moment in (task.start, task.finish, now))
    assert start is not None
    assert finish is not None
    assert today is not None
    length = calendar.between(start, finish) if task.duration_elapsed else task.duration
    left = remaining_minutes(length, units, percent=task.percent, remaining=task.remaining)
    demand = Demand(f"new-{task.pk}-{user.pk}", start, finish, left, calendar, float(units))
    return Assigned(
        demand, user.pk, 0, project.pk, task.pk, task.uid, task.number, task.name, float(units), start, finish, today
    )


@while_open
def assign(task: Task, user: User, *, by, units: int) -> None:
    """Put a person on a task with so much of their time; who is not in the team joins it."""
    project = task.project
    if task.is_summary:
        raise ValidationError(_("People work on the tasks below a summary, not on the summary."))
    join(project, user, by=by)
    resource = project.resources.filter(user=user).first()
    if task.assignments.filter(resource__user=user).exists():
        raise ValidationError(_("%(user)s is on this task already.") % {"user": user})
    there = [edits.Person(resource=one.resource) for one in task.assignments.select_related("resource")]
    share = Decimal(units)
    new = edits.Person(resource=resource, units=share) if resource else edits.Person(user=user, units=share)
    edits.change_task(task, by=by, people=[*there, new])


def join(project, user: User, *, by) -> None:
    if not project.memberships.filter(user=user).exclude(role=Role.CLIENT).exists():
        verbs.give_role(project, by=by, user=user, role=Role.MEMBER)


@while_open
def add_generic(project, *, by, name: str, units: int, skill: Skill | None = None) -> Resource:
    """A resource that is nobody yet: '2 testers' has 200 % units."""
    project = type(project).objects.select_for_update(of=("self",)).get(pk=project.pk)
    last = project.resources.order_by("-uid").values_list("uid", flat=True).first() or 0
    return project.resources.create(uid=last + 1, name=name, max_units=units, skill=skill)


@while_open
def replace_generic(resource: Resource, people: list[User], *, by) -> int:
    """Put named people in place of a resource that is nobody yet: its units and work are shared out, none is lost.

    One step of the plan, which undo takes back; the resource stays for that, without tasks. The first ones get what
    does not divide evenly. Who is on a task already takes their share on top. The number of assignments that changed
    hands.
    """
    if resource.user_id:
        raise ValidationError(_("%(name)s is somebody already.") % {"name": resource})
    people = list(dict.fromkeys(people))
    if not people:
        raise ValidationError({"people": _("Choose at least one person.")})
    project = resource.project
    type(project).objects.select_for_update(of=("self",)).get(pk=project.pk)
    for person in people:
        join(project, person, by=by)
    held = resource.assignments.values_list("task", "work")
    work: dict[int | None, int] = {task: minutes for task, minutes in held if minutes is not None}
    ours = Assignment.objects.filter(project=project, task__in=work, resource__user__in=people)
    there = set(ours.values_list("pk", flat=True))
    tasks = edits.name_people(resource, people, by=by)
    order: dict[int | None, int] = {person.pk: number for number, person in enumerate(people)}
    for assignment in ours.select_related("resource"):
        share = _shares(work[assignment.task_id], len(people))[order[assignment.resource.user_id]]
        if assignment.pk not in there:
            assignment.work = share
        elif assignment.work is not None:
            assignment.work += share
        assignment.save(update_fields=["work"])
    return len(tasks)


@while_open
def remove_generic(resource: Resource, *, by) -> None:
    """Forget a resource that is nobody and has no task."""
    if resource.user_id or resource.assignments.exists():
        raise ValidationError(_("“%(name)s” has tasks, or is somebody: it stays.") % {"name": resource})
    resource.delete()


def _shares(whole: int, count: int) -> list[int]:
    """Whole numbers that add up to ``whole``, as even as can be."""
    each, rest = divmod(whole, count)
    return [each + (number < rest) for number in range(count)]
