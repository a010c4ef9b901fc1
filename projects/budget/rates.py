"""What an hour costs: a person's own rate of that day, else that of their role on the project; no day has two."""

import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from projects.budget.engine import time_cost
from projects.budget.models import Rate, RoleRate, TimeEntry
from projects.lifecycle.standing import while_open


def hourly_on(project, user, day: datetime.date) -> Decimal | None:
    """The rate of an hour of this person on this project; None where none is known.

    Who holds several roles costs what the dearest of them does.
    """
    if own := Rate.for_day(user, day, project.currency):
        return own.hourly
    roles = project.memberships.filter(user=user).values("role")
    rates = RoleRate.objects.filter(project=project, role__in=roles, valid_from__lte=day)
    rates = rates.filter(Q(valid_until=None) | Q(valid_until__gt=day))
    return rates.order_by("-hourly").values_list("hourly", flat=True).first()


def cost_of_time(project, user, day: datetime.date, minutes: int) -> Decimal | None:
    hourly = hourly_on(project, user, day)
    return None if hourly is None else time_cost(minutes, hourly)


def insert_dated(rates, whose: dict, hourly: Decimal, valid_from: datetime.date) -> Any:
    """The rate from that day on until a later one begins; the one before ends there. Under the owner's lock."""
    rates = rates.filter(**whose)
    rate = rates.filter(valid_from=valid_from).first()
    if rate:
        rate.hourly = hourly
        rate.save(update_fields=["hourly"])
        return rate
    later = rates.filter(valid_from__gt=valid_from).order_by("valid_from").first()
    before = rates.filter(valid_from__lt=valid_from).filter(Q(valid_until=None) | Q(valid_until__gt=valid_from))
    before.update(valid_until=valid_from)
    until = later.valid_from if later else None
    return rates.create(**whose, hourly=hourly, valid_from=valid_from, valid_until=until)


@while_open
def set_role_rate(project, *, by, role: str, hourly: Decimal, valid_from: datetime.date) -> RoleRate:
    """What an hour of a role costs from a day on, for people without a rate of their own.

    Time booked without a cost gets one; costs once fixed stay.
    """
    type(project).objects.select_for_update(of=("self",)).only("pk").get(pk=project.pk)
    rate: RoleRate = insert_dated(RoleRate.objects, {"project": project, "role": role}, hourly, valid_from)
    inside = project.memberships.filter(role=role).values("user")
    unpriced = TimeEntry.objects.filter(project=project, cost=None, day__gte=valid_from, user__in=inside)
    if rate.valid_until:
        unpriced = unpriced.filter(day__lt=rate.valid_until)
    entries = list(unpriced.select_related("user").select_for_update(of=("self",)))
    for entry in entries:
        entry.cost = cost_of_time(project, entry.user, entry.day, entry.minutes)
    TimeEntry.objects.bulk_update(entries, ["cost"], batch_size=500)
    return rate
