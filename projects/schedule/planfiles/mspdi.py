"""Microsoft Project XML (MSPDI) into a ``Plan``.

Source: Microsoft's Project XML data interchange schema; units and codes as its reference gives them.
"""

from collections import Counter
from decimal import Decimal

from projects.schedule.engine import Constraint, LagUnit, LinkType

from .calendars import read_calendar
from .checks import check_plan
from .plan import (
    MAX_LEVEL,
    Plan,
    PlanAssignment,
    PlanBaseline,
    PlanFileError,
    PlanLink,
    PlanProblem,
    PlanProject,
    PlanResource,
    PlanTask,
)
from .splits import Timephased, read_splits
from .values import Fields, Reader
from .xmlrecords import Record, read_records

MAX_BYTES = 50 * 1024 * 1024
MAX_TASKS = 100_000
MAX_LINKS = 400_000
MAX_RESOURCES = 20_000
MAX_ASSIGNMENTS = 400_000
MAX_CALENDARS = 2_000

LINK_TYPES = (LinkType.FF, LinkType.FS, LinkType.SF, LinkType.SS)
RESOURCE_TYPES = ("material", "work", "cost")
UNITS = {3: "m", 5: "h", 7: "d", 9: "w", 11: "mo"}  # even codes 4 to 12 are the elapsed ones
ELAPSED_FORMATS = (4, 6, 8, 10, 12)
PERCENT, ELAPSED_PERCENT = 19, 20
ESTIMATED = 32  # added to a duration format
NO_UID = -65_535  # an assignment to nobody


def parse_mspdi(data: bytes, *, check: bool = True) -> Plan:
    """The plan in a Microsoft Project XML file; PlanFileError says, one by one, why it can't be read.

    Without ``check`` the network is not scheduled and split tasks stay whole: for a file that was checked before.
    """
    _refuse_other_files(data)
    parser = _Parser(check=check)
    top = read_records(
        data,
        "Project",
        {
            "Calendars": parser.calendar,
            "Tasks": parser.task,
            "Resources": parser.resource,
            "Assignments": parser.assignment,
            "ExtendedAttributes": parser.custom_field,
        },
    )
    return parser.finish(top)


def _refuse_other_files(data: bytes) -> None:
    def refuse(value: str, accepted: str) -> PlanFileError:
        return PlanFileError([PlanProblem("File", value, accepted)])

    if len(data) > MAX_BYTES:
        raise refuse(f"{len(data):,} bytes", f"a file of at most {MAX_BYTES // 1024**2} MB")
    if not data.strip():
        raise refuse("an empty file", "a Microsoft Project XML file")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise refuse("a binary .mpp file", "the plan saved as XML (File, Save as, XML format)")
    if data.startswith(b"PK\x03\x04"):
        raise refuse("a zip or Office file", "the plan saved as XML (File, Save as, XML format)")


