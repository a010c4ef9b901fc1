"""Booking time: one's own week, and who booked what. Cost is shown to those who may see cost, nowhere else."""

import datetime

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.asof import Asked
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui import format as fmt
from pmdm.ui.lists import ListPage
from projects.budget import verbs
from projects.budget.engine import format_minutes
from projects.budget.forms import TimeForm
from projects.lifecycle.access import project_view

WEEK = datetime.timedelta(days=7)


@project_view(read=P.TEAM_VIEW, write=P.TIME_BOOK)
def time_list(request, project):
    """GET: the own week, and everybody's entries. POST: book time."""
    monday = _monday(request.GET.get("week", ""))
    form, status = None, 200
    if request.can["time_book"]:
        form = TimeForm(request.POST or None, project=project, initial={"day": _default_day(monday)})
        if request.method == "POST":
            status = attempt(form, lambda: verbs.book_time(project, by=request.user, **form.values()))
            if status == SAVED:
                messages.success(request, _("%(time)s booked on %(day)s.") % _words(form.instance))
                return redirect(f"{request.path}?week={_monday_of(form.instance.day)}")
    context = {
        "project": project,
        "tab": "time",
        "form": form,
        "past": Asked(request, reverse("projects:past", args=[project.code, "time"])),
        **_week(request, project, monday),
        **_all(request, project),
    }
    return render(request, "projects/budget/time_list.html", context, status=status)


@project_view(read=P.TIME_BOOK, write=P.TIME_BOOK)
def time_entry(request, project, entry_id):
    entry = get_object_or_404(project.time_entries.select_related("task"), pk=entry_id, user=request.user)
    form = TimeForm(request.POST or None, instance=entry, project=project)
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda: verbs.change_time(entry, by=request.user, version=form.read_version, **form.values())
        )
        if status == SAVED:
            messages.success(request, _("%(time)s booked on %(day)s.") % _words(entry))
            return redirect(f"{_list_url(project)}?week={_monday_of(entry.day)}")
    context = {
        "project": project,
        "tab": "time",
        "form": form,
        "heading": _("Booked time"),
        "entry": entry,
        "back": "projects:time-list",
    }
    return render(request, "projects/budget/form.html", context, status=status)


@project_view(read=P.TIME_BOOK, write=P.TIME_BOOK)
def time_entry_removal(request, project, entry_id):
    entry = get_object_or_404(project.time_entries, pk=entry_id, user=request.user)
    if request.method == "POST":
        verbs.remove_time(entry, by=request.user)
        messages.success(request, _("The entry is removed."))
        return redirect(f"{_list_url(project)}?week={_monday_of(entry.day)}")
    back = reverse("projects:time-entry", args=[project.code, entry.pk])
    context = {"project": project, "tab": "time", "row": entry, "back_url": back}
    return render(request, "projects/budget/removal.html", context)


def _week(request, project, monday) -> dict:
    mine = list(
        project.time_entries.filter(user=request.user, day__gte=monday, day__lt=monday + WEEK)
        .select_related("task")
        .order_by("day", "pk")
    )
    days = []
    for offset in range(7):
        day = monday + datetime.timedelta(days=offset)
        entries = [entry for entry in mine if entry.day == day]
        days.append({"day": day, "entries": entries, "minutes": sum(entry.minutes for entry in entries)})
    this = _monday_of(timezone.localdate())
    return {
        "days": days,
        "week": monday,
        "week_end": monday + WEEK - datetime.timedelta(days=1),
        "week_minutes": sum(day["minutes"] for day in days),
        "previous_week": monday - WEEK,
        "next_week": monday + WEEK if monday < this else None,
        "today": timezone.localdate(),
    }


def _all(request, project) -> dict:
    page = ListPage(
        request,
        project.time_entries.select_related("user", "task"),
        sorts={"day": "day", "who": "user__name", "time": "minutes"},
        default_sort="-day",
    )
    sums = project.time_entries.aggregate(
        time=Sum("minutes"),
        people=Count("user", distinct=True),
        money=Sum("cost"),
        unpriced=Sum("minutes", filter=Q(cost=None)),
    )
    if not request.can["cost_view"]:
        sums["money"] = sums["unpriced"] = None
    return {"page": page, "sums": sums}


def _monday(text: str) -> datetime.date:
    """The Monday of the week asked for; this week's where the text is no date or far away."""
    today = timezone.localdate()
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return _monday_of(today)
    return _monday_of(day) if 2000 <= day.year <= today.year + 1 else _monday_of(today)


def _monday_of(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(days=day.weekday())


def _default_day(monday: datetime.date) -> datetime.date:
    today = timezone.localdate()
    return today if monday <= today < monday + WEEK else monday


def _words(entry) -> dict:
    return {"time": format_minutes(entry.minutes), "day": fmt.day(entry.day)}


def _list_url(project) -> str:
    return reverse("projects:time-list", args=[project.code])
