"""When the project will be done, said in three ways side by side, with what each takes for granted.

By earned schedule: the pace so far goes on. By the critical path: what is left goes as planned. By simulation: what is
left varies within its estimates.
"""

import datetime
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.worktime.engine import OutOfRange, WorkCalendar
from projects.control.engine import EarnedSchedule, Missing, Spread, earned_schedule, planned_value, working_periods
from projects.models import Baseline, BaselineTask, PlanWeek, Task
from projects.schedule.calendars import project_calendar
from projects.schedule.localtime import to_wall

WHY = {
    Missing.NO_PLAN: gettext_lazy("The baseline holds no work to earn: only milestones, or no duration."),
    Missing.NOT_BEGUN: gettext_lazy("Nothing of the baseline is earned yet, so there is no pace to go on with."),
    Missing.NO_TIME: gettext_lazy("The baseline's start lies ahead."),
    Missing.OVER_TIME: gettext_lazy("The planned duration is used up."),
    Missing.FINISHED: gettext_lazy("All of it is earned."),
}
NO_BASELINE = gettext_lazy("There is no active baseline to earn against.")


class Curve:
    """Cumulative planned value of one baseline, by working days since its start.

    Worth is cost where every task with a duration has one, else planned duration: then a day of any task counts alike.
    """

    def __init__(self, rows, calendar: WorkCalendar, minutes_per_day: int, project) -> None:
        self.calendar, self.minutes_per_day = calendar, minutes_per_day
        leaves = []
        for row_start, row_finish, duration, cost in rows:
            start, finish = to_wall(row_start, project), to_wall(row_finish, project)
            if start and finish:
                leaves.append((start, finish, duration or 0, cost))
        self.by_cost = bool(leaves) and all(cost for _s, _f, duration, cost in leaves if duration)
        self.by_cost = self.by_cost and any(cost for *_rest, cost in leaves)
        self.start = min((start for start, *_rest in leaves), default=None)
        self.finish = max((finish for _start, finish, *_rest in leaves), default=None)
        self.worth = 0.0
        self.points: list[tuple[float, float]] = []
        if self.start is None or self.finish is None:
            return
        spreads = [
            Spread(self.days(start), self.days(finish), float((cost if self.by_cost else duration) or 0))
            for start, finish, duration, cost in leaves
        ]
        times = working_periods(self.days(self.finish))
        self.points = [(0.0, 0.0), *zip(times[1:], planned_value(spreads, times)[1:], strict=True)]
        self.worth = self.points[-1][1] if len(self.points) > 1 else 0.0

    def days(self, moment: datetime.datetime) -> float:
        """Working days from the baseline's start."""
        assert self.start is not None
        return self.calendar.between(self.start, moment) / self.minutes_per_day

    def earned(self, minutes, cost) -> float:
        return float((cost if self.by_cost else minutes) or 0)

    def planned(self, gone: float) -> float:
        """Planned value after so many working days."""
        if not self.points or gone <= 0:
            return 0.0
        before = (0.0, 0.0)
        for time, value in self.points:
            if time >= gone:
                span = time - before[0]
                return before[1] + (value - before[1]) * ((gone - before[0]) / span if span else 1)
            before = time, value
        return self.worth

    def at(self, moment: datetime.datetime, earned: float, finished: datetime.datetime | None = None) -> EarnedSchedule:
        gone = self.days(moment) if self.start else 0.0
        done = self.days(finished) if finished and self.start else None
        return earned_schedule(self.points, earned, gone, finished=done)

    def date_of(self, result: EarnedSchedule) -> datetime.datetime | None:
        """The finish that IEAC(t) means: so many working days after the baseline's start."""
        if result.ieac is None or self.start is None:
            return None
        try:
            return self.calendar.add(self.start, round(result.ieac * self.minutes_per_day))
        except OutOfRange:
            return None


@dataclass(frozen=True)
class Week:
    """What each way forecast at the end of one week; wall-clock times."""

    day: datetime.date
    planned: datetime.datetime | None
    earned: datetime.datetime | None
    baseline_id: int | None
    spi: float | None


