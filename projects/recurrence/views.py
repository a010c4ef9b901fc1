"""Recurring work: the rules of a project, one of them, a new one, its end."""

import itertools

from django.contrib import messages
from django.db.models import Count, Min, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.accounts.roles import Permission as P
from pmdm.registers.editing import SAVED, attempt
from projects.lifecycle.access import project_view
from projects.recurrence import verbs
from projects.recurrence.forms import RecurrenceForm
from projects.recurrence.models import Recurrence
from projects.recurrence.rules import planned
from projects.recurrence.words import words_of
from projects.schedule.calendars import project_calendar
from projects.schedule.localtime import zone

NEXT = 8


@project_view(read=P.SCHEDULE_VIEW)
def recurrence_list(request, project):
    today = timezone.localdate(timezone=zone(project.time_zone))
    rows = project.recurrences.annotate(
        made=Count("occurrences", filter=Q(occurrences__task__isnull=False)),
        done=Count("occurrences", filter=Q(occurrences__task__percent=100)),
        upcoming=Min(
            "occurrences__planned", filter=Q(occurrences__planned__gte=today, occurrences__task__percent__lt=100)
        ),
    ).order_by("ended_at", "name", "pk")[:200]
    context = {
        "project": project,
        "tab": "schedule",
        "view": "recurring",
        "rows": [{"rule": rule, "words": words_of(rule)} for rule in rows],
        "can_edit": request.can["schedule_edit"] and not project.locked_reason,
    }
    return render(request, "projects/recurrence/list.html", context)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def recurrence_new(request, project):
    today = timezone.localdate(timezone=zone(project.time_zone))
    rule = Recurrence(project=project, start=today, duration=project.minutes_per_day)
    form = RecurrenceForm(request.POST or None, instance=rule)
    status = 200
    if request.method == "POST":
        made: list = []
        status = attempt(form, lambda: made.append(verbs.begin(project, by=request.user, **form.values())))
        if status == SAVED:
            count = made[0].occurrences.exclude(task=None).count()
            messages.success(request, _made(count))
            return redirect("projects:recurrence", project.code, made[0].pk)
    return render(request, "projects/recurrence/form.html", _context(project, form), status=status)


@project_view(read=P.SCHEDULE_VIEW, write=P.SCHEDULE_EDIT)
def recurrence(request, project, pk):
    """The rule, its times so far and to come; for who plans as a form. POST: days to come follow the changed rule."""
    rule = _rule(project, pk)
    can_edit = request.can["schedule_edit"] and not project.locked_reason and not rule.ended_at
    form = RecurrenceForm(request.POST or None, instance=rule) if can_edit else None
    status = 200
    if request.method == "POST" and form is not None:

        def save():
            form.instance.project = project
            verbs.change(form.instance, by=request.user, version=form.cleaned_data["version"])

        status = attempt(form, save)
        if status == SAVED:
            messages.success(request, _("Saved. Tasks that somebody began, and those of the past, stay as they were."))
            return redirect("projects:recurrence", project.code, pk)
        rule = _rule(project, pk)
    days = planned(verbs.rule_of(rule), project_calendar(project).is_working_day)
    today = timezone.localdate(timezone=zone(project.time_zone))
    ahead = [] if rule.ended_at else list(itertools.islice(((d, w) for d, w in days if d >= today), NEXT))
    context = _context(project, form) | {
        "rule": rule,
        "words": words_of(rule),
        "ahead": ahead,
        "occurrences": rule.occurrences.exclude(task=None).select_related("task").order_by("-day")[:30],
    }
    return render(request, "projects/recurrence/detail.html", context, status=status)


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def recurrence_end(request, project, pk):
    """Ask, then end it."""
    rule = _rule(project, pk)
    if request.method == "POST":
        gone = verbs.end(rule, by=request.user, with_tasks="with_tasks" in request.POST)
        words = ngettext("%(n)s task to come went with it.", "%(n)s tasks to come went with it.", gone) % {"n": gone}
        messages.success(
            request, _("“%(name)s” no longer comes back.") % {"name": rule.name} + (f" {words}" if gone else "")
        )
        return redirect("projects:recurrence-list", project.code)
    return render(request, "projects/recurrence/end.html", _context(project, None) | {"rule": rule})


def _context(project, form) -> dict:
    back = reverse("projects:recurrence-list", args=[project.code])
    return {"project": project, "tab": "schedule", "view": "recurring", "form": form, "back": back}


def _rule(project, pk) -> Recurrence:
    rule = get_object_or_404(project.recurrences.select_related("summary"), pk=pk)
    rule.project = project
    return rule


def _made(count: int) -> str:
    return ngettext("%(n)s task stands in the plan now.", "%(n)s tasks stand in the plan now.", count) % {"n": count}
