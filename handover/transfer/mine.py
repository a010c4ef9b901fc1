"""The conditions that wait for one person: to be met by their owner, or to be confirmed by the receiver.

They are tasks of the handover, not of the plan: the plan is locked with its project, and a condition belongs to what
was agreed at the acceptance. So that they are found where one looks for one's work, they stand above the list of
handovers, in one's calendar, and in the calendar that other programs read.
"""

import datetime
from collections.abc import Iterable

from django.db.models import Case, CharField, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from handover.transfer.models import Condition
from pmdm.accounts.roles import Permission
from projects.agenda.entries import Due
from projects.models import Project


def conditions_of(user):
    """Conditions of which it is this person's turn, the earliest due first; ``turn`` is meet or confirm. One query."""
    to_meet = Q(owner=user, met_at=None)
    to_confirm = Q(handover__receiver=user, met_at__isnull=False, confirmed_at=None)
    readable = Project.objects.allowing(user, Permission.HANDOVER_VIEW)
    return (
        Condition.objects.filter(to_meet | to_confirm)
        .select_related("handover", "owner", "project")
        .annotate(
            turn=Case(When(met_at=None, then=Value("meet")), default=Value("confirm"), output_field=CharField()),
            # Who has left the project still sees what they promised, but not the record.
            may_open=Case(When(Q(project__in=readable), then=Value("y")), default=Value(""), output_field=CharField()),
        )
        .order_by("due", "pk")
    )


def dues(user, first: datetime.date | None, last: datetime.date | None, now: datetime.datetime) -> Iterable[Due]:
    """The same for a calendar: on the day they are due."""
    rows = conditions_of(user)
    if first:
        rows = rows.filter(due__gte=first)
    if last:
        rows = rows.filter(due__lte=last)
    today = timezone.localdate(now)
    words = {"meet": _("Condition: %(text)s"), "confirm": _("Confirm the condition: %(text)s")}
    for row in rows:
        yield Due(
            source="condition",
            number=row.pk,
            name=words[row.turn] % {"text": row.text},
            project=row.project,
            first=row.due,
            url=url_of(row) if row.may_open else "",
            late=row.due < today,
        )


def url_of(row: Condition) -> str:
    """The record's page at its conditions."""
    return reverse("handover:record", args=[row.project.code, row.handover.number]) + "#conditions"
