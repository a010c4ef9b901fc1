"""How one plan is computed: changing it computes the plan anew, and says before what would move."""

from typing import Any

from django.db import transaction

from projects.lifecycle.models import Project
from projects.schedule.plan import Outcome, Plan


@transaction.atomic
def change_settings(project: Project, *, by, **values: Any) -> Outcome:
    """Set fields of the plan's settings and compute the plan by them; ValidationError where it can't be."""
    plan = Plan.locked(project, by=by)
    for name, value in values.items():
        setattr(plan.settings, name, value)
    plan.settings.save()
    outcome = plan.finish()
    project.computed_start, project.computed_finish = plan.project.computed_start, plan.project.computed_finish
    return outcome


def preview_settings(project: Project, **values: Any) -> Outcome:
    """What ``change_settings`` would move; nothing is saved."""
    plan = Plan(project)
    for name, value in values.items():
        setattr(plan.settings, name, value)
    return plan.preview()
