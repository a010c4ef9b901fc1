"""What people do to sprints: plan, fill, start, close. Each is one transaction under the project's lock."""

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from pmdm.ui import format as fmt
from projects.board.cards import cards_of
from projects.lifecycle.standing import while_open
from projects.schedule.models import Task
from projects.sprints.models import Sprint, SprintTask

FIELDS = ["name", "goal", "start", "finish", "capacity"]


@while_open
def plan_sprint(project, *, by, **fields) -> Sprint:
    """A new sprint; its days are nobody else's."""
    sprint = Sprint(project=project, **fields)
    _check_days(sprint)
    sprint.save()
    return sprint


@while_open
def change_sprint(sprint: Sprint, *, by, version: int) -> None:
    """Save it as it is in memory; a closed one stays as it was."""
    if Sprint.objects.filter(pk=sprint.pk).exclude(closed_at=None).exists():
        raise ValidationError(_("“%(name)s” is closed.") % {"name": sprint.name}, code=FIRST)
    _check_days(sprint)
    sprint.save_changes(FIELDS, version=version)


@while_open
def take_in(sprint: Sprint, tasks: Iterable[Task], *, by, at: datetime.datetime | None = None) -> int:
    """Put tasks into the sprint, out of any other that is not closed. How many came."""
    at = at or timezone.now()
    _is_open(sprint)
    wanted = cards_of(sprint.project).filter(pk__in=[task.pk for task in tasks])
    there = set(SprintTask.objects.filter(sprint=sprint, removed_at=None).values_list("task_id", flat=True))
    new = [task for task in wanted if task.pk not in there]
    _leave(SprintTask.objects.filter(task__in=new), at)
    SprintTask.objects.bulk_create(
        SprintTask(project=sprint.project, sprint=sprint, task=task, added_at=at) for task in new
    )
    return len(new)


@while_open
def take_out(sprint: Sprint, tasks: Iterable[Task], *, by, at: datetime.datetime | None = None) -> int:
    """Put tasks back. How many went."""
    _is_open(sprint)
    return _leave(SprintTask.objects.filter(sprint=sprint, task__in=list(tasks)), at or timezone.now())


@while_open
def start(sprint: Sprint, *, by, at: datetime.datetime | None = None) -> None:
    """Begin it; one is under way at a time."""
    other = Sprint.objects.filter(project=sprint.project, closed_at=None).exclude(started_at=None).first()
    if other is not None:
        words = _("“%(name)s” is under way already.") if other.pk == sprint.pk else _("Close “%(name)s” first.")
        raise ValidationError(words % {"name": other.name}, code=FIRST)
    if not SprintTask.objects.filter(sprint=sprint, removed_at=None).exists():
        raise ValidationError(_("There is nothing in “%(name)s” yet: take tasks in first.") % {"name": sprint.name})
    begun = Sprint.objects.filter(pk=sprint.pk, started_at=None)
    if not begun.update(started_at=at or timezone.now(), started_by=by):
        raise ValidationError(_("“%(name)s” is closed.") % {"name": sprint.name}, code=FIRST)
    sprint.refresh_from_db()


@while_open
def close(sprint: Sprint, *, by, to: Sprint | None = None, at: datetime.datetime | None = None) -> int:
    """End it: what is not done goes into sprint ``to``, or back where no sprint is. How many tasks that were."""
    at = at or timezone.now()
    project = sprint.project
    if to is not None:
        to.refresh_from_db()
        if to.project_id != project.pk or to.pk == sprint.pk or to.closed_at:
            raise ValidationError(_("What is left can't go there: choose another sprint."))
    closed = Sprint.objects.filter(pk=sprint.pk, closed_at=None).exclude(started_at=None)
    if not closed.update(closed_at=at, closed_by=by):
        raise ValidationError(_("“%(name)s” is not under way.") % {"name": sprint.name}, code=FIRST)
    left = list(unfinished(sprint))
    _leave(SprintTask.objects.filter(sprint=sprint, task__in=left), at)
    if to is not None:
        SprintTask.objects.bulk_create(SprintTask(project=project, sprint=to, task=task, added_at=at) for task in left)
    sprint.refresh_from_db()
    return len(left)


def unfinished(sprint: Sprint):
    """Its tasks that are not done."""
    return Task.objects.filter(
        sprint_entries__sprint=sprint, sprint_entries__removed_at=None, percent__lt=100
    ).order_by("number")


def backlog(project):
    """Cards that are not done and in no sprint that is not closed."""
    inside = SprintTask.objects.filter(project=project, removed_at=None, sprint__closed_at=None)
    return cards_of(project).filter(percent__lt=100).exclude(pk__in=inside.values("task")).order_by("number")


def _leave(entries, at) -> int:
    # What is done stays in the closed sprint in which it was done.
    return entries.filter(removed_at=None, sprint__closed_at=None).update(removed_at=at) + (
        entries.filter(removed_at=None, sprint__closed_at=at).update(removed_at=at)
    )


def _check_days(sprint: Sprint) -> None:
    if sprint.finish < sprint.start:
        raise ValidationError({"finish": _("The last day lies before the first.")})
    others = Sprint.objects.filter(project=sprint.project, start__lte=sprint.finish, finish__gte=sprint.start)
    if other := others.exclude(pk=sprint.pk).first():
        raise ValidationError(
            {
                "start": _("“%(name)s” has some of these days: %(start)s to %(finish)s.")
                % {"name": other.name, "start": fmt.day(other.start), "finish": fmt.day(other.finish)}
            }
        )


def _is_open(sprint: Sprint) -> None:
    if Sprint.objects.filter(pk=sprint.pk).exclude(closed_at=None).exists():
        raise ValidationError(_("“%(name)s” is closed.") % {"name": sprint.name}, code=FIRST)
