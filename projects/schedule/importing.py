"""A plan file into a project: read, checked, then all of it or nothing.

A dry run is the import itself, rolled back: what it lists is what would come, down to the database's own rules.
"""

import datetime
import zlib
from collections import Counter as Tally
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pmdm.accounts.models import User
from pmdm.interchange.tabular import TableRefused, read
from pmdm.registers.models import Counter
from pmdm.worktime.engine import calendar_to_json
from projects.lifecycle.models import Project
from projects.schedule import planfiles
from projects.schedule.baselines import next_number
from projects.schedule.edits import UID_PREFIX
from projects.schedule.leaving import plan_of
from projects.schedule.localtime import to_instant, to_wall
from projects.schedule.models import (
    Assignment,
    Baseline,
    BaselineTask,
    Link,
    PlanBefore,
    PlanCalendar,
    PlanOrigin,
    PlanSettings,
    Resource,
    Task,
)
from projects.schedule.notation import format_duration
from projects.schedule.plan import Plan

MAX_BYTES = 32 * 1024 * 1024
FIRST_ROWS = 12
LISTED = 50  # differing dates and warnings shown one by one; all are counted
NAME_LENGTH = 300


@dataclass
class Report:
    """What comes and what can't; plain values, so that it can be kept and sent as JSON."""

    file: str
    source: str
    dry_run: bool
    project: str = ""
    start: str | None = None
    finish: str | None = None
    file_finish: str | None = None
    counts: dict = field(default_factory=dict)
    rows: list[dict] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    resources: list[dict] = field(default_factory=list)
    baselines: list[dict] = field(default_factory=list)
    projects: list[str] = field(default_factory=list)  # all that the file holds, where there are several
    chosen: str = ""
    replaces: int = 0  # tasks the project has now
    warnings: list[str] = field(default_factory=list)
    # Tasks whose dates in the file differ from those our engine computes.
    compared: int = 0
    differing: int = 0
    differences: list[dict] = field(default_factory=list)

    def as_json(self) -> dict:
        return asdict(self)


class Unreadable(ValidationError):
    """The file is refused; one message per problem, each naming its place and what would be accepted."""