class _Parser:
    """Reads record by record; links and parents are checked once everything is known."""

    def __init__(self, *, check: bool) -> None:
        self.check = check
        self.reader = Reader()
        self.contoured = 0
        self.plan = Plan("mspdi", PlanProject())
        self.levels: list[PlanTask] = []  # the latest task of each outline level, below the project's row
        self.seen: set[int] = set()
        self.dropped: set[int] = set()  # blank and external rows, which links may name
        self.blank_rows = 0
        self.placeholders = 0
        self.timephased: dict[int, list[Timephased]] = {}
        self.custom_names: dict[str, str] = {}  # of custom fields, by their id
        self.custom_values: Counter[str] = Counter()  # how many rows have one, by its id

    # Records

    def custom_field(self, record: Record) -> None:
        """A field that the file's authors defined: 'Text1', perhaps with a name of their own."""
        if record.tag == "ExtendedAttribute":
            own, name = record.values.get("Alias", "").strip(), record.values.get("FieldName", "").strip()
            self.custom_names[record.values.get("FieldID", "")] = (f"{own} ({name})" if own else name)[:100]

    def _custom_values(self, record: Record) -> None:
        for tag in ("ExtendedAttribute", "OutlineCode"):
            self.custom_values.update({value.values.get("FieldID", "") for value in record.all(tag)})

    def calendar(self, record: Record) -> None:
        if record.tag == "Calendar" and self._fits(self.plan.calendars, MAX_CALENDARS, "calendars", record):
            self.plan.calendars.append(read_calendar(self.reader, record))

    def task(self, record: Record) -> None:
        if record.tag != "Task" or not self._fits(self.plan.tasks, MAX_TASKS, "tasks", record):
            return
        fields = Fields(self.reader, record, "Task")
        uid = fields.integer("UID")
        if uid is None:
            if "UID" not in record.values:
                self.reader.refuse("Task, UID", "", "a whole number", record.line)
            return
        name = fields.text("Name", 512)
        fields.where = f"Task {uid} ({name})" if name else f"Task {uid}"
        self._custom_values(record)
        if uid in self.seen:
            self.reader.refuse(f"{fields.where}, UID", str(uid), "a UID that no other task has", record.line)
            return
        self.seen.add(uid)
        if fields.flag("IsNull"):
            self.blank_rows += 1
            self.dropped.add(uid)
            return
        if fields.flag("ExternalTask"):
            self.dropped.add(uid)
            self.reader.warn(fields.where, "belongs to another project; it and its links do not come along.")
            return
        task = self._task(fields, uid, name)
        if uid == 0 or task.outline_level == 0:
            self.plan.project_task = self.plan.project_task or task
            self.dropped.add(uid)
            return
        self._place(fields, task)
        self.plan.tasks.append(task)
        for link in record.all("PredecessorLink"):
            self._link(link, task, fields.where)

    def resource(self, record: Record) -> None:
        if record.tag != "Resource" or not self._fits(self.plan.resources, MAX_RESOURCES, "resources", record):
            return
        fields = Fields(self.reader, record, "Resource")
        uid = fields.integer("UID")
        if uid is None or fields.flag("IsNull"):
            return
        name = fields.text("Name", 255)
        if uid <= 0 and not name:
            return  # the row MS Project keeps for work that is nobody's
        self._custom_values(record)
        fields.where = f"Resource {uid} ({name})"
        kind = RESOURCE_TYPES[fields.integer("Type", 1, 0, 2) or 0]
        self.plan.resources.append(
            PlanResource(
                uid=uid,
                id=fields.integer("ID"),
                name=name,
                initials=fields.text("Initials", 50),
                group=fields.text("Group", 255),
                email=fields.text("EmailAddress", 254),
                type="cost" if fields.flag("IsCostResource") else kind,
                max_units=fields.decimal("MaxUnits") or Decimal(1),
                rate=fields.decimal("StandardRate"),
                overtime_rate=fields.decimal("OvertimeRate"),
                cost_per_use=fields.decimal("CostPerUse", 100),
                cost=fields.decimal("Cost", 100),
                calendar_uid=_known(fields.integer("CalendarUID")),
                generic=fields.flag("IsGeneric"),
                notes=fields.text("Notes", 20_000),
            )
        )

    def assignment(self, record: Record) -> None:
        fits = self._fits(self.plan.assignments, MAX_ASSIGNMENTS, "assignments", record)
        if record.tag != "Assignment" or not fits:
            return
        fields = Fields(self.reader, record, "Assignment")
        fields.where = f"Assignment {record.values.get('UID', '')} of task {record.values.get('TaskUID', '')}"
        task_uid, resource_uid = fields.integer("TaskUID"), fields.integer("ResourceUID", NO_UID)
        if task_uid is None:
            self.reader.refuse(f"{fields.where}, TaskUID", "", "the UID of a task", record.line)
            return
        self.contoured += bool(fields.integer("WorkContour", 0, 0, 8))
        parts = read_splits(self.reader, record)
        if parts:
            self.timephased.setdefault(task_uid, []).extend(parts)
        if resource_uid is None or resource_uid < 0:
            return  # work that is nobody's: MS Project writes such a row for every task without people
        self._custom_values(record)
        self.plan.assignments.append(
            PlanAssignment(
                uid=fields.integer("UID", 0) or 0,
                task_uid=task_uid,
                resource_uid=resource_uid,
                units=_or(fields.decimal("Units"), Decimal(1)),
                work_minutes=fields.duration("Work"),
                actual_work_minutes=fields.duration("ActualWork"),
                cost=fields.decimal("Cost", 100),
                start=fields.moment("Start"),
                finish=fields.moment("Finish"),
            )
        )

    def finish(self, top: Record) -> Plan:
        plan, reader = self.plan, self.reader
        plan.project = _project(Fields(reader, top, "Project"))
        self._link_ends()
        self._assignment_ends()
        self._calendar_names()
        if plan.project.start is None:
            starts = [task.stored_start for task in plan.tasks if task.stored_start is not None]
            plan.project.start = min(starts, default=None)
            if plan.project.start is None:
                reader.refuse("Project, StartDate", "", "the date the project starts", top.lines.get("StartDate"))
        if self.blank_rows:
            reader.warn("Tasks", f"{self.blank_rows} blank rows were left out.")
        if self.placeholders:
            reader.warn(
                "Tasks",
                f"{self.placeholders} tasks carry an actual finish although nothing of them is done; such dates "
                "were taken for the writing program's way to say 'no date'.",
            )
        if reader.rounded:
            reader.warn("Tasks", f"{reader.rounded} durations had seconds and were rounded to minutes.")
        for field_id, count in sorted(self.custom_values.items()):
            name = self.custom_names.get(field_id) or f"number {field_id or '?'}"
            reader.warn("Custom fields", f"{name} has a value in {count} rows; custom fields do not come along.")
        plan.warnings = reader.warnings
        if reader.problems:
            raise PlanFileError(reader.problems)
        if self.contoured:
            reader.warn(
                "Assignments",
                f"{self.contoured} spread their work unevenly over time; the work comes along, the contour does not.",
            )
        if self.check:
            check_plan(plan, self.timephased)
        return plan

    # Tasks

    def _task(self, fields: Fields, uid: int, name: str) -> PlanTask:
        percent = fields.integer("PercentComplete", 0, 0, 100) or 0
        duration_format = fields.integer("DurationFormat", 7, 0, 1_000) or 7
        unit, elapsed, estimated = _duration_format(duration_format)
        task = PlanTask(
            uid=uid,
            id=fields.integer("ID"),
            name=name,
            outline_level=_or(fields.integer("OutlineLevel", 1, 0, MAX_LEVEL), 1),
            outline_number=fields.text("OutlineNumber", 512),
            wbs=fields.text("WBS", 512),
            type=fields.integer("Type", 0, 0, 2) or 0,
            summary=fields.flag("Summary"),
            milestone=fields.flag("Milestone"),
            manual=fields.flag("Manual"),
            active=fields.flag("Active", True),
            recurring=fields.flag("Recurring"),
            duration_minutes=fields.duration("Duration") or 0,
            elapsed=elapsed,
            duration_unit=unit,
            estimated=estimated or fields.flag("Estimated"),
            constraint=Constraint(fields.integer("ConstraintType", 0, 0, 7) or 0),
            constraint_date=fields.moment("ConstraintDate"),
            deadline=fields.moment("Deadline"),
            manual_start=fields.moment("ManualStart"),
            manual_finish=fields.moment("ManualFinish"),
            percent_complete=percent,
            physical_percent_complete=fields.integer("PhysicalPercentComplete", 0, 0, 100) or 0,
            actual_start=fields.moment("ActualStart"),
            actual_finish=fields.moment("ActualFinish"),
            remaining_minutes=fields.duration("RemainingDuration"),
            calendar_uid=_known(fields.integer("CalendarUID")),
            ignore_resource_calendar=fields.flag("IgnoreResourceCalendar"),
            priority=_or(fields.integer("Priority", 500, 0, 1_000), 500),
            work_minutes=fields.duration("Work"),
            cost=fields.decimal("Cost", 100),
            fixed_cost=fields.decimal("FixedCost", 100),
            notes=fields.text("Notes", 20_000),
            stored_start=fields.moment("Start"),
            stored_finish=fields.moment("Finish"),
            stored_early_start=fields.moment("EarlyStart"),
            stored_early_finish=fields.moment("EarlyFinish"),
            stored_late_start=fields.moment("LateStart"),
            stored_late_finish=fields.moment("LateFinish"),
            stored_critical=fields.flag("Critical") if "Critical" in fields.record.values else None,
            stored_total_slack=fields.tenths("TotalSlack"),
            stored_free_slack=fields.tenths("FreeSlack"),
            line=fields.record.line,
        )
        task.baselines = self._baselines(fields)
        self._drop_placeholders(task)
        if task.constraint > Constraint.ALAP and task.constraint_date is None:
            title = task.constraint.title
            fields.reader.refuse(f"{fields.where}, ConstraintDate", "", f"a date for “{title}”", fields.record.line)
        if fields.integer("LevelingDelay", 0):
            fields.reader.warn(fields.where, "has a levelling delay, which does not come along.", task.line)
        if fields.flag("IsSubproject"):
            fields.reader.warn(fields.where, "stands for another project; only this row comes along.", task.line)
        return task

    def _drop_placeholders(self, task: PlanTask) -> None:
        """An actual finish with nothing done is a placeholder date; wherever it stands, it means no date."""
        if task.percent_complete or task.actual_finish is None:
            return
        placeholder = task.actual_finish
        self.placeholders += 1
        task.actual_finish = None
        if task.actual_start == placeholder:
            task.actual_start = None
        if task.deadline == placeholder:
            task.deadline = None
        for baseline in task.baselines:
            if baseline.start == placeholder:
                baseline.start = None
            if baseline.finish == placeholder:
                baseline.finish = None

    def _baselines(self, fields: Fields) -> list[PlanBaseline]:
        baselines: list[PlanBaseline] = []
        for record in fields.record.all("Baseline"):
            inner = Fields(self.reader, record, f"{fields.where}, Baseline")
            number = inner.integer("Number", 0, 0, 10)
            if number is None or any(baseline.number == number for baseline in baselines):
                continue
            baselines.append(
                PlanBaseline(
                    number=number,
                    start=inner.moment("Start"),
                    finish=inner.moment("Finish"),
                    duration_minutes=inner.duration("Duration"),
                    elapsed=_duration_format(inner.integer("DurationFormat", 7, 0, 1_000) or 7)[1],
                    work_minutes=inner.duration("Work"),
                    cost=inner.decimal("Cost", 100),
                )
            )
        return sorted(baselines, key=lambda baseline: baseline.number)

    def _place(self, fields: Fields, task: PlanTask) -> None:
        """Find the parent: the latest task one level up."""
        level = task.outline_level
        if level > len(self.levels) + 1:
            fields.reader.warn(
                fields.where,
                f"is on outline level {level} below no task of level {level - 1}; it moved up.",
                task.line,
            )
            task.outline_level = level = len(self.levels) + 1
        del self.levels[level - 1 :]
        if self.levels:
            task.parent_uid = self.levels[-1].uid
        self.levels.append(task)

    def _link(self, record: Record, task: PlanTask, where: str) -> None:
        fields = Fields(self.reader, record, f"{where}, PredecessorLink")
        if fields.flag("CrossProject"):
            name = fields.text("CrossProjectName", 300)
            self.reader.warn(where, f"is linked to a task of another project {name}; the link does not come along.")
            return
        if not self._fits(self.plan.links, MAX_LINKS, "links", record):
            return
        predecessor = fields.integer("PredecessorUID")
        kind = fields.integer("Type", 1, 0, 3)
        lag_format = fields.integer("LagFormat", 7, 0, 1_000) or 7
        if predecessor is None or kind is None:
            if "PredecessorUID" not in record.values:
                self.reader.refuse(f"{fields.where}, PredecessorUID", "", "the UID of a task", record.line)
            return
        tenths = fields.tenths("LinkLag") or 0.0
        lag_format -= ESTIMATED if lag_format > ESTIMATED + 2 else 0
        if lag_format in (PERCENT, ELAPSED_PERCENT):
            lag, unit = tenths * 10, LagUnit.PERCENT if lag_format == PERCENT else LagUnit.ELAPSED_PERCENT
            if abs(lag) > 100_000:
                self.reader.refuse(f"{fields.where}, LinkLag", f"{lag:g} %", "at most 100 000 %", record.line)
        else:
            lag, unit = float(round(tenths)), LagUnit.WORKING
            if lag_format in ELAPSED_FORMATS:
                unit = LagUnit.ELAPSED
        whole = int(lag) if lag == int(lag) else lag
        shown = UNITS.get(lag_format - (lag_format in ELAPSED_FORMATS), "d")
        self.plan.links.append(PlanLink(predecessor, task.uid, LINK_TYPES[kind], whole, unit, shown, record.line))

    # Once everything is read

    def _link_ends(self) -> None:
        plan, reader = self.plan, self.reader
        there = {task.uid: task for task in plan.tasks}
        kept: list[PlanLink] = []
        pairs: set[tuple[int, int]] = set()
        for link in plan.links:
            successor = there[link.successor_uid]
            where = f"Task {successor.uid} ({successor.name}), PredecessorLink"
            pair = link.predecessor_uid, link.successor_uid
            if link.predecessor_uid in self.dropped:
                reader.warn(where, f"names task {link.predecessor_uid}, which does not come along.", link.line)
            elif link.predecessor_uid not in there:
                accepted = "the UID of a task in this file"
                reader.refuse(f"{where}, PredecessorUID", str(link.predecessor_uid), accepted, link.line)
            elif link.predecessor_uid == link.successor_uid:
                reader.refuse(f"{where}, PredecessorUID", str(link.predecessor_uid), "another task", link.line)
            elif pair in pairs:
                reader.warn(where, f"names task {link.predecessor_uid} twice; the first link counts.", link.line)
            else:
                pairs.add(pair)
                kept.append(link)
        plan.links = kept

    def _assignment_ends(self) -> None:
        plan = self.plan
        tasks = {task.uid for task in plan.tasks}
        resources = {resource.uid for resource in plan.resources}
        kept = []
        for assignment in plan.assignments:
            if assignment.task_uid in tasks and assignment.resource_uid in resources:
                kept.append(assignment)
            elif assignment.task_uid not in self.dropped and assignment.resource_uid > 0:
                self.reader.warn(
                    f"Assignment {assignment.uid}",
                    f"joins task {assignment.task_uid} and resource {assignment.resource_uid}, of which one is "
                    "missing; it does not come along.",
                )
        plan.assignments = kept

    def _calendar_names(self) -> None:
        plan, reader = self.plan, self.reader
        there = {calendar.uid for calendar in plan.calendars}
        if len(there) < len(plan.calendars):
            reader.refuse("Calendars", "two with one UID", "UIDs that no other calendar has")
        if plan.project.calendar_uid is not None and plan.project.calendar_uid not in there:
            reader.warn(
                "Project", f"names calendar {plan.project.calendar_uid}, which is missing; standard hours are used."
            )
            plan.project.calendar_uid = None
        for task in plan.tasks:
            if task.calendar_uid is not None and task.calendar_uid not in there:
                reader.warn(f"Task {task.uid} ({task.name})", f"names calendar {task.calendar_uid}, which is missing.")
                task.calendar_uid = None
        for resource in plan.resources:
            if resource.calendar_uid is not None and resource.calendar_uid not in there:
                resource.calendar_uid = None  # MS Project names one even for rows that never had a calendar

    def _fits(self, there: list, limit: int, what: str, record: Record) -> bool:
        if len(there) < limit:
            return True
        if not any(problem.where == what.capitalize() for problem in self.reader.problems):
            self.reader.refuse(what.capitalize(), f"more than {limit:,}", f"at most {limit:,} {what}", record.line)
        return False