class Forecasts:
    """All forecasts of one project, in a constant number of queries."""

    def __init__(self, project, *, now: datetime.datetime | None = None) -> None:
        self.project = project
        self.now = now or timezone.now()
        self.calendar = project_calendar(project)

    @cached_property
    def weeks(self) -> list[PlanWeek]:
        return list(self.project.plan_weeks.order_by("week"))

    @cached_property
    def baseline(self) -> Baseline | None:
        return self.project.baselines.filter(is_active=True).first()

    @cached_property
    def curves(self) -> dict[int, Curve]:
        """Of the active baseline and of each one a past week was measured against."""
        ids = {week.baseline_id for week in self.weeks if week.baseline_id}
        if self.baseline:
            ids.add(self.baseline.pk)
        rows: dict[int, list] = {pk: [] for pk in ids}
        for pk, *values in BaselineTask.objects.filter(baseline__in=ids, is_summary=False).values_list(
            "baseline_id", "start", "finish", "duration", "cost"
        ):
            rows[pk].append(values)
        return {
            pk: Curve(values, self.calendar, self.project.minutes_per_day, self.project) for pk, values in rows.items()
        }

    @property
    def curve(self) -> Curve | None:
        return self.curves.get(self.baseline.pk) if self.baseline else None

    @cached_property
    def as_of(self) -> datetime.datetime:
        """To when progress is reported: the status date, never later than now; wall clock."""
        at = self.project.status_date or self.now
        wall = to_wall(min(at, self.now), self.project)
        assert wall is not None
        return wall

    @cached_property
    def _progress(self) -> tuple[float, float, bool, datetime.datetime | None]:
        """Minutes and cost earned against the active baseline; whether all is done, and when."""
        minutes = cost = 0.0
        finished: list[datetime.datetime] = []
        done = True
        rows = Task.objects.filter(project=self.project, is_summary=False, is_active=True).values_list(
            "pk", "percent", "actual_finish", "finish"
        )
        worth = (
            {
                task: (duration or 0, cost or 0)
                for task, duration, cost in self.baseline.tasks.filter(is_summary=False)
                .exclude(task=None)
                .values_list("task", "duration", "cost")
            }
            if self.baseline
            else {}
        )
        for pk, percent, actual, finish in rows:
            planned = worth.get(pk)
            if planned:
                minutes += planned[0] * percent / 100
                cost += float(planned[1]) * percent / 100
            if percent < 100:
                done = False
            elif at := actual or finish:
                finished.append(at)
        return minutes, cost, done and bool(finished), max(finished, default=None)

    @property
    def finished(self) -> datetime.datetime | None:
        """When the last task was done; None while one is open."""
        return to_wall(self._progress[3], self.project) if self._progress[2] else None

    @cached_property
    def earned(self) -> EarnedSchedule | None:
        if self.curve is None:
            return None
        return self.curve.at(self.as_of, self.curve.earned(*self._progress[:2]), self.finished)

    @property
    def earned_why(self) -> str:
        """Why there is no finish by earned schedule; '' where there is one."""
        if self.earned is None:
            return str(NO_BASELINE)
        if self.earned.why:
            return str(WHY[self.earned.why])
        return "" if self.earned_finish else _("At this pace it would lie outside the years that can be computed.")

    @cached_property
    def earned_finish(self) -> datetime.datetime | None:
        if self.finished:
            return self.finished
        return self.curve.date_of(self.earned) if self.curve and self.earned else None

    @property
    def path_finish(self) -> datetime.datetime | None:
        return self.finished or to_wall(self.project.computed_finish, self.project)

    @property
    def shares(self) -> tuple[float, float] | None:
        """Planned and earned value as shares of the whole: what people without sight of cost may see as well."""
        if not self.curve or not self.curve.worth or self.earned is None:
            return None
        earned = self.curve.earned(*self._progress[:2])
        return self.curve.planned(self.earned.at) / self.curve.worth, min(earned / self.curve.worth, 1.0)

    @cached_property
    def trend(self) -> list[Week]:
        """Each week's forecasts, against the baseline that was active then."""
        found = []
        for week in self.weeks:
            at = week.status_date if week.status_date and week.status_date < week.taken_at else week.taken_at
            wall = to_wall(at, self.project)
            taken = to_wall(week.taken_at, self.project)
            assert wall is not None
            assert taken is not None
            curve = self.curves.get(week.baseline_id) if week.baseline_id else None
            finish = spi = None
            if curve and week.earned_minutes is not None:
                result = curve.at(wall, curve.earned(week.earned_minutes, week.earned_cost))
                spi = result.spi
                # Before a twentieth is earned the pace is a guess that throws the axis out of all proportion.
                if result.es >= result.pd / 20:
                    finish = curve.date_of(result)
            found.append(Week(taken.date(), to_wall(week.finish, self.project), finish, week.baseline_id, spi))
        return found

    def days_between(self, then: datetime.datetime | None, now: datetime.datetime | None) -> float | None:
        """Working days, positive when later."""
        if then is None or now is None:
            return None
        return round(self.calendar.between(then, now) / self.project.minutes_per_day, 1)
