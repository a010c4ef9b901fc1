"""Weeks that are over and that nobody has submitted: who owes them, and the mail that reminds, once a week at most."""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.accounts.models import User
from pmdm.accounts.roles import PROJECT_PERMISSIONS, Role
from pmdm.accounts.roles import Permission as P
from pmdm.jobs import outbox
from pmdm.jobs.periodic import periodic
from projects.budget.models import TimeEntry
from projects.lifecycle.models import Project
from projects.team.availability import availability_of
from projects.team.models import Membership
from projects.timesheets.locking import monday_of
from projects.timesheets.models import Timesheet, TimesheetPart

WEEK = datetime.timedelta(days=7)
DAY = datetime.timedelta(days=1)
LOOKED_BACK = 4  # weeks
BOOKED_WITHIN = 8 * WEEK
KIND = "timesheets.remind"
BOOKING = [role for role, held in PROJECT_PERMISSIONS.items() if P.TIME_BOOK in held]


@dataclass(frozen=True)
class Missing:
    """A person and the Mondays of the weeks they owe, the oldest first."""

    user: User
    weeks: list[datetime.date]


def missing_of(projects, today: datetime.date, weeks: int = LOOKED_BACK) -> list[Missing]:
    """Who books on one of these running projects and owes a week; a constant number of queries.

    Nothing is owed for a week without working hours or before the person joined. Who manages owes weeks only once they
    book hours themselves. A part that was sent back is owed again.
    """
    asked = [monday_of(today) - WEEK * number for number in range(weeks, 0, -1)]
    since: dict[int, datetime.date] = {}
    memberships = Membership.objects.filter(
        project__in=projects, project__state=Project.State.ACTIVE, role__in=BOOKING, user__is_active=True
    )
    booking = set(
        TimeEntry.objects.filter(user__in=memberships.values("user"), day__gte=asked[0] - BOOKED_WITHIN)
        .values_list("user", flat=True)
        .distinct()
    )
    for user, role, joined in memberships.values_list("user", "role", "since"):
        if role == Role.MANAGER and user not in booking:
            continue
        day = timezone.localdate(joined)
        since[user] = min(day, since.get(user, day))
    submitted: dict[int, set[datetime.date]] = defaultdict(set)
    sheets = Timesheet.objects.filter(user__in=since, week__in=asked).exclude(submitted_at=None)
    for user, week in sheets.values_list("user", "week"):
        submitted[user].add(week)
    back = TimesheetPart.objects.filter(user__in=since, week__in=asked).exclude(state__in=TimesheetPart.LOCKED)
    for user, week in back.values_list("user", "week"):
        submitted[user].discard(week)
    able = availability_of(since, asked[0], asked[-1] + WEEK - DAY)
    people = User.objects.in_bulk(list(since))
    found = []
    for pk, first in since.items():
        owed = [
            week
            for week in asked
            if week not in submitted[pk] and first < week + WEEK and able[pk].between(week, week + WEEK - DAY)
        ]
        if owed:
            found.append(Missing(people[pk], owed))
    return sorted(found, key=lambda missing: missing.user.name.casefold())


@periodic("timesheets-missing", every="day")
def remind(now: datetime.datetime) -> None:
    """From Monday on, ask everybody who owes the week before. The key holds the week: one mail a person and week."""
    today = timezone.localdate(now)
    week = monday_of(today) - WEEK
    projects = Project.objects.filter(state=Project.State.ACTIVE).values("pk")
    rows = [
        (f"{KIND}:{missing.user.pk}:{week}", {"user": missing.user.pk, "week": week.isoformat()})
        for missing in missing_of(projects, today, weeks=1)
    ]
    if rows:
        outbox.enqueue_many(KIND, rows)


@outbox.handles(KIND)
def send(payload: dict) -> None:
    """The mail, unless the person has left or submitted since."""
    week = datetime.date.fromisoformat(payload["week"])
    user = User.objects.filter(pk=payload["user"], is_active=True).first()
    done = Timesheet.objects.filter(user=payload["user"], week=week).exclude(submitted_at=None)
    back = TimesheetPart.objects.filter(user=payload["user"], week=week).filter(~Q(state__in=TimesheetPart.LOCKED))
    if user is None or (done.exists() and not back.exists()):
        return
    url = f"{settings.SITE_URL.rstrip('/')}{reverse('projects:timesheet')}?week={week}"
    context = {"user": user, "first": week, "last": week + WEEK - DAY, "url": url}
    mail = EmailMultiAlternatives(
        subject=_("Your timesheet of last week"),
        body=render_to_string("projects/timesheets/email/missing.txt", context),
        to=[user.email],
    )
    mail.attach_alternative(render_to_string("projects/timesheets/email/missing.html", context), "text/html")
    mail.send()
