"""A project's registers as of a past day: its end on the project's own clock."""

import datetime

from pmdm.activity.timetravel import end_of, travel
from projects.schedule.localtime import zone


def at(project, day: datetime.date | None):
    """A function that turns a queryset of this project's rows into what they were that day; None: as they are."""

    def turned(queryset):
        return queryset if day is None else past_of(project)(queryset, day)

    return turned


def past_of(project):
    """``past`` of a ListPage whose rows belong to this project."""

    def past(queryset, day: datetime.date):
        known = end_of(day, zone(project.time_zone))
        return travel(queryset, subject="project", subject_id=project.pk, known=known)

    return past
