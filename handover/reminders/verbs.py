"""When somebody is reminded: a week and a day before, on the day, and three days after the sponsor hears of it."""

import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from handover import hooks
from handover.criteria.models import Criterion
from handover.reminders.models import Reminder
from handover.transfer.models import Handover
from pmdm.accounts.models import User
from pmdm.jobs.outbox import enqueue, handles
from pmdm.jobs.periodic import periodic

About, Moment = Reminder.About, Reminder.Moment
# Days from the due date; each is a row of its own.
MOMENTS = ((-7, Moment.BEFORE), (-1, Moment.BEFORE), (0, Moment.DUE), (3, Moment.LATE))
HOUR = datetime.time(8)


def plan(handover: Handover, *, now=None) -> None:
    """Make the rows fit the dates of a record: those that are due no more go, those to come are there once."""
    now = now or timezone.now()
    wanted = []
    if handover.is_open and handover.target_date:
        wanted += _rows(handover, About.TARGET, handover.target_date)
    if handover.is_accepted:
        for condition in handover.conditions.filter(confirmed_at=None):
            wanted += _rows(handover, About.CONDITION, condition.due, condition=condition)
        for line in handover.criteria.filter(state=Criterion.State.WAIVED, waiver_issue=None):
            assert line.waiver_expires is not None  # a constraint of the table
            # On its day the criterion opens again by itself: an issue, not a mail to the sponsor.
            rows = _rows(handover, About.WAIVER, line.waiver_expires, criterion=line)
            wanted += [row for row in rows if row.moment == Moment.BEFORE]
    keep = {_key(row) for row in wanted}
    for row in handover.reminders.filter(fired_at=None):
        if _key(row) not in keep:
            row.delete()
    # What was due already and waits to be fired stays; nothing is made for moments that had passed.
    Reminder.objects.bulk_create((row for row in wanted if row.due_at > now), ignore_conflicts=True)


def _key(row: Reminder) -> tuple:
    return row.about, row.condition_id, row.criterion_id, row.moment, row.due_at


def _rows(handover, about, due: datetime.date, **what) -> list[Reminder]:
    rows = []
    for days, moment in MOMENTS:
        at = timezone.make_aware(datetime.datetime.combine(due + datetime.timedelta(days=days), HOUR))
        rows.append(
            Reminder(project_id=handover.project_id, handover=handover, about=about, moment=moment, due_at=at, **what)
        )
    return rows


@periodic("handover.reminders", every="hour")
def fire(now) -> int:
    """Plan what changed, and ask for the mail of each row that is due; how many rows."""
    waiting = (
        Q(state__in=Handover.OPEN_STATES, target_date__isnull=False)
        | Q(state__in=Handover.ACCEPTED_STATES, conditions__confirmed_at=None, conditions__isnull=False)
        | Q(state__in=Handover.ACCEPTED_STATES, criteria__state="waived", criteria__waiver_issue=None)
        | Q(reminders__fired_at=None, reminders__isnull=False)
    )
    for handover in Handover.objects.filter(waiting).distinct():
        plan(handover, now=now)
    due = Reminder.objects.filter(fired_at=None, due_at__lte=now).values_list("pk", flat=True)
    return sum(_fire(pk, now) for pk in due.order_by("due_at", "pk"))


@transaction.atomic
def _fire(pk: int, now) -> bool:
    if not Reminder.objects.filter(pk=pk, fired_at=None).update(fired_at=now):
        return False
    row = Reminder.objects.select_related("handover__project", "condition__owner", "criterion").get(pk=pk)
    people = _people(row)
    Reminder.objects.filter(pk=pk).update(sent_to=len(people))
    for person in people:
        enqueue("handover.remind", f"handover.remind:{pk}:{person.pk}", {"reminder": pk, "user": person.pk})
    return bool(people)


def _people(row: Reminder) -> list[User]:
    """Who has to act, or the sponsor once it is late; nobody when it is settled."""
    handover = row.handover
    people: list[User | None]
    if row.about == About.TARGET:
        if not handover.is_open:
            return []
        blocking = [one.who for one in hooks.blockers(handover, "accept") if one.who]
        people = [handover.project.sponsor] if row.moment == Moment.LATE else [
            handover.giver, handover.receiver, *blocking
        ]  # fmt: skip
    elif row.about == About.CONDITION:
        if row.condition.confirmed_at:
            return []
        mine = handover.receiver if row.condition.met_at else row.condition.owner
        people = [handover.project.sponsor] if row.moment == Moment.LATE else [mine]
    else:
        if row.criterion.state != Criterion.State.WAIVED or row.criterion.waiver_issue_id:
            return []
        people = [row.criterion.owner, handover.receiver]
    return [one for one in dict.fromkeys(people) if one and one.is_active and not one.organisation_id]


@handles("handover.remind")
def send(payload: dict) -> None:
    """Handler of the outbox: one mail to one person."""
    row = Reminder.objects.select_related("handover__project", "condition", "criterion").get(pk=payload["reminder"])
    person = User.objects.get(pk=payload["user"])
    handover = row.handover
    blockers = hooks.blockers(handover, "accept") if row.about == About.TARGET and handover.is_open else []
    context = {
        "person": person,
        "handover": handover,
        "project": handover.project,
        "row": row,
        "thing": row.condition or row.criterion or handover,
        "due": row.condition.due
        if row.condition
        else row.criterion.waiver_expires
        if row.criterion
        else handover.target_date,
        "is_late": row.moment == Moment.LATE,
        "mine": [one for one in blockers if one.who == person],
        "others": [one for one in blockers if one.who != person],
        "url": settings.SITE_URL.rstrip("/")
        + reverse("handover:record", args=[handover.project.code, handover.number]),
    }
    words = {
        About.TARGET: _("Handover of %(project)s"),
        About.CONDITION: _("Condition of the handover of %(project)s"),
        About.WAIVER: _("Waiver in the handover of %(project)s"),
    }
    subject = words[About(row.about)] % {"project": handover.project.name}
    subject += f": {_('late')}" if row.moment == Moment.LATE else ""
    EmailMessage(
        " ".join(subject.split())[:200], render_to_string("handover/email/reminder.txt", context), to=[person.email]
    ).send()