def _project(fields: Fields) -> PlanProject:
    return PlanProject(
        name=fields.text("Name", 255),
        title=fields.text("Title", 255),
        author=fields.text("Author", 255),
        company=fields.text("Company", 255),
        start=fields.moment("StartDate"),
        finish=fields.moment("FinishDate"),
        from_finish=not fields.flag("ScheduleFromStart", True),
        calendar_uid=_known(fields.integer("CalendarUID")),
        status_date=fields.moment("StatusDate"),
        default_start=fields.clock("DefaultStartTime") or PlanProject().default_start,
        default_finish=fields.clock("DefaultFinishTime") or PlanProject().default_finish,
        minutes_per_day=fields.integer("MinutesPerDay", 480, 1, 1_440) or 480,
        minutes_per_week=fields.integer("MinutesPerWeek", 2_400, 1, 10_080) or 2_400,
        days_per_month=fields.integer("DaysPerMonth", 20, 1, 31) or 20,
        critical_slack_minutes=(fields.integer("CriticalSlackLimit", 0, 0, 100_000) or 0)
        * (fields.integer("MinutesPerDay", 480) or 480),
        honour_constraints=fields.flag("HonorConstraints", True),
        currency_code=fields.text("CurrencyCode", 3),
        currency_symbol=fields.text("CurrencySymbol", 20),
    )


def _duration_format(code: int) -> tuple[str, bool, bool]:
    """Unit, elapsed, estimated of a DurationFormat code."""
    estimated = code > ESTIMATED + 2
    if estimated:
        code -= ESTIMATED
    elapsed = code in ELAPSED_FORMATS
    return UNITS.get(code - elapsed, "d"), elapsed, estimated


def _known(uid: int | None) -> int | None:
    """A calendar's UID; -1 and 0 mean none."""
    return uid if uid is not None and uid > 0 else None


def _or[T](value: T | None, default: T) -> T:
    return default if value is None else value
