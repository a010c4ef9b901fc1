"""The calendar behind a secret address, as iCalendar (RFC 5545). Permission is asked anew at each fetch."""

import datetime
import hashlib

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from pmdm.accounts.roles import Permission as P
from projects.agenda.entries import DEADLINE, MILESTONE, Due, Entry, dues, of_person, of_project
from projects.agenda.models import CalendarFeed
from projects.lifecycle.models import Project
from projects.schedule.exporting import event_uid

DAY = datetime.timedelta(days=1)
BACK = datetime.timedelta(days=90)
REFRESH = datetime.timedelta(hours=1)


def entries_of(feed: CalendarFeed, now: datetime.datetime) -> list[Entry | Due] | None:
    """What its person may see now; None where the address shows nothing any more."""
    if feed.revoked_at or not feed.user.is_active:
        return None
    first = now.date() - BACK
    if feed.project_id is None:
        return [*of_person(feed.user, first, None, now=now), *dues(feed.user, first, None, now=now)]
    project = Project.objects.allowing(feed.user, P.SCHEDULE_VIEW).filter(pk=feed.project_id).first()
    return None if project is None else [*of_project(project, first, None, now=now)]


def calendar_of(feed: CalendarFeed, entries: list[Entry | Due], now: datetime.datetime | None = None) -> Calendar:
    """Whole-day events that block nobody's time; the same task keeps its UID whatever is changed about it."""
    now = now or timezone.now()
    calendar = Calendar()
    calendar.add("prodid", "-//PMDM//Plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", str(feed.project.name if feed.project_id else _("PMDM: everything of mine")))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for entry in entries:
        if isinstance(entry, Due):
            calendar.add_component(_due_event(entry, now))
        else:
            calendar.add_component(_event(entry, now, with_project=feed.project_id is None))
    return calendar


def tag_of(entries: list[Entry | Due]) -> str:
    """Changes when what is shown changes; not with the time at which it is written."""
    content = [
        (e.source, e.number, e.first, e.name, e.project.name)
        if isinstance(e, Due)
        else (e.kind, e.task.pk, e.task.version, e.first, e.last, e.task.name, e.task.percent, e.task.project.name)
        for e in entries
    ]
    return hashlib.sha256(repr(content).encode()).hexdigest()[:32]


def _event(entry: Entry, now, *, with_project: bool) -> Event:
    task, project = entry.task, entry.task.project
    event = Event()
    event.add("uid", event_uid(project, task.uid, "deadline" if entry.kind == DEADLINE else "task"))
    event.add("dtstamp", now.astimezone(datetime.UTC).replace(microsecond=0))
    event.add("dtstart", entry.first)
    event.add("dtend", entry.last + DAY)
    event.add("summary", _summary(entry) + (f" ({project.name})" if with_project else ""))
    event.add("categories", [str({MILESTONE: _("Milestone"), DEADLINE: _("Deadline")}.get(entry.kind, _("Task")))])
    event.add("description", _("%(project)s, %(wbs)s, %(percent)s %% complete") % {
        "project": project.name, "wbs": task.wbs, "percent": task.percent,
    })  # fmt: skip
    event.add("url", f"{settings.SITE_URL.rstrip('/')}/projects/{project.code}/schedule/tasks/{task.uid}/")
    event.add("sequence", task.version)
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    return event


def _due_event(due: Due, now) -> Event:
    event = Event()
    event.add("uid", event_uid(due.project, due.number, due.source))
    event.add("dtstamp", now.astimezone(datetime.UTC).replace(microsecond=0))
    event.add("dtstart", due.first)
    event.add("dtend", due.first + DAY)
    event.add("summary", f"{_('Deadline: %(name)s') % {'name': due.name}} ({due.project.name})")
    event.add("categories", [str(_("Deadline"))])
    if due.url:
        event.add("url", settings.SITE_URL.rstrip("/") + due.url)
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED")
    return event


def _summary(entry: Entry) -> str:
    if entry.kind == MILESTONE:
        return f"◆ {entry.task.name}"
    if entry.kind == DEADLINE:
        return _("Deadline: %(name)s") % {"name": entry.task.name}
    return entry.task.name
