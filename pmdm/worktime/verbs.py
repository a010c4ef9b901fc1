"""What changes about a person's time: hours from a day on, absences. ``by`` is who does it."""

import datetime

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from pmdm.ui import format as fmt
from pmdm.worktime.models import Absence, Calendar, WorkingHours

LONGEST = datetime.timedelta(days=366 * 3)


@transaction.atomic
def set_hours(
    user, *, by, valid_from: datetime.date, calendar: Calendar | None = None, percent: int = 100
) -> WorkingHours:
    """From this day on the person works by this calendar, all of it or a share; the same day again replaces."""
    _lock(user)
    hours, _created = WorkingHours.objects.update_or_create(
        user=user, valid_from=valid_from, defaults={"calendar": calendar, "percent": percent}
    )
    return hours


@transaction.atomic
def remove_hours(hours: WorkingHours, *, by) -> None:
    """The hours before hold on."""
    hours.delete()


@transaction.atomic
def add_absence(
    user,
    *,
    by,
    first: datetime.date,
    last: datetime.date | None = None,
    kind: str = Absence.Kind.VACATION,
    part: str = Absence.Part.DAY,
    note: str = "",
) -> Absence:
    """The person is absent; ValidationError where they are already, or where the days make no sense."""
    last = last or first
    if last < first:
        raise ValidationError({"last": _("The last day lies before the first.")})
    if last - first > LONGEST:
        raise ValidationError({"last": _("An absence takes three years at most.")})
    if part != Absence.Part.DAY and first != last:
        raise ValidationError({"part": _("Half days are entered one by one.")})
    _lock(user)
    for other in Absence.objects.filter(user=user, first__lte=last, last__gte=first):
        if {part, other.part} != {Absence.Part.MORNING, Absence.Part.AFTERNOON}:
            raise ValidationError(
                {
                    "first": _("Absent already from %(first)s to %(last)s. Remove that first.")
                    % {"first": fmt.day(other.first), "last": fmt.day(other.last)}
                },
                code="overlap",
            )
    return Absence.objects.create(user=user, first=first, last=last, kind=kind, part=part, note=note)


@transaction.atomic
def remove_absence(absence: Absence, *, by) -> None:
    absence.delete()


def _lock(user) -> None:
    # Two changes of one person stand in line: the second gets a sentence instead of the constraint's error.
    get_user_model().objects.select_for_update(of=("self",)).only("pk").get(pk=user.pk)
