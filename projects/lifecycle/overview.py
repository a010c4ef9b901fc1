"""What the overview of a project shows, in a fixed number of queries."""

import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.accounts.roles import Permission as P
from pmdm.kpis import figures
from pmdm.prepared import PreparedRows
from projects.benefits.reading import project_summary
from projects.control.changes import path_change
from projects.lessons.offers import unheard
from projects.lifecycle import track
from projects.lifecycle.models import StatusUpdate
from projects.risks.matrix import heat_cells
from projects.risks.models import Risk
from projects.schedule.models import Task

MILESTONES = 5
TOP_RISKS = 5

_update_of = PreparedRows(
    lambda project: StatusUpdate.objects.filter(project=project).select_related("by").order_by("-at")[:1]
)
_milestones_of = PreparedRows(
    lambda project: Task.objects.filter(
        project=project, is_milestone=True, percent__lt=100, finish__isnull=False
    ).order_by("finish", "number")[:MILESTONES]
)
_open_risks_of = PreparedRows(lambda project: Risk.objects.filter(project=project).open().select_related("owner"))


def overview(project, user, can) -> dict:
    """Context of the overview page; parts the reader's role may not see are None."""
    objectives = list(project.objectives.all())
    phases = _states(project)
    # From planning on, a project without a delivery manager lacks the person who will take it over.
    planning = phases["planning"] != "pending"
    inside = P.PROJECT_ACTIVITY_VIEW in can
    return {
        "track": track.steps(project, user, links=inside),
        "latest": next(iter(_update_of(project.pk)), None) if inside else None,
        "inside": inside,
        "needs_delivery_manager": planning,
        "closing": phases["closing"] == "active",
        "client_url": f"{reverse('projects:list')}?client={project.client_id}",
        "objectives": objectives,
        "objectives_met": sum(1 for objective in objectives if objective.is_met),
        "milestones": _milestones(project) if P.SCHEDULE_VIEW in can else None,
        "risks": _risks(project) if P.RISK_VIEW in can else None,
        "figures": _figures(project, can) if P.PROJECT_KPI_VIEW in can else None,
        "change": path_change(project) if P.PROJECT_KPI_VIEW in can and not project.locked_reason else None,
        "benefits": project_summary(project) if P.BENEFIT_VIEW in can else None,
        "offers": unheard(project, user, can, phases),
        "first_steps": _first_steps(project) if P.PROJECT_EDIT in can and not planning else [],
    }


def _states(project) -> dict[str, str]:
    """Where the project stands in its life cycle: a kind with several phases is done when all of them are."""
    found: dict[str, set[str]] = {}
    for kind, state in project.phases.order_by().values_list("kind", "state"):
        found.setdefault(kind, set()).add(state)
    return {kind: next(iter(states)) if len(states) == 1 else "active" for kind, states in found.items()}


def _figures(project, can) -> list:
    return figures.headline(figures.for_subject("project", project.pk, can=can))


def _milestones(project) -> list[dict]:
    """The next milestones that are not reached, with how late each is against the baseline or its deadline."""
    tasks = _milestones_of(project.pk)
    planned = dict(
        project.baselines.model.objects.filter(project=project, is_active=True, tasks__task__in=tasks).values_list(
            "tasks__task", "tasks__finish"
        )
        if tasks
        else ()
    )
    today = timezone.localdate()
    return [_milestone(task, planned.get(task.pk) or task.deadline, today) for task in tasks]


def _milestone(task, planned, today: datetime.date) -> dict:
    finish = timezone.localtime(task.finish).date()
    late = (finish - timezone.localtime(planned).date()).days if planned else 0
    if finish < today:
        status, word = "act", _("Overdue")
    elif late > 0:
        status = "watch" if late <= 10 else "act"
        word = ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late}
    else:
        status, word = "ok", _("On track") if planned else _("Planned")
    return {"task": task, "day": finish, "status": status, "word": word}


def _risks(project) -> dict:
    risks = _open_risks_of(project.pk)
    scored = sorted((risk for risk in risks if risk.score), key=lambda risk: (-risk.score, risk.number))
    return {
        "count": len(risks),
        "top": scored[:TOP_RISKS],
        "cells": heat_cells(project, risks, top=scored[:TOP_RISKS]),
    }


def _first_steps(project) -> list[tuple[str, str, bool]]:
    """What a project in initiation needs, until each is there: (text, address, done)."""
    if project.locked_reason:
        return []
    steps = [
        (_("Say what will be different when this is done"), "projects:edit", bool(project.goal)),
        (_("Name the sponsor who decides at the gates"), "projects:team", bool(project.sponsor)),
        (_("Add an objective with a measure and a target"), "projects:objective-new", project.objectives.exists()),
        (_("Write the first requirements"), "projects:requirement-list", project.requirements.exists()),
        (_("Plan the work, or import the plan you have"), "projects:schedule", project.tasks.exists()),
        (_("Raise the risks you already see"), "projects:risk-list", project.risks.exists()),
    ]
    return [(text, reverse(name, args=[project.code]), done) for text, name, done in steps]
