"""Milestone trend analysis: when each milestone was expected, report by report, from the weeks that were kept."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.charts.dates import Expected, date_trend
from pmdm.ui import format as fmt
from projects.control.words import words
from projects.models import MilestoneWeek, Task
from projects.schedule.calendars import project_calendar
from projects.schedule.localtime import to_wall

SHOWN = 8  # lines of a chart that can still be told apart
MOST = 15


@dataclass
class Milestone:
    """One milestone's story; dates are days of the project's wall clock."""

    uid: int
    name: str
    points: list[tuple[datetime.date, datetime.date]] = field(default_factory=list)
    reached: datetime.date | None = None
    planned: datetime.date | None = None
    late_days: float | None = None  # working days after the active baseline
    removed: bool = False

    @property
    def now(self) -> datetime.date | None:
        return self.reached or (self.points[-1][1] if self.points else None)

    @property
    def moves(self) -> int:
        """How often the expected day changed between two reports."""
        return sum(
            1 for (_a, before), (_b, after) in zip(self.points, self.points[1:], strict=False) if before != after
        )

    @property
    def drift(self) -> int | None:
        """Calendar days from the first expectation to the present one."""
        return (self.now - self.points[0][1]).days if self.points and self.now else None


class MilestoneTrend:
    """``chosen``: uids asked for; nothing: those still ahead, then those reached last."""

    def __init__(self, project, chosen: set[int] = frozenset(), *, now: datetime.datetime | None = None) -> None:  # type: ignore[assignment]
        self.project, self.chosen = project, set(chosen)
        self.now = now or timezone.now()

    @cached_property
    def milestones(self) -> list[Milestone]:
        """By the day they are expected or were reached; four queries."""
        project = self.project
        found: dict[int, Milestone] = {}
        rows = (
            MilestoneWeek.objects.filter(week__project=project)
            .order_by("week__week", "finish")
            .values_list("uid", "name", "finish", "is_done", "week__taken_at")
        )
        for uid, name, finish, done, taken in rows:
            milestone = found.setdefault(uid, Milestone(uid, name))
            milestone.name = name
            if done:
                milestone.reached = self._day(finish)
            else:
                milestone.reached = None
                milestone.points.append((self._day(taken), self._day(finish)))
        self._take_today(found)
        self._compare(found)
        return sorted(found.values(), key=lambda one: (one.now or datetime.date.max, one.uid))

    def _take_today(self, found: dict[int, Milestone]) -> None:
        """The plan as it stands is the last report."""
        today = self._day(self.now)
        there = set()
        for uid, name, finish, actual, percent in Task.objects.filter(
            project=self.project, is_milestone=True, is_summary=False, is_active=True, finish__isnull=False
        ).values_list("uid", "name", "finish", "actual_finish", "percent"):
            there.add(uid)
            milestone = found.setdefault(uid, Milestone(uid, name))
            milestone.name = name
            if percent == 100:
                milestone.reached = self._day(actual or finish)
                continue
            milestone.reached = None
            if milestone.points and milestone.points[-1][0] == today:
                milestone.points.pop()
            milestone.points.append((today, self._day(finish)))
        for uid, milestone in found.items():
            milestone.removed = uid not in there

    def _compare(self, found: dict[int, Milestone]) -> None:
        baseline = self.project.baselines.filter(is_active=True).first()
        if baseline is None:
            return
        calendar, project = project_calendar(self.project), self.project
        rows = baseline.tasks.filter(uid__in=found).select_related("task")
        for row in rows.only("uid", "finish", "task__finish", "task__actual_finish", "task__percent"):
            milestone = found[row.uid]
            planned = to_wall(row.finish, project)
            if planned is None:
                continue
            milestone.planned = planned.date()
            if row.task is None:
                continue
            done = row.task.percent == 100
            now = to_wall((row.task.actual_finish or row.task.finish) if done else row.task.finish, project)
            if now is not None:
                milestone.late_days = round(calendar.between(planned, now) / project.minutes_per_day, 1)

    @cached_property
    def shown(self) -> list[Milestone]:
        """Those the chart draws."""
        known = [one for one in self.milestones if one.points or one.reached]
        if self.chosen:
            return [one for one in known if one.uid in self.chosen][:MOST]
        ahead = [one for one in known if one.reached is None and not one.removed]
        behind = [one for one in known if one.reached is not None and one.points]
        room = max(SHOWN - len(ahead), 0)
        keep = {one.uid for one in [*ahead[:SHOWN], *(behind[-room:] if room else [])]}
        return [one for one in known if one.uid in keep]

    @property
    def sentence(self) -> str:
        """'5 of 9 milestones are later than when they were first reported; Go-live moved most, by 34 days.'"""
        known = [one for one in self.milestones if one.drift is not None]
        if not known:
            return _("There is no report of a milestone yet: the first is kept at the end of this week.")
        late = [one for one in known if (one.drift or 0) > 0]
        first = (
            ngettext(
                "%(late)d of %(n)d milestone is later than when it was first reported",
                "%(late)d of %(n)d milestones are later than when they were first reported",
                len(known),
            )
            % {"late": len(late), "n": len(known)}
            if late
            else _("No milestone is later than when it was first reported")
        )
        if not late:
            return f"{first}."
        worst = max(late, key=lambda one: one.drift or 0)
        return _("%(first)s; “%(name)s” moved most, by %(days)s days.") % {
            "first": first,
            "name": worst.name,
            "days": worst.drift,
        }

    def figure(self):
        series = [
            Expected(
                name=one.name if len(one.name) <= 40 else one.name[:39] + "…",
                points=one.points,
                reached=one.reached,
                value=fmt.day(one.now) if one.now else "",
            )
            for one in self.shown
            if one.points
        ]
        return date_trend(
            id="milestone-trend",
            title=_("Milestone trend"),
            description=self.sentence,
            series=series,
            form=fmt.day,
            x_label=_("Report"),
            reached_label=_("Reached"),
            words=words(),
        )

    def _day(self, instant: datetime.datetime | None) -> datetime.date:
        wall = to_wall(instant, self.project)
        assert wall is not None
        return wall.date()
