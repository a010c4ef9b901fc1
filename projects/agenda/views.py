"""Calendars of a project and of one's own, a task moved to another day, and the secret addresses."""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from pmdm.accounts.access import public_view, signed_in_view
from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from pmdm.registers.editing import SAVED, attempt
from pmdm.ui.month import by_day, neighbours, span_of, weeks
from projects.agenda.entries import ABSENCE, absences, dues, of_person, of_project
from projects.agenda.feeds import calendar_of, entries_of, tag_of
from projects.agenda.forms import AgendaFilter, FeedForm, MoveForm
from projects.agenda.models import CalendarFeed, hash_of
from projects.lifecycle.access import project_view
from projects.schedule import edits
from projects.schedule.calendars import day_start, project_calendar
from projects.schedule.localtime import to_instant, to_wall, zone
from projects.schedule.models import Task

VIEWS = ("month", "week")
REFUSED = 422


@dataclass
class Agenda:
    """One month or week as somebody asked to see it."""

    path: str
    view: str
    on: datetime.date
    today: datetime.date
    form: AgendaFilter
    entries: list
    id: str = "agenda"
    sort: str = ""
    default_sort: str = ""

    def __post_init__(self):
        self.first, self.last = span_of(self.view, self.on)
        self.weeks = weeks(self.entries, self.view, self.on, self.today)
        self.days = by_day(self.entries, self.first)
        before, after = neighbours(self.view, self.on)
        self.before_url, self.after_url = self.url(on=before), self.url(on=after)
        self.today_url = self.url(on=self.today)
        self.month_url, self.week_url = self.url(view="month"), self.url(view="week")

    def url(self, *, view: str = "", on: datetime.date | None = None) -> str:
        show = self.form.cleaned_data.get("show") if self.form.is_valid() else ""
        return f"{self.path}?view={view or self.view}&on={on or self.on}" + (f"&show={show}" if show else "")


@project_view(read=P.SCHEDULE_VIEW)
def calendar(request, project):
    today = timezone.localdate(timezone=zone(project.time_zone))
    with_people = request.can["team_view"]
    view, on, form = _asked(request, today, with_people=with_people)
    first, last = span_of(view, on)
    entries: list = of_project(project, first, last, form.kinds)
    if with_people and ABSENCE in form.kinds:
        entries += absences(project.memberships.exclude(role=Role.CLIENT).values("user"), first, last)
    page = Agenda(request.path, view, on, today, form, sorted(entries, key=lambda entry: entry.order))
    can_plan = request.can["schedule_edit"] and not project.locked_reason
    context = {"project": project, "tab": "schedule", "view": "calendar", "page": page, "can_plan": can_plan}
    return render(request, "projects/agenda/calendar.html", context)


@signed_in_view
def my_calendar(request):
    """Everything of one's own, across projects."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    today = timezone.localdate()
    view, on, form = _asked(request, today)
    first, last = span_of(view, on)
    entries: list = [*of_person(request.user, first, last, form.kinds), *dues(request.user, first, last, form.kinds)]
    if ABSENCE in form.kinds:
        entries += absences([request.user.pk], first, last)
    page = Agenda(request.path, view, on, today, form, sorted(entries, key=lambda entry: entry.order))
    return render(request, "projects/agenda/my_calendar.html", {"page": page, "across": True})


@project_view(read=P.SCHEDULE_EDIT, write=P.SCHEDULE_EDIT)
def calendar_move(request, project, uid):
    """Where a task starts, by its day alone; its duration stays."""
    task = get_object_or_404(project.tasks.filter(is_summary=False), uid=uid)
    task.project = project
    now = to_wall(task.start, project)
    form = MoveForm(
        request.POST or None, task=task, initial={"start": now.date() if now else None, "version": task.version}
    )
    status = 200
    if request.method == "POST":
        done: list = []
        status = attempt(form, lambda: done.append(move_to(task, by=request.user, **form.cleaned_data)))
        if status == SAVED:
            messages.success(request, done[0].sentence)
            on = form.cleaned_data["start"]
            return redirect(f"{reverse('projects:calendar', args=[project.code])}?on={on}")
    context = {"project": project, "tab": "schedule", "view": "calendar", "form": form, "task": task}
    return render(request, "projects/agenda/move.html", context, status=status)


def move_to(task: Task, *, by, start: datetime.date, version: int):
    """Start a task on that day: an automatic one no earlier than, a manual one then; ValidationError once it began."""
    project = task.project
    if task.actual_start or task.percent:
        raise ValidationError(_("“%(name)s” has begun: its start is a fact now.") % {"name": task.name})
    begin = to_instant(day_start(project_calendar(project), start), project)
    if task.mode == Task.Mode.MANUAL:
        fields: dict = {"manual_start": begin, "manual_finish": None}
    else:
        fields = {"constraint": Task.Constraint.SNET, "constraint_date": begin}
    return edits.change_task(task, by=by, version=version, **fields)


# Secret addresses


@signed_in_view
def feeds(request):
    """One's own addresses. A new one is shown once, in the answer to the POST that made it."""
    form = FeedForm(request.POST or None, user=request.user)
    address, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            _feed, token = CalendarFeed.make(by=request.user, project=form.project)
            address = settings.SITE_URL.rstrip("/") + reverse("calendar-feed", args=[token])
            form = FeedForm(user=request.user)
        else:
            status = REFUSED
    elif code := request.GET.get("project"):
        form = FeedForm(user=request.user, initial={"what": code})
    rows = request.user.calendar_feeds.select_related("project").order_by("revoked_at", "-created_at")
    context = {"form": form, "address": address, "feeds": rows[:50]}
    return render(request, "projects/agenda/feeds.html", context, status=status)


@signed_in_view
def feed_revocation(request, pk):
    """POST: this address of one's own stops working."""
    if request.method != "POST":
        return redirect("projects:feeds")
    if get_object_or_404(request.user.calendar_feeds, pk=pk).revoke(by=request.user):
        messages.success(request, _("The address no longer works."))
    return redirect("projects:feeds")


@public_view
def calendar_feed(request, token):
    """The calendar behind an address: nothing is asked but the address; an unknown, old or useless one is 404."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    now = timezone.now()
    feed = CalendarFeed.objects.select_related("user", "project").filter(token_hash=hash_of(token)).first()
    entries = entries_of(feed, now) if feed else None
    if feed is None or entries is None:
        return _private(HttpResponse(_("No calendar here."), status=404, content_type="text/plain; charset=utf-8"))
    feed.used(now)
    tag = f'W/"{tag_of(entries)}"'
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        return _private(unchanged)
    response = HttpResponse(calendar_of(feed, entries, now).to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="pmdm.ics"'
    response["ETag"] = tag
    return _private(response)


def _private(response):
    # The reader's own program may keep it, and asks each time whether it still holds; nobody between may.
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def _asked(request, today, *, with_people=True):
    view = request.GET.get("view", "")
    try:
        on = datetime.date.fromisoformat(request.GET.get("on", ""))
        on = on if 1950 <= on.year <= 2250 else today
    except ValueError:
        on = today
    return view if view in VIEWS else "month", on, AgendaFilter(request.GET)
