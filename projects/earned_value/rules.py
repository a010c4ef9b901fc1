"""How tasks earn: the project's default, one rule for many tasks, and what weighted milestones and units count."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from projects.earned_value.models import DEFAULT_RULES, EarningRule, EarningSettings, EarningStep, TaskEarning
from projects.lifecycle.standing import while_open
from projects.models import Project, Task

MOST_STEPS = 50


def settings_of(project) -> EarningSettings:
    """The project's own, or the usual ones, not yet saved."""
    return EarningSettings.objects.filter(project=project).first() or EarningSettings(project=project)


def tasks_that_earn(project):
    """Tasks with work of their own, with their rule."""
    return project.tasks.filter(is_summary=False, is_active=True).select_related("earning").order_by("number")


@while_open
def set_default(project: Project, *, by, rule: str, watch: Decimal, act: Decimal) -> EarningSettings:
    """The rule of every task without one of its own, and the thresholds of the indices."""
    _lock(project)
    settings, _new = EarningSettings.objects.update_or_create(
        project=project, defaults={"rule": rule, "watch": watch, "act": act}
    )
    return settings


@while_open
def apply_rule(project: Project, tasks: Iterable[Task], *, by, rule: str | None) -> int:
    """Give many tasks one rule, or (None) the project's again; the number that changed.

    Weighted milestones and units are a task's own: ValidationError.
    """
    if rule is not None and rule not in DEFAULT_RULES:
        raise ValidationError(_("This rule counts something of each task: open the task and say what."), code="own")
    _lock(project)
    chosen = set(tasks_that_earn(project).filter(pk__in=[task.pk for task in tasks]).values_list("pk", flat=True))
    there = TaskEarning.objects.filter(task__in=chosen)
    if rule is None:
        return there.delete()[0]
    changed = there.exclude(rule=rule).update(rule=rule)
    known = set(there.values_list("task", flat=True))
    new = [TaskEarning(project=project, task_id=pk, rule=rule) for pk in sorted(chosen - known)]
    TaskEarning.objects.bulk_create(new, batch_size=1000)
    return changed + len(new)


@while_open
def change_task(
    task: Task,
    *,
    by,
    rule: str | None,
    units_total: Decimal | None = None,
    units_done: Decimal | None = None,
    steps: Iterable[Mapping[str, Any]] = (),
) -> None:
    """One task's rule (None: the project's) with what it counts: all of it as given, what is left out goes.

    ValidationError where the rule lacks what it counts, or two milestones have one name.
    """
    steps = list(steps)
    if rule == EarningRule.UNITS and not units_total:
        raise ValidationError({"units_total": _("Say how many units there are, such as 40.")})
    if units_total is not None and (units_done or 0) > units_total:
        raise ValidationError(
            {"units_done": _("At most all %(total)s units are done.") % {"total": units_total.normalize()}}
        )
    if rule == EarningRule.MILESTONES and not steps:
        raise ValidationError(_("Weighted milestones need at least one milestone with its weight."), code="steps")
    names = [step["name"].casefold() for step in steps]
    if len(set(names)) < len(names):
        raise ValidationError(_("Two milestones have the same name; say which is which."), code="steps")
    _lock(task.project)
    if rule is None:
        TaskEarning.objects.filter(task=task).delete()
    else:
        TaskEarning.objects.update_or_create(
            task=task,
            defaults={
                "project": task.project,
                "rule": rule,
                "units_total": units_total,
                "units_done": units_done or Decimal(0),
            },
        )
    _keep_steps(task, steps)


def _keep_steps(task: Task, steps: list[Mapping[str, Any]]) -> None:
    """Milestones by name: a kept one stays the row it was, so that its history is one."""
    there = {step.name.casefold(): step for step in task.earning_steps.all()}
    for position, step in enumerate(steps):
        row = there.pop(step["name"].casefold(), None) or EarningStep(project=task.project, task=task)
        values = {**step, "position": position}
        if row.pk is None or any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
    EarningStep.objects.filter(pk__in=[row.pk for row in there.values()]).delete()


def _lock(project: Project) -> None:
    Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
