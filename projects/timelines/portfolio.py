"""All projects one may see against time: when each runs, its milestones and gates, its baseline, how late it is."""

import datetime
from dataclasses import dataclass, field

from django import forms
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission as P
from pmdm.accounts.roles import Role
from pmdm.charts.portfolio import Mark, Row
from pmdm.ui import format as fmt
from pmdm.ui.forms import FilterForm
from pmdm.ui.lists import ListPage
from projects.lifecycle.models import Phase, Project
from projects.schedule.localtime import to_wall
from projects.schedule.models import Baseline, Task
from projects.team.models import Membership
from projects.timelines.words import drawn

DAY = datetime.timedelta(days=1)
PER_PAGE = 50
MARKS = 40  # of one project; the next first


class TimelineFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("Project, code, client or manager"), required=False, max_length=200)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("", gettext_lazy("Open")),
            ("late", gettext_lazy("Open and late")),
            ("closed", gettext_lazy("Closed or cancelled")),
            ("all", gettext_lazy("All")),
        ],
    )
    span = forms.ChoiceField(
        label=gettext_lazy("Days shown"),
        required=False,
        choices=[
            ("", gettext_lazy("All of them")),
            ("quarter", gettext_lazy("Three months")),
            ("half", gettext_lazy("Six months")),
            ("year", gettext_lazy("A year")),
        ],
    )

    def filter(self, queryset):
        for word in self.words():
            queryset = queryset.filter(
                Q(name__icontains=word)
                | Q(code__istartswith=word)
                | Q(client__name__icontains=word)
                | Q(manager_name__icontains=word)
            )
        match self.cleaned_data["state"]:
            case "closed":
                return queryset.exclude(state__in=Project.OPEN_STATES)
            case "late":
                return queryset.open().filter(ends__gt=F("due"))
            case "all":
                return queryset
        return queryset.open()

    def days(self, today: datetime.date) -> tuple[datetime.date | None, datetime.date | None]:
        span = self.cleaned_data.get("span") if self.is_valid() else ""
        length = {"quarter": 92, "half": 183, "year": 366}.get(span or "")
        return (today - length // 6 * DAY, today + length * DAY) if length else (None, None)


SORTS = {
    "name": "name",
    "start": F("begins").asc(nulls_last=True),
    "finish": F("ends").asc(nulls_last=True),
    "late": F("slip").desc(nulls_last=True),
    "manager": "manager_name",
}


@dataclass
class Line:
    """One project: its days on its own wall clock. ``slip``: days beyond what was promised; None without a promise."""

    project: Project
    start: datetime.date | None
    finish: datetime.date | None
    baseline: tuple[datetime.date, datetime.date] | None
    due: datetime.date | None
    percent: int
    marks: list[Mark] = field(default_factory=list)
    milestones: int = 0
    coming: tuple[str, datetime.date, bool] | None = None  # the next milestone, its day, whether that has passed
    gates: list[tuple[str, datetime.date, bool]] = field(default_factory=list)

    @property
    def slip(self) -> int | None:
        return (self.finish - self.due).days if self.finish and self.due else None

    @property
    def late(self) -> bool:
        return bool(self.slip and self.slip > 0 and self.project.is_open)


def timeline_page(request) -> ListPage:
    return ListPage(
        request, _projects(request.user), sorts=SORTS, default_sort="finish", form=TimelineFilter, per_page=PER_PAGE
    )


def _projects(user):
    """With plain columns to sort by. The promise: the active baseline's finish, else the charter's target."""
    manager = Membership.objects.filter(project=OuterRef("pk"), role=Role.MANAGER).values("user__name")
    frozen = Baseline.objects.filter(project=OuterRef("pk"), is_active=True)
    done = (
        Task.objects.filter(project=OuterRef("pk"), is_summary=False, is_active=True, duration__gt=0)
        .order_by()
        .values("project")
        .annotate(share=Sum(F("duration") * F("percent")) / Sum("duration"))
        .values("share")
    )
    return (
        Project.objects.allowing(user, P.SCHEDULE_VIEW)
        .select_related("client")
        .annotate(
            manager_name=Coalesce(Subquery(manager[:1]), Value("")),
            base_start=Subquery(frozen.values("start")[:1]),
            base_finish=Subquery(frozen.values("finish")[:1]),
            progress=Coalesce(Subquery(done), Value(0)),
        )
        .annotate(
            begins=Coalesce(TruncDate("computed_start"), F("target_start")),
            ends=Coalesce(TruncDate("computed_finish"), F("target_finish")),
            due=Coalesce(TruncDate("base_finish"), F("target_finish")),
        )
        .annotate(slip=F("ends") - F("due"))
        .only(
            "code", "name", "state", "time_zone", "computed_start", "computed_finish", "target_start", "target_finish",
            "client__name",
        )
    )  # fmt: skip


def lines_of(projects: list[Project], now: datetime.datetime | None = None) -> list[Line]:
    """The page's projects with their milestones and gates, in two queries for any number."""
    now = now or timezone.now()
    lines = {project.pk: _line(project) for project in projects}
    milestones = Task.objects.filter(project__in=lines, is_milestone=True, is_summary=False, is_active=True)
    for project_id, name, finish, percent in (
        milestones.exclude(finish=None)
        .order_by("finish")
        .values_list("project_id", "name", "finish", "percent")[: MARKS * PER_PAGE]
    ):
        line = lines[project_id]
        day = to_wall(finish, line.project).date()
        kind = "reached" if percent == 100 else "late" if finish < now else "mile"
        mark = Mark(day, kind, f"{name}, {fmt.day(day)}")
        line.marks.append(mark)
        line.milestones += 1
        if percent < 100 and line.coming is None:
            line.coming = (name, day, finish < now)
    for phase in Phase.objects.filter(project__in=lines).exclude(gate_due=None).order_by("position"):
        if phase.gate_due is None:
            continue
        passed = phase.state == Phase.State.DONE
        title = _("Gate of %(phase)s, %(day)s") % {"phase": phase, "day": fmt.day(phase.gate_due)}
        line = lines[phase.project_id]
        line.gates.append((str(phase), phase.gate_due, passed))
        line.marks.append(Mark(phase.gate_due, "passed" if passed else "gate", title))
    return list(lines.values())


def chart_of(lines: list[Line], today: datetime.date, first=None, last=None):
    """The drawing that stands beside the table, row by row."""
    rows = [
        Row(
            label=f"{line.project.code} {line.project.name}",
            start=line.start,
            finish=line.finish,
            percent=line.percent,
            late=line.late,
            baseline=line.baseline,
            marks=line.marks,
        )
        for line in lines
    ]
    return drawn(rows, today, label=_("Projects against time"), first=first, last=last)


def _line(project) -> Line:
    def day(instant):
        wall = to_wall(instant, project)
        return wall.date() if wall else None

    start, finish = day(project.computed_start) or project.target_start, day(project.computed_finish)
    finish = finish or project.target_finish
    if start and finish and finish < start:
        start = finish
    base = (day(project.base_start), day(project.base_finish))
    return Line(
        project,
        start if finish else None,
        finish if start else None,
        baseline=base if base[0] and base[1] else None,
        due=base[1] or project.target_finish,
        percent=round(project.progress),
    )