def read_plan(data: bytes, file_name: str = "", *, project: str = "") -> planfiles.Plan:
    """The plan in a Microsoft Project XML, Primavera XER or XML, CSV or XLSX file, told apart by content.

    ``project`` names one of several that a Primavera file holds. Unreadable says why a file is refused.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(
            [_("The file has %(size)s MB; at most %(max)s MB are read.") % _megabytes(len(data))], code="too large"
        )
    try:
        if planfiles.is_xer(data):
            return planfiles.parse_xer(data, project)
        if planfiles.is_pmxml(data):
            return planfiles.parse_pmxml(data, project)
        if _looks_like_xml(data, file_name):
            return planfiles.parse_mspdi(data)
        if data.startswith(b"PK\x03\x04"):
            from projects.schedule.tables import whole_plan  # which reads plans itself

            data = whole_plan(read(data))
        return planfiles.parse_csv_plan(data)
    except TableRefused as refusal:
        raise Unreadable([str(problem) for problem in refusal.problems], code="unreadable")
    except planfiles.PlanFileError as error:
        raise Unreadable([str(problem) for problem in error.problems], code="unreadable")


def import_plan(
    project: Project, plan: planfiles.Plan, *, by, file_name="", replace=False, dry_run=False, at=None, progress=None
) -> Report:
    """Put the plan into the project, whole; ``dry_run`` undoes it and only says what would come.

    A project with tasks takes another plan only with ``replace``: tasks, links and resources then go; booked time and
    baselines that the file does not bring stay with the tasks of the same UID.
    """
    with transaction.atomic():
        report = _Importer(project, plan, by, file_name, replace or dry_run, at or timezone.now(), progress).run()
        report.dry_run = dry_run
        if dry_run:
            transaction.set_rollback(True)
    project.refresh_from_db()
    return report


def bring_back(project: Project, *, by, at=None) -> Report:
    """The plan as it stood before the last import, in place of what is there now; which is kept in its turn.

    Tasks, links, calendars, resources, progress and baselines come back, booked time finds its tasks again; what other
    pages hang on tasks (cards, sprints, estimates) went with the import. ValidationError where nothing is kept.
    """
    with transaction.atomic():
        Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
        before = PlanBefore.objects.filter(project=project).first()
        if before is None:
            raise ValidationError(_("No plan is kept from before an import."))
        plan = planfiles.parse_mspdi(zlib.decompress(before.content), check=False)
        there = set(project.baselines.filter(pk__in=before.baselines).order_by().values_list("number", flat=True))
        for task in plan.tasks:
            task.baselines = [baseline for baseline in task.baselines if baseline.number not in there]
        name = _("the plan before %(file)s") % {"file": before.replaced_by}
        return import_plan(project, plan, by=by, file_name=name, replace=True, at=at)


class _Importer:
    def __init__(self, project, plan, by, file_name, replace, at, progress) -> None:
        self.project, self.plan, self.by, self.at = project, plan, by, at
        self.replace, self.progress = replace, progress or (lambda percent, step="": None)
        self.report = Report(
            file_name, plan.source, False, project.code, warnings=[str(warning) for warning in plan.warnings]
        )
        if len(plan.projects) > 1:
            self.report.projects, self.report.chosen = plan.projects, plan.project.name
        self.money = True
        self.kept_time: list[tuple] = []

    def run(self) -> Report:
        project = Project.objects.select_for_update(of=("self",)).get(pk=self.project.pk)
        project.refuse_when_locked()
        self.project = project
        self._make_room()
        self._settings()
        self.progress(10, _("Calendars"))
        calendars = self._calendars()
        self.progress(20, _("Tasks"))
        tasks = self._tasks(calendars)
        self.progress(45, _("Links and resources"))
        self._links(tasks)
        self._resources(tasks)
        self.progress(65, _("Dates"))
        stored = Plan(project, by=self.by)
        moved = stored.save()
        self.progress(85, _("Baselines"))
        self._baselines(tasks)
        self._restore(tasks)
        self._keep_origin()
        self._tell(stored, moved)
        return self.report

    # What goes

    def _make_room(self) -> None:
        project = self.project
        count = self.report.replaces = project.tasks.count()
        if not count:
            return
        if not self.replace:
            raise ValidationError(
                ngettext(
                    "The project has %(n)d task already. Importing replaces its plan; say so to go on.",
                    "The project has %(n)d tasks already. Importing replaces its plan; say so to go on.",
                    count,
                )
                % {"n": count},
                code="not empty",
            )
        self._keep_before(count)
        coming = {baseline.number for task in self.plan.tasks for baseline in task.baselines}
        self.kept_time = list(
            project.time_entries.exclude(task=None).values_list("pk", "task__uid", "task__name").order_by("pk")
        )
        fixed = Q(state=Baseline.State.APPROVED) | Q(replaced_by_changes__isnull=False)
        project.baselines.filter(number__in=coming).exclude(fixed).delete()
        project.tasks.all().delete()
        project.resources.all().delete()
        project.plan_calendars.all().delete()

    def _keep_before(self, count: int) -> None:
        """The plan that goes, whole, so that it can be brought back."""
        content = zlib.compress(planfiles.write_mspdi(plan_of(self.project)), 6)
        PlanBefore.objects.update_or_create(
            project=self.project,
            defaults={
                "content": content,
                "tasks": count,
                "baselines": list(self.project.baselines.order_by("number").values_list("pk", flat=True)),
                "replaced_by": self.report.file[:200],
                "kept_at": self.at,
                "kept_by": self.by,
            },
        )

    def _restore(self, tasks: dict[int, Task]) -> None:
        # Frozen rows have found the tasks of their uid by themselves (projects.schedule.frozen).
        if lost := BaselineTask.objects.filter(baseline__project=self.project, task=None).count():
            self._warn(
                _("%(n)s baseline dates belong to tasks that are not in the file; they count as removed.") % {"n": lost}
            )
        entries = []
        for pk, uid, name in self.kept_time:
            if uid in tasks and tasks[uid].name == name:
                entries.append(self.project.time_entries.model(pk=pk, task=tasks[uid]))
        self.project.time_entries.bulk_update(entries, ["task"], batch_size=1000)
        if lost := len(self.kept_time) - len(entries):
            self._warn(
                _("%(n)s time entries stay booked on the project: their tasks are not in the file.") % {"n": lost}
            )

    # What comes

    def _settings(self) -> None:
        project, file = self.project, self.plan.project
        fields = {
            "minutes_per_day": file.minutes_per_day,
            "minutes_per_week": file.minutes_per_week,
            "days_per_month": file.days_per_month,
        }
        if file.start is not None:
            fields["schedule_start"] = self._instant(file.start)
        if self.plan.source in planfiles.PROGRAMS:
            fields["status_date"] = self._instant(file.status_date)
        for name, value in fields.items():
            setattr(project, name, value)
        Project.objects.filter(pk=project.pk).update(**fields)
        PlanSettings.objects.update_or_create(
            project=project,
            defaults={
                "honour_constraints": file.honour_constraints,
                "critical_float": file.critical_slack_minutes,
                "from_finish": self._instant(file.finish) if file.from_finish else None,
                "source_name": self.report.file[:200],
                "imported_at": self.at,
                "imported_by": self.by,
            },
        )
        if file.currency_code and file.currency_code.upper() != project.currency:
            self.money = False
            has_money = any(task.cost for task in self.plan.tasks) or any(r.rate for r in self.plan.resources)
            if has_money:
                self._warn(
                    _("Costs and rates in %(file)s stay behind: the project counts in %(project)s.")
                    % {"file": file.currency_code, "project": project.currency}
                )

    def _calendars(self) -> dict:
        """Calendar rows by the key that tasks name them with."""
        plan, project = self.plan, self.project
        effective, self.calendar_of = planfiles.effective_calendars(plan)
        names = {calendar.uid: calendar.name for calendar in plan.calendars}
        rows: dict = {}
        free = max([*names, 0]) + 1
        if plan.project.calendar_uid is not None:
            rows[None] = PlanCalendar(
                project=project,
                uid=plan.project.calendar_uid,
                name=names.get(plan.project.calendar_uid) or _("Project calendar"),
                is_project_calendar=True,
                **calendar_to_json(planfiles.project_calendar(plan)),
            )
        taken = {row.uid for row in rows.values()}
        for key, calendar in effective.items():
            uid = key[0] if len(key) == 1 and key[0] not in taken else free
            free += uid == free
            taken.add(uid)
            name = " + ".join(names.get(part) or str(part) for part in key)[:200]
            rows[key] = PlanCalendar(project=project, uid=uid, name=name, **calendar_to_json(calendar))
        PlanCalendar.objects.bulk_create(rows.values(), batch_size=500)
        self.report.calendars = [row.name for row in rows.values()]
        unused = len(plan.calendars) - len({uid for key in rows if key for uid in key} | {plan.project.calendar_uid})
        if unused > 0:
            self._warn(
                ngettext(
                    "%(n)d calendar that nothing works by stays behind.",
                    "%(n)d calendars that nothing works by stay behind.",
                    unused,
                )
                % {"n": unused}
            )
        return rows

    def _tasks(self, calendars) -> dict[int, Task]:
        project = self.project
        rows: dict[int, Task] = {}
        long_names = 0
        for number, task in enumerate(self.plan.tasks, start=1):
            long_names += len(task.name) > NAME_LENGTH
            manual = task.manual
            rows[task.uid] = Task(
                project=project,
                uid=task.uid,
                number=number,
                name=task.name[:NAME_LENGTH] or _("Task %(number)s") % {"number": number},
                notes=task.notes,
                is_milestone=task.milestone,
                mode=Task.Mode.MANUAL if manual else Task.Mode.AUTO,
                duration=task.duration_minutes,
                duration_elapsed=task.elapsed,
                constraint=int(task.constraint),
                constraint_date=self._instant(task.constraint_date),
                deadline=self._instant(task.deadline),
                calendar=calendars.get(self.calendar_of.get(task.uid)) if task.uid in self.calendar_of else None,
                percent=task.percent_complete,
                remaining=task.remaining_minutes if task.percent_complete or task.actual_start else None,
                actual_start=self._instant(_began(task)),
                actual_finish=self._instant(task.actual_finish),
                manual_start=self._instant(task.manual_start or task.stored_start) if manual else None,
                manual_finish=self._instant(task.manual_finish or task.stored_finish) if manual else None,
                work=task.work_minutes,
                cost=_amount(task.cost) if self.money else None,
                splits=[list(split) for split in task.splits],
                is_active=task.active,
            )
        if long_names:
            self._warn(_("%(n)s names are longer than 300 characters; they are cut.") % {"n": long_names})
        Task.objects.bulk_create(rows.values(), batch_size=1000)
        children = []
        for task in self.plan.tasks:
            if task.parent_uid in rows:
                rows[task.uid].parent = rows[task.parent_uid]
                children.append(rows[task.uid])
        Task.objects.bulk_update(children, ["parent"], batch_size=1000)
        Counter.objects.update_or_create(
            subject=f"project:{project.pk}", prefix=UID_PREFIX, defaults={"last": max(rows, default=0)}
        )
        return rows

    def _links(self, tasks) -> None:
        Link.objects.bulk_create(
            [
                Link(
                    project=self.project,
                    predecessor=tasks[link.predecessor_uid],
                    successor=tasks[link.successor_uid],
                    type=link.type.value,
                    lag=round(link.lag),
                    lag_unit=link.lag_unit.value,
                )
                for link in self.plan.links
            ],
            batch_size=2000,
        )

    def _resources(self, tasks) -> None:
        emails = [resource.email.lower() for resource in self.plan.resources if resource.email]
        names = [resource.name for resource in self.plan.resources if resource.name]
        by_email = {user.email.lower(): user for user in User.objects.filter(is_active=True, email__in=emails)}
        ours = User.objects.filter(is_active=True, organisation=None, name__in=names)
        same_name = Tally(user.name for user in ours)
        by_name = {user.name: user for user in ours if same_name[user.name] == 1}
        rows: dict[int, Resource] = {}
        for resource in self.plan.resources:
            user = by_email.get(resource.email.lower()) if resource.email else None
            user = user or (by_name.get(resource.name) if resource.type == "work" else None)
            rows[resource.uid] = Resource(
                project=self.project,
                uid=resource.uid,
                name=resource.name[:200] or _("Resource %(uid)s") % {"uid": resource.uid},
                kind=resource.type,
                user=user,
                max_units=_percent(resource.max_units),
                hourly_rate=_amount(resource.rate) if self.money and resource.type == "work" else None,
            )
        Resource.objects.bulk_create(rows.values(), batch_size=1000)
        pairs: dict[tuple[int, int], Assignment] = {}
        for assignment in self.plan.assignments:
            if assignment.task_uid in tasks and assignment.resource_uid in rows:
                pairs[assignment.task_uid, assignment.resource_uid] = Assignment(
                    project=self.project,
                    task=tasks[assignment.task_uid],
                    resource=rows[assignment.resource_uid],
                    units=_percent(assignment.units),
                    work=assignment.work_minutes,
                    cost=_amount(assignment.cost) if self.money else None,
                )
        Assignment.objects.bulk_create(pairs.values(), batch_size=2000)
        self.report.counts["assignments"] = len(pairs)
        self.report.resources = [
            {"name": row.name, "kind": row.kind, "person": row.user.name if row.user else None} for row in rows.values()
        ]

    def _baselines(self, tasks) -> None:
        by_number: dict[int, list[BaselineTask]] = {}
        for task in self.plan.tasks:
            for baseline in task.baselines:
                by_number.setdefault(baseline.number, []).append(
                    BaselineTask(
                        task=tasks[task.uid],
                        start=self._instant(baseline.start),
                        finish=self._instant(baseline.finish),
                        duration=baseline.duration_minutes,
                        work=baseline.work_minutes,
                        cost=_amount(baseline.cost) if self.money else None,
                    )
                )
        if not by_number:
            return
        # Microsoft Project measures against number 0; where a file has none, against the latest.
        has_active = self.project.baselines.filter(is_active=True).exists()
        active = None if has_active else 0 if 0 in by_number else max(by_number)
        whole = {baseline.number: baseline for baseline in (self.plan.project_task or _NOTHING).baselines}
        approved = set(
            self.project.baselines.filter(number__in=by_number, state=Baseline.State.APPROVED)
            .order_by()
            .values_list("number", flat=True)
        )
        for file_number, rows in sorted(by_number.items()):
            number = file_number
            if file_number in approved:
                number = max(next_number(self.project), max(by_number) + 1)
                self._warn(
                    _("Baseline %(n)s is approved here and stays; that of the file comes as number %(new)s.")
                    % {"n": file_number, "new": number}
                )
            starts = [row.start for row in rows if row.start]
            finishes = [row.finish for row in rows if row.finish]
            of_all = whole.get(file_number)
            start = self._instant(of_all.start) if of_all else None
            finish = self._instant(of_all.finish) if of_all else None
            baseline = Baseline.objects.create(
                project=self.project,
                number=number,
                is_active=file_number == active,
                start=min(starts, default=start),
                finish=max(finishes, default=finish),
                taken_at=self.at,
                taken_by=self.by,
            )
            for row in rows:
                row.baseline = baseline
            BaselineTask.objects.bulk_create(rows, batch_size=2000)
            self.report.baselines.append({"number": number, "tasks": len(rows), "active": file_number == active})

    def _keep_origin(self) -> None:
        """What the file says beyond our fields, for the way back; a table says no more than we keep."""
        PlanOrigin.objects.filter(project=self.project).delete()
        if self.plan.source in planfiles.PROGRAMS and self.plan.project.start is not None:
            content = zlib.compress(planfiles.write_mspdi(self.plan), 6)
            PlanOrigin.objects.create(project=self.project, content=content, kept_at=self.at)

    # What is said about it

    def _tell(self, stored: Plan, moved) -> None:
        report, plan, project = self.report, self.plan, self.project
        by_uid = {row.uid: row for row in stored.rows}
        report.start = _iso(to_wall(project.computed_start, project))
        report.finish = _iso(to_wall(project.computed_finish, project))
        leaves = [task for task in plan.tasks if not by_uid[task.uid].is_summary and task.active]
        finishes = [task.stored_finish for task in leaves if task.stored_finish]
        report.file_finish = _iso(max(finishes, default=None))
        links = Tally(link.type.value for link in plan.links)
        report.counts |= {
            "tasks": len(plan.tasks),
            "summaries": sum(row.is_summary for row in stored.rows),
            "milestones": sum(row.is_milestone for row in stored.rows),
            "links": len(plan.links),
            "links_by_type": dict(sorted(links.items())),
            "calendars": len(report.calendars),
            "exceptions": sum(len(calendar.exceptions) for calendar in plan.calendars),
            "resources": len(plan.resources),
            "baselines": len(report.baselines),
            "with_progress": sum(1 for task in leaves if task.percent_complete),
            "manual": sum(task.manual for task in plan.tasks),
            "split": sum(bool(task.splits) for task in plan.tasks),
            "critical": sum(row.is_critical for row in stored.rows if not row.is_summary),
        }
        for row in stored.rows[:FIRST_ROWS]:
            report.rows.append(
                {
                    "uid": row.uid,
                    "wbs": row.wbs,
                    "level": row.outline_level,
                    "name": row.name,
                    "summary": row.is_summary,
                    "milestone": row.is_milestone,
                    "duration": format_duration(row.duration, elapsed=row.duration_elapsed, units=plan.project.units),
                    "start": _iso(to_wall(row.start, project)),
                    "finish": _iso(to_wall(row.finish, project)),
                    "percent": row.percent,
                }
            )
        self._compare(stored, leaves, by_uid)
        for conflict in moved.conflicts[:LISTED]:
            numbers = {row.id: row.number for row in stored.rows}
            self._warn(
                _("Link %(before)s → %(after)s is not respected: the later task has fixed dates.")
                % {"before": numbers[conflict.link.predecessor], "after": numbers[conflict.link.successor]}
            )

    def _compare(self, stored: Plan, leaves, by_uid) -> None:
        """The file's own dates beside ours. Friday 17:00 and Monday 08:00 are the same working instant."""
        calendar, project = stored.calendar, self.project
        for task in leaves:
            row = by_uid[task.uid]
            if task.stored_start is None or task.stored_finish is None:
                continue
            self.report.compared += 1
            pairs = {
                "start": (task.stored_start, to_wall(row.start, project)),
                "finish": (task.stored_finish, to_wall(row.finish, project)),
            }
            unlike = {
                name: {"file": _iso(theirs), "computed": _iso(ours)}
                for name, (theirs, ours) in pairs.items()
                if theirs != ours and ours is not None and calendar.between(theirs, ours)
            }
            if unlike:
                self.report.differing += 1
                if len(self.report.differences) < LISTED:
                    self.report.differences.append({"uid": task.uid, "name": task.name, **unlike})

    def _warn(self, text: str) -> None:
        self.report.warnings.append(str(text))

    def _instant(self, wall: datetime.datetime | None):
        return to_instant(wall, self.project)


class _Nothing:
    baselines: tuple = ()


_NOTHING = _Nothing()


def _began(task: planfiles.PlanTask) -> datetime.datetime | None:
    """The actual start; a task that only says when it was done began when the file has it beginning."""
    if task.actual_start or not task.actual_finish:
        return task.actual_start
    return min(task.stored_start or task.actual_finish, task.actual_finish)


def _looks_like_xml(data: bytes, file_name: str) -> bool:
    start = data[:400].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    return start.startswith(b"<") or file_name.lower().endswith(".xml")


def _megabytes(size: int) -> dict:
    return {"size": -(-size // 1024**2), "max": MAX_BYTES // 1024**2}


def _percent(units: Decimal) -> Decimal:
    return min((units * 100).quantize(Decimal("0.01")), Decimal("99999.99"))


def _amount(value: Decimal | None) -> Decimal | None:
    if value is None:
        return None
    return min(max(value, Decimal(0)), Decimal("999999999.99")).quantize(Decimal("0.01"))


def _iso(value: datetime.datetime | None) -> str | None:
    return value.isoformat() if value else None
