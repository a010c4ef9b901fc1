"""A project's registers as of a past day: its end on the project's own clock."""

import datetime
from collections.abc import Collection

from django.db import models

from pmdm.activity.timetravel import end_of, travel, travel_all
from projects.schedule.localtime import zone


def at(project, day: datetime.date | None, even: Collection[type[models.Model]] = ()):
    """A function that turns a queryset of this project's rows into what they were that day; None: as they are.

    ``even``: models that are otherwise read as they are now (``ALWAYS_NOW``), where they are what is told.
    """

    def turned(queryset):
        return queryset if day is None else past_of(project, even)(queryset, day)

    return turned


def past_of(project, even: Collection[type[models.Model]] = ()):
    """``past`` of a ListPage whose rows belong to this project."""

    def past(queryset, day: datetime.date):
        known = end_of(day, zone(project.time_zone))
        return travel(queryset, subject="project", subject_id=project.pk, known=known, even=even)

    return past


def past_of_all(projects):
    """``past`` of a ListPage whose rows belong to the projects of a queryset; each has its own clock."""

    def past(queryset, day: datetime.date):
        zones = projects.order_by().values_list("pk", "time_zone")
        known = {pk: end_of(day, zone(name)) for pk, name in zones}
        return travel_all(queryset, subject="project", known=known)

    return past
