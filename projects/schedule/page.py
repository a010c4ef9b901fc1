"""The rows of the schedule page: which are shown, what stands in them, the strip beside them.

A plan of thousands of tasks is shown in pages and with its lower levels folded, in a constant number of queries.
"""

import datetime
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Min, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.kpis import figures
from pmdm.ui import format as fmt
from pmdm.ui.parts import Status, Tile
from projects.schedule.baselines import active_baseline, baseline_dates, variance_days
from projects.schedule.calendars import project_calendar
from projects.schedule.exporting import links_by_successor, people_by_task, units_of
from projects.schedule.forms import PlanFilter
from projects.schedule.lateness import late_word
from projects.schedule.localtime import to_wall
from projects.schedule.models import BaselineTask, Task
from projects.schedule.notation import ELAPSED_MINUTES, format_duration, format_predecessors
from projects.schedule.timeline import Arrow, Bar, Timeline

PER_PAGE = 100
FOLD_ABOVE = 150  # a longer plan starts with its first two levels
DEEPEST = 20
MAX_TOGGLED = 300
KEYS = ("q", "show", "scale", "level", "open", "shut", "page")


class PlanPage:
    """One page of a project's plan as somebody asked to see it. ``params`` is the query of the address."""

    id = "plan"

    def __init__(
        self,
        project,
        user,
        params,
        *,
        path: str,
        editing: Task | None = None,
        with_people=True,
        with_status=False,
        now=None,
    ) -> None:
        self.project, self.user, self.params, self.path = project, user, params, path
        self.editing = editing
        self.with_people = with_people  # a client sees what comes when, not who does it
        self.with_status = with_status  # the status of the finish, as the project's figures give it
        self.now = now or timezone.now()
        self.form = PlanFilter(params)
        self.form.is_valid()
        self.sort = self.default_sort = ""
        self.units = units_of(project)

    # What was asked for

    @cached_property
    def asked(self) -> dict:
        data = self.form.cleaned_data
        return {name: data.get(name, "") for name in ("q", "show", "scale")}

    @property
    def flat(self) -> bool:
        """Filtered: matching tasks without their tree."""
        return bool(self.asked["q"] or self.asked["show"])

    @cached_property
    def level(self) -> int:
        text = self.params.get("level", "")
        if text.isdigit() and 1 <= int(text) <= DEEPEST:
            return int(text)
        return DEEPEST if self.sums["count"] <= FOLD_ABOVE else 2

    @cached_property
    def opened(self) -> set[int]:
        return _numbers(self.params.get("open", ""))

    @cached_property
    def shut(self) -> set[int]:
        return _numbers(self.params.get("shut", ""))

    def query(self, **changes) -> str:
        """'?level=2&page=3' with some of it changed; '' for the plain page."""
        values = {name: self.params.get(name, "") for name in KEYS}
        values.update(changes)
        kept = [(name, str(value)) for name, value in values.items() if value not in ("", None)]
        return "?" + urlencode(kept) if kept else ""

    @property
    def state(self) -> str:
        """The query of this page as it is, for links that come back to it."""
        return self.query()

    # The rows

    @cached_property
    def sums(self) -> dict:
        leaf = Q(is_summary=False, is_active=True)
        return self.project.tasks.aggregate(
            count=Count("pk"),
            leaves=Count("pk", filter=leaf),
            done=Count("pk", filter=leaf & Q(percent=100)),
            critical=Count("pk", filter=leaf & Q(is_critical=True)),
            late=Count("pk", filter=leaf & self._late),
            work=Sum("duration", filter=leaf),
            worked=Sum(F("duration") * F("percent"), filter=leaf),
            least_float=Min("total_float", filter=leaf),
            deepest=Max("outline_level"),
        )

    @cached_property
    def baseline(self):
        return active_baseline(self.project)

    @cached_property
    def _late(self) -> Q:
        """Not done, and past its time, its deadline or its baseline."""
        late = Q(finish__lt=self.now) | Q(deadline__lt=F("finish"))
        if self.baseline:
            # Not by a join: that would give each task as many rows as there are baselines, and every count with it.
            frozen = BaselineTask.objects.filter(baseline=self.baseline, finish__lt=F("task__finish"))
            late |= Q(pk__in=frozen.values("task"))
        return Q(percent__lt=100) & late

    @cached_property
    def _tasks(self):
        tasks = self.project.tasks.select_related("parent").defer("notes", "parent__notes", "parent__splits")
        if not self.flat:
            return tasks.filter(Q(parent=None) | Q(parent__in=self._unfolded)).order_by("number")
        for word in self.form.words():
            found = Q(name__icontains=word) | Q(wbs__istartswith=word)
            if self.with_people:
                found |= Q(assignments__resource__name__icontains=word)
            tasks = tasks.filter(found).distinct()
        match self.asked["show"]:
            case "critical":
                tasks = tasks.filter(is_critical=True, is_summary=False)
            case "late":
                tasks = tasks.filter(self._late, is_summary=False, is_active=True).distinct()
            case "milestones":
                tasks = tasks.filter(is_milestone=True)
            case "open":
                tasks = tasks.filter(percent__lt=100, is_summary=False)
            case "mine":
                tasks = tasks.filter(assignments__resource__user=self.user).distinct()
        return tasks.order_by("number")

    @cached_property
    def _summaries(self) -> list[tuple]:
        return list(
            self.project.tasks.filter(is_summary=True)
            .order_by("number")
            .values_list("pk", "uid", "parent_id", "outline_level")
        )

    @cached_property
    def _unfolded(self) -> set[int]:
        """Summaries that are open, and so is everything above them."""
        visible: set[int] = set()
        for pk, uid, parent, level in self._summaries:
            above = parent is None or parent in visible
            if above and self._is_open(uid, level):
                visible.add(pk)
        return visible

    def _is_open(self, uid: int, level: int) -> bool:
        return uid in self.opened or (level < self.level and uid not in self.shut)

    @cached_property
    def page(self):
        paginator = Paginator(self._tasks, PER_PAGE)
        page = paginator.get_page(self.params.get("page"))
        if self.editing is not None:
            ids = list(self._tasks.values_list("pk", flat=True))
            if self.editing.pk in ids:
                page = paginator.get_page(ids.index(self.editing.pk) // PER_PAGE + 1)
        return page

    @cached_property
    def tasks(self) -> list[Task]:
        tasks = list(self.page.object_list)
        if self.editing is not None and all(task.pk != self.editing.pk for task in tasks):
            tasks.insert(0, self.editing)  # folded away or filtered out: the form still has its row
        return tasks

    @cached_property
    def rows(self) -> list[dict]:
        ids = [task.pk for task in self.tasks]
        people = people_by_task(self.project, ids) if self.with_people else {}
        numbers = self._numbers
        calendar = project_calendar(self.project)
        rows = []
        for task in self.tasks:
            frozen = self._frozen.get(task.pk)
            start, finish = self._wall(task.start), self._wall(task.finish)
            variance = variance_days(
                self._wall(frozen.finish) if frozen else None, finish, calendar, self.project.minutes_per_day
            )
            rows.append(
                {
                    "task": task,
                    "css": " ".join(
                        (f"l{min(task.outline_level, 9)}" if not self.flat else "l1",)
                        + (("is-sum",) if task.is_summary else ())
                        + (("is-off",) if not task.is_active else ())
                    ),
                    "level": 1 if self.flat else task.outline_level,
                    "fold": self._fold(task),
                    "above": task.parent.name if self.flat and task.parent_id else "",
                    "duration": self._duration(task),
                    "start": fmt.day(start.date()) if start else fmt.DASH,
                    "finish": fmt.day(finish.date()) if finish else fmt.DASH,
                    "predecessors": format_predecessors(self._links.get(task.pk, ()), self.units, numbers=numbers),
                    "float": "" if task.total_float is None else _days(task.total_float / self.project.minutes_per_day),
                    "people": ", ".join(people.get(task.pk, ())),
                    "late": late_word(task, self.now, lambda variance=variance: variance),
                    "editing": self.editing is not None and task.pk == self.editing.pk,
                }
            )
        return rows

    @cached_property
    def _links(self):
        return links_by_successor(self.project, [task.pk for task in self.tasks])

    @cached_property
    def _numbers(self) -> dict:
        known: dict = {task.pk: task.number for task in self.tasks}
        missing = {link.predecessor for links in self._links.values() for link in links} - set(known)
        if missing:
            known |= dict(self.project.tasks.filter(pk__in=missing).values_list("pk", "number"))
        return known

    @cached_property
    def _frozen(self):
        return baseline_dates(self.baseline, [task.pk for task in self.tasks])

    def _fold(self, task: Task) -> dict | None:
        if self.flat or not task.is_summary:
            return None
        is_open = self._is_open(task.uid, task.outline_level)
        opened, shut = set(self.opened), set(self.shut)
        if is_open:
            opened.discard(task.uid)
            if task.outline_level < self.level:
                shut.add(task.uid)
        else:
            shut.discard(task.uid)
            if task.outline_level >= self.level:
                opened.add(task.uid)
        url = self.path + self.query(open=_joined(opened), shut=_joined(shut))
        return {"open": is_open, "url": url}

    def _duration(self, task: Task) -> str:
        """As it was typed; in days with one decimal for a summary and where the exact text would be hours on end."""
        text = format_duration(task.duration, elapsed=task.duration_elapsed, units=self.units)
        day = ELAPSED_MINUTES["d"] if task.duration_elapsed else self.units.minutes("d")
        if not task.is_summary and (text.endswith("d") or task.duration < day):
            return text
        return f"{_days(task.duration / day)}{'e' if task.duration_elapsed else ''}d"

    # The strip

    @cached_property
    def strip(self):
        project, today = self.project, to_wall(self.now, self.project)
        frame = [self._wall(project.computed_start), self._wall(project.computed_finish)]
        if self.baseline:
            frame += [self._wall(self.baseline.start), self._wall(self.baseline.finish)]
        line = Timeline.fitting(frame, self.asked["scale"], today.date())
        bars, shown = [], {}
        for row in self.rows:
            task = row["task"]
            frozen = self._frozen.get(task.pk)
            ghost = (self._wall(frozen.start), self._wall(frozen.finish)) if frozen else None
            shown[task.pk] = task
            label = row["people"] if not task.is_milestone else row["finish"]
            bars.append(
                Bar(
                    task.pk,
                    task.name,
                    self._wall(task.start),
                    self._wall(task.finish),
                    task.percent,
                    task.is_summary,
                    task.is_milestone,
                    task.is_critical,
                    self._wall(task.late_finish) if not task.is_critical and not task.is_summary else None,
                    ghost if ghost and None not in ghost else None,
                    label if len(label) <= 40 else label[:39] + "…",
                )
            )
        arrows = [
            Arrow(
                link.predecessor,
                after,
                link.type.value,
                shown[link.predecessor].is_critical and shown[after].is_critical,
            )
            for after, links in self._links.items()
            for link in links
            if link.predecessor in shown
        ]
        editing = self.editing.pk if self.editing is not None else None
        return line.draw(bars, arrows, today, editing=editing)

    # Words

    @cached_property
    def tiles(self) -> list[Tile]:
        sums, project = self.sums, self.project
        calendar = project_calendar(project)
        finish = self._wall(project.computed_finish)
        frozen = self._wall(self.baseline.finish) if self.baseline else None
        variance = variance_days(frozen, finish, calendar, project.minutes_per_day)
        if variance is None:
            status, note = Status.NA, _("no baseline to compare with")
        elif variance > 0:
            status, note = (
                self._status_of_finish(),
                _("%(days)s working days behind the baseline") % {"days": _days(variance)},
            )
        elif variance < 0:
            status, note = Status.OK, _("%(days)s working days ahead") % {"days": _days(-variance)}
        else:
            status, note = Status.OK, _("as in the baseline")
        percent = sums["worked"] / sums["work"] if sums["work"] else None
        least = sums["least_float"]
        return [
            Tile(label=_("Finish"), value=fmt.day(finish.date()) if finish else "", status=status, note=note,
                 reason=_("No tasks yet"), url=self.path + "baselines/"),
            Tile(label=_("% complete"), value=fmt.percent(percent) if percent is not None else "",
                 word=_("By duration"), reason=_("Only milestones so far"),
                 note=_("%(done)s of %(all)s tasks done") % {"done": sums["done"], "all": sums["leaves"]},
                 url=self.path + "?show=open"),
            Tile(label=_("Critical"), value=str(sums["critical"]), word=_("On the critical path"),
                 note=ngettext("task decides the finish", "tasks decide the finish", sums["critical"]),
                 url=self.path + "?show=critical"),
            Tile(label=_("Late"), value=str(sums["late"]), status=Status.WATCH if sums["late"] else Status.OK,
                 word=_("Watch") if sums["late"] else _("None late"), note=_("overdue, or behind baseline or deadline")
                 if sums["late"] else "", url=self.path + "?show=late"),
            Tile(label=_("Least float"), value=_days(least / project.minutes_per_day) if least is not None else "",
                 unit=_("d"), status=Status.ACT if least is not None and least < 0 else Status.NA,
                 word=_("Can't be met") if least is not None and least < 0 else _("Working days"),
                 reason=_("Everything is done") if sums["leaves"] else _("No tasks yet")),
        ]  # fmt: skip

    def _status_of_finish(self) -> Status:
        """By the thresholds of the project's own figure, so that two pages never judge one date differently."""
        if not self.with_status:
            return Status.WATCH
        found = figures.for_subjects("project", [self.project.pk], codes=("on_time_forecast",), history=False)
        return next(
            (Status(one.status) for one in found.get(self.project.pk, []) if one.number is not None), Status.WATCH
        )

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def pages(self) -> list:
        return list(self.page.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1))

    def page_url(self, number: int) -> str:
        return self.path + self.query(page=number if number != 1 else "")

    @cached_property
    def levels(self) -> list[dict]:
        deepest = min(self.sums["deepest"] or 1, 9)
        if deepest < 2:
            return []
        toggled = bool(self.opened or self.shut)
        choices = [(number, str(number)) for number in range(1, deepest)] + [(DEEPEST, _("All"))]
        return [
            {
                "label": label,
                "url": self.path + self.query(level=number, open="", shut="", page=""),
                "current": not toggled and min(self.level, DEEPEST) == number,
            }
            for number, label in choices
        ]

    def _wall(self, instant) -> datetime.datetime | None:
        return to_wall(instant, self.project)


def _days(days: float) -> str:
    return fmt.number(round(days, 1))


def _numbers(text: str) -> set[int]:
    return {int(part) for part in text.split(".")[:MAX_TOGGLED] if part.isdigit() and len(part) < 12}


def _joined(numbers: set[int]) -> str:
    return ".".join(map(str, sorted(numbers)))
