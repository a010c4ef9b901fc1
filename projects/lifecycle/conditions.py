"""Conditions of a "go with conditions": each is a task with an owner and a day, and holds the next gate until done."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

LONGEST = 240  # characters


@dataclass(frozen=True)
class Wanted:
    """One condition as the decider names it: what, by whom, until when."""

    text: str
    owner: Any
    due: datetime.date


def met(prefix: str = "") -> Q:
    """The checklist lines that are met: ticked, or conditions whose task is finished."""
    return Q(**{f"{prefix}done_at__isnull": False}) | Q(**{f"{prefix}condition__task__percent": 100})


def lock(project):
    """The project's row as it is now, kept until the transaction ends."""
    return type(project)._base_manager.select_for_update(of=("self",)).only("pk", "state").get(pk=project.pk)


def check(project, conditions: Sequence[Wanted], at: datetime.datetime) -> None:
    """ValidationError unless each says what, by one of the project's own people, not before the decision."""
    if not conditions:
        raise ValidationError({"conditions": _("Name at least one condition, with its owner and its day.")})
    decided = timezone.localtime(at).date()
    ours = set(
        project.memberships.filter(user__in=[one.owner for one in conditions], user__organisation=None).values_list(
            "user", flat=True
        )
    )
    for one in conditions:
        if not one.text.strip() or len(one.text) > LONGEST:
            problem = _("A condition has 1 to %(n)d characters.") % {"n": LONGEST}
        elif one.owner.pk not in ours or not one.owner.is_active:
            problem = _("%(name)s has no role on this project. Name somebody of its team.") % {"name": one.owner.name}
        elif one.due < decided:
            problem = _("“%(text)s” would be due before the decision. Choose a later day.") % {"text": one.text}
        else:
            continue
        raise ValidationError({"conditions": problem})


def agree(decision, phase, conditions: Sequence[Wanted], *, by, at: datetime.datetime) -> None:
    """Make each a task that starts no earlier than the decision, and a required line of the phase's gate."""
    from projects.schedule import edits
    from projects.schedule.models import Task

    project = decision.project
    today = timezone.localtime(at).date().isoformat()
    applied = edits.apply_ops(
        project,
        by=by,
        ops=[
            {
                "op": "add",
                "ref": f"c{number}",
                "fields": {
                    "name": one.text,
                    "duration": "1d",
                    "constraint": "SNET",
                    "constraint_date": today,
                    "deadline": one.due.isoformat(),
                    "people": one.owner.email,
                },
            }
            for number, one in enumerate(conditions)
        ],
        label=_("Conditions of the gate of %(phase)s") % {"phase": decision.phase},
    )
    tasks = {task.uid: task for task in Task.objects.filter(project=project, uid__in=applied.added.values())}
    for number, one in enumerate(conditions):
        decision.agreed.create(
            project=project,
            text=one.text,
            owner=one.owner,
            due=one.due,
            task=tasks[applied.added[f"c{number}"]],
            line=phase.add_line(_("Condition of the last gate: %(line)s") % {"line": one.text}),
        )


def check_tick(condition) -> None:
    """A condition with a task is not ticked by hand: its task says when it is met."""
    if condition.task is None:
        return
    raise ValidationError(
        _("This condition is task %(number)s of the plan: it is met when that task is finished.")
        % {"number": condition.task.number}
    )


def keep_met(project, keys: Iterable[str], at: datetime.datetime) -> None:
    """At the gate: tick the conditions whose task is finished, so that the line keeps what the gate saw."""
    lines = project.checklist_items.filter(phase__key__in=keys, done_at=None, condition__task__percent=100)
    for line in lines.select_related("condition__task", "condition__owner"):
        task = line.condition.task
        line.done_by, line.done_at = line.condition.owner, task.actual_finish or at
        line.evidence = _("Task %(number)s of the plan is finished.") % {"number": task.number}
        line.save(update_fields=["done_by", "done_at", "evidence"])
