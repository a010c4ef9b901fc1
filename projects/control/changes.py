"""What changed on the critical path since last week, and which floats fell below zero."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.control.history import monday
from projects.models import PlanWeek, Task

NAMED = 3


@dataclass
class PathChange:
    """Against the end of the last week there is a record of. Tasks are (uid, name); done ones left no mark."""

    since: datetime.datetime | None = None
    came: list[Task] = field(default_factory=list)
    left: list[Task] = field(default_factory=list)
    removed: int = 0
    negative: list[Task] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.came or self.left or self.removed or self.negative)

    @cached_property
    def sentences(self) -> list[str]:
        """'2 tasks came onto the critical path since 22 Nov: System test, Pilot.'"""
        said = []
        if self.came:
            said.append(
                ngettext(
                    "%(n)d task came onto the critical path: %(names)s.",
                    "%(n)d tasks came onto the critical path: %(names)s.",
                    len(self.came),
                )
                % _named(self.came)
            )
        if self.left:
            said.append(
                ngettext("%(n)d task left it: %(names)s.", "%(n)d tasks left it: %(names)s.", len(self.left))
                % _named(self.left)
            )
        if self.removed:
            said.append(
                ngettext(
                    "%(n)d task of it was removed from the plan.",
                    "%(n)d tasks of it were removed from the plan.",
                    self.removed,
                )
                % {"n": self.removed}
            )
        if self.negative:
            said.append(
                ngettext(
                    "%(n)d task can no longer be done in time (negative float): %(names)s.",
                    "%(n)d tasks can no longer be done in time (negative float): %(names)s.",
                    len(self.negative),
                )
                % _named(self.negative)
            )
        return said


def path_change(project, *, now: datetime.datetime | None = None) -> PathChange:
    """Critical and negative tasks now against those at the end of last week; two queries.

    A finished task is on no path: that it left says nothing, so it is not told.
    """
    week = monday((now or timezone.now()).date())
    before = (
        PlanWeek.objects.filter(project=project, week__lt=week)
        .order_by("-week")
        .values_list("taken_at", "critical", "negative")
        .first()
    )
    if before is None:
        return PathChange()
    since, critical, negative = before
    then, below = set(critical), set(negative)
    tasks = {
        task.uid: task
        for task in Task.objects.filter(project=project, is_summary=False)
        .filter(_of_interest(then))
        .only("uid", "number", "name", "percent", "is_critical", "total_float", "is_active")
        .order_by("number")
    }
    open_now = {uid: task for uid, task in tasks.items() if task.percent < 100 and task.is_active}
    return PathChange(
        since,
        came=[task for uid, task in open_now.items() if task.is_critical and uid not in then],
        left=[task for uid, task in open_now.items() if not task.is_critical and uid in then],
        removed=len(then - set(tasks)),
        negative=[
            task
            for uid, task in open_now.items()
            if task.total_float is not None and task.total_float < 0 and uid not in below
        ],
    )


def _of_interest(then: set[int]):
    from django.db.models import Q

    return Q(uid__in=then) | Q(is_critical=True) | Q(total_float__lt=0)


def _named(tasks: list[Task]) -> dict:
    names = ", ".join(task.name for task in tasks[:NAMED])
    if len(tasks) > NAMED:
        names += _(" and %(n)d more") % {"n": len(tasks) - NAMED}
    return {"n": len(tasks), "names": names}
