"""Primavera P6 into a ``Plan``: the records of an XER or PMXML file, by the field names of XER.

Sources: Oracle's P6 XER import/export data map and the P6 EPPM database tables it names; what P6 computes is described
in its scheduling reference. Durations and lags are hours; dates are wall-clock times.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from pmdm.worktime.engine.calendar import Hours
from projects.schedule.engine import Constraint, LagUnit, LinkType
from projects.schedule.notation import MAX_MINUTES

from .calendars import merged, work_calendars
from .checks import check_plan
from .plan import (
    MAX_LEVEL,
    Plan,
    PlanAssignment,
    PlanCalendar,
    PlanFileError,
    PlanLink,
    PlanProblem,
    PlanProject,
    PlanResource,
    PlanTask,
)
from .values import FIRST_YEAR, LAST_YEAR, Reader

MAX_UID = 2**31 - 1
LINK_TYPES = {"PR_FS": LinkType.FS, "PR_SS": LinkType.SS, "PR_FF": LinkType.FF, "PR_SF": LinkType.SF}
CONSTRAINTS = {
    "CS_MSO": Constraint.MSO,
    "CS_MANDSTART": Constraint.MSO,
    "CS_MEO": Constraint.MFO,
    "CS_MANDFIN": Constraint.MFO,
    "CS_MSOA": Constraint.SNET,
    "CS_MSOB": Constraint.SNLT,
    "CS_MEOA": Constraint.FNET,
    "CS_MEOB": Constraint.FNLT,
    "CS_ALAP": Constraint.ALAP,
}
MILESTONES = ("TT_Mile", "TT_FinMile")
SPANNING = {"TT_LOE": "a level of effort", "TT_WBS": "a WBS summary activity"}
KINDS = {"RT_Labor": "work", "RT_Equip": "work", "RT_Mat": "material"}
# Tables whose rows are no part of a plan here; what else a file has is named once.
READ = {
    "PROJECT", "PROJWBS", "TASK", "TASKPRED", "CALENDAR", "RSRC", "RSRCRATE", "TASKRSRC", "PROJCOST", "CURRTYPE",
    "OBS", "COSTTYPE", "FINTMPL", "SCHEDOPTIONS", "UMEASURE", "FINDATES",
    "UDFTYPE", "UDFVALUE", "ACTVTYPE", "ACTVCODE", "TASKACTV",
}  # fmt: skip
TAG = re.compile(r"<[^<>]{0,200}>")


@dataclass(slots=True)
class P6Record:
    """A row: its values by field name, where it stood."""

    table: str
    values: dict[str, str]
    line: int | None = None


@dataclass(slots=True)
class P6File:
    """All records of a file by table, and the calendars, which each format writes in its own way."""

    source: str
    tables: dict[str, list[P6Record]] = field(default_factory=dict)
    calendars: list[PlanCalendar] = field(default_factory=list)
    day_hours: dict[int, tuple[float, float, float]] = field(default_factory=dict)  # of a calendar: day, week, month
    default_calendar: int | None = None
    currency: str = ""
    external: set[str] = field(default_factory=set)  # projects that only lend their activities

    def rows(self, table: str) -> list[P6Record]:
        return self.tables.get(table, [])


def build_plan(file: P6File, reader: Reader, project: str = "") -> Plan:
    """The plan of one project of the file: the named one, else the one that was exported."""
    return _Builder(file, reader, project).build()


class _Builder:
    def __init__(self, file: P6File, reader: Reader, wanted: str) -> None:
        self.file, self.reader, self.wanted = file, reader, wanted
        self.plan = Plan(file.source, PlanProject(), calendars=file.calendars)
        self.kinds: dict[int, str] = {}
        self.hours = work_calendars(self.plan)

    def build(self) -> Plan:
        plan, reader = self.plan, self.reader
        project = self._choose()
        self.key = project.values.get("proj_id", "")
        self._project(project)
        self._outline()
        self._links()
        self._people()
        self._leftovers()
        plan.warnings = reader.warnings
        if not plan.tasks and not reader.problems:
            reader.refuse("File", f"project {plan.project.name} without activities", "a project with activities")
        if reader.problems:
            raise PlanFileError(reader.problems)
        check_plan(plan)
        return plan

    # The project

    def _choose(self) -> P6Record:
        rows = [row for row in self.file.rows("PROJECT") if row.values.get("proj_id", "") not in self.file.external]
        if not rows:
            raise _refused("File", "no project", "a file with at least one project in it")
        names = [_name(row) for row in rows]
        self.plan.projects = names
        if self.wanted:
            for row, name in zip(rows, names, strict=True):
                if self.wanted in (name, row.values.get("proj_id")):
                    return row
            raise _refused("Project", self.wanted, f"one of {', '.join(names[:20])}")
        with_work = {row.values.get("proj_id", "") for row in self.file.rows("TASK")}
        marked = [row for row in rows if row.values.get("export_flag") == "Y"] or rows
        chosen = next((row for row in marked if row.values.get("proj_id", "") in with_work), marked[0])
        if len(rows) > 1:
            others = ", ".join(name for row, name in zip(rows, names, strict=True) if row is not chosen)
            self.reader.warn("Project", f"{_name(chosen)} comes; the file also holds {others}.")
        return chosen

    def _project(self, row: P6Record) -> None:
        plan, values = self.plan, Values(self.reader, row, f"Project {_name(row)}")
        known = {calendar.uid for calendar in plan.calendars}
        uid = values.whole("clndr_id")
        uid = uid if uid in known else self.file.default_calendar
        day, week, month = self.file.day_hours.get(uid or 0, (8, 40, 160))
        begin, data_date = values.moment("plan_start_date"), values.moment("last_recalc_date")
        finish, must = values.moment("scd_end_date"), values.moment("plan_end_date")
        nodes = (node.values for node in self._own("PROJWBS"))
        root = next((node for node in nodes if node.get("proj_node_flag") == "Y" and node.get("wbs_name")), None)
        starts = [begin, data_date]
        plan.project = PlanProject(
            name=_name(row),
            title=(root["wbs_name"] if root else _name(row))[:255],
            # Work that has not begun waits for the data date.
            start=max((moment for moment in starts if moment), default=None),
            finish=finish or must,
            calendar_uid=uid,
            status_date=data_date,
            minutes_per_day=min(max(round(day * 60), 1), 1_440),
            minutes_per_week=min(max(round(week * 60), 1), 10_080),
            days_per_month=min(max(round(month / day), 1), 31) if day else 20,
            critical_slack_minutes=values.minutes("critical_drtn_hr_cnt", signed=True) or 0,
            currency_code=self.file.currency if re.fullmatch("[A-Z]{3}", self.file.currency) else "",
        )
        if plan.project.critical_slack_minutes < 0:
            plan.project.critical_slack_minutes = 0
        if must and finish and must != finish:
            self.reader.warn(
                "Project",
                f"must finish by {must:%Y-%m-%d %H:%M}, which does not come along: floats count from the end.",
            )

    def _own(self, table: str) -> list[P6Record]:
        """Rows of the chosen project; where a file names none, all of them."""
        return [row for row in self.file.rows(table) if row.values.get("proj_id", "") in (self.key, "")]

    # WBS and activities

    def _outline(self) -> None:
        activities = self._own("TASK")
        ids = [_whole(row.values.get("task_id", "")) for row in activities]
        seen: set[int] = set()
        for row, uid in zip(activities, ids, strict=True):
            if uid is None or not 0 < uid <= MAX_UID or uid in seen:
                self.reader.refuse(
                    "TASK, task_id", row.values.get("task_id", ""), "a whole number above 0, given once", row.line
                )
            else:
                seen.add(uid)
        if self.reader.problems:
            return
        nodes = {row.values.get("wbs_id", ""): row for row in self._own("PROJWBS")}
        below: dict[str, list[P6Record]] = {}
        for row in nodes.values():
            if row.values.get("proj_node_flag") != "Y":
                below.setdefault(self._parent(row, nodes), []).append(row)
        work: dict[str, list[tuple[P6Record, int]]] = {}
        for row, uid in zip(activities, ids, strict=True):
            key = row.values.get("wbs_id", "")
            key = key if key in nodes and nodes[key].values.get("proj_node_flag") != "Y" else ""
            work.setdefault(key, []).append((row, uid or 0))
        filled = self._with_work(nodes, work)
        empty = sum(row.values.get("proj_node_flag") != "Y" for row in nodes.values()) - len(filled)
        if empty:
            self.reader.warn("WBS", f"{empty} elements without activities stay behind.")
        free = max(seen, default=0)
        waiting: list[tuple[str, int | None, int, tuple[int, ...]]] = [("", None, 1, ())]
        while waiting:
            key, parent, level, path = waiting.pop()
            place = 0
            if key:
                row = nodes[key]
                uid = _whole(key) or 0
                if not 0 < uid <= MAX_UID or uid in seen:
                    free += 1
                    uid = free
                    while uid in seen:
                        free += 1
                        uid = free
                seen.add(uid)
                self._summary(row, uid, parent, level, path)
                parent, level = uid, level + 1
            if level > MAX_LEVEL:
                self.reader.refuse("WBS", f"{level} levels", f"at most {MAX_LEVEL} levels", nodes[key].line)
                return
            for row, uid in work.get(key, ()):
                place += 1
                self.plan.tasks.append(self._activity(row, uid, parent, level, (*path, place)))
            children = sorted(
                (row for row in below.get(key, ()) if row.values.get("wbs_id", "") in filled),
                key=lambda row: _whole(row.values.get("seq_num", "")) or 0,
            )
            waiting += [
                (row.values.get("wbs_id", ""), parent, level, (*path, place + number))
                for number, row in reversed(list(enumerate(children, start=1)))
            ]
        for number, task in enumerate(self.plan.tasks, start=1):
            task.id = number

    @staticmethod
    def _parent(row: P6Record, nodes: dict[str, P6Record]) -> str:
        """The element above; "" where that is the project itself."""
        key = row.values.get("parent_wbs_id", "")
        return key if key in nodes and nodes[key].values.get("proj_node_flag") != "Y" else ""

    def _with_work(self, nodes: dict[str, P6Record], work: dict) -> set[str]:
        """Elements that hold activities, themselves or further below."""
        filled: set[str] = set()
        for key in work:
            while key and key not in filled:
                filled.add(key)
                key = self._parent(nodes[key], nodes)
        return filled

    def _summary(self, row: P6Record, uid: int, parent: int | None, level: int, path: tuple[int, ...]) -> None:
        self.plan.tasks.append(
            PlanTask(
                uid,
                name=(row.values.get("wbs_name") or row.values.get("wbs_short_name") or f"WBS {uid}")[:512],
                outline_level=level,
                outline_number=".".join(map(str, path)),
                parent_uid=parent,
                wbs=row.values.get("wbs_short_name", "")[:512],
                summary=True,
                line=row.line,
            )
        )

    def _activity(self, row: P6Record, uid: int, parent: int | None, level: int, path: tuple[int, ...]) -> PlanTask:
        code, name = row.values.get("task_code", "")[:60], row.values.get("task_name", "")[:512]
        values = Values(self.reader, row, f"Activity {code or uid} ({name[:60]})")
        kind = self.kinds[uid] = row.values.get("task_type", "TT_Task")
        duration = values.minutes("target_drtn_hr_cnt") or 0
        remaining = values.minutes("remain_drtn_hr_cnt")
        status = row.values.get("status_code", "")
        began, done = values.moment("act_start_date"), values.moment("act_end_date")
        begun = status != "TK_NotStart" and began is not None
        finished = begun and (status == "TK_Complete" or (not status and done is not None))
        early, early_finish = values.moment("early_start_date"), values.moment("early_end_date")
        start = began or early or values.moment("restart_date") or values.moment("target_start_date")
        finish = done or early_finish or values.moment("reend_date") or values.moment("target_end_date")
        calendar = values.whole("clndr_id")
        if calendar not in {one.uid for one in self.plan.calendars}:
            calendar = self.plan.project.calendar_uid
        constraint, when = self._constraint(values)
        planned = duration
        if begun and not finished and remaining is not None:
            duration = self._so_far(began, calendar) + remaining if self.plan.project.status_date else duration
        task = PlanTask(
            uid,
            name=name,
            outline_level=level,
            outline_number=".".join(map(str, path)),
            parent_uid=parent,
            wbs=code,
            milestone=kind in MILESTONES,
            duration_minutes=0 if kind in MILESTONES else duration,
            duration_unit="d",
            planned_minutes=planned,
            constraint=constraint,
            constraint_date=when,
            deadline=self._second_constraint(values),
            percent_complete=self._percent(values, planned, remaining, begun=begun, finished=finished),
            physical_percent_complete=min(max(round(values.number("phys_complete_pct") or 0), 0), 100),
            actual_start=began if begun else None,
            actual_finish=done if finished else None,
            remaining_minutes=(0 if finished else remaining) if kind not in MILESTONES else None,
            # A resource-dependent activity works when its people do.
            calendar_uid=None if kind == "TT_Rsrc" else calendar,
            notes=f"Activity ID: {code}" if code else "",
            stored_start=start,
            stored_finish=finish,
            stored_early_start=early,
            stored_early_finish=early_finish,
            stored_late_start=values.moment("late_start_date"),
            stored_late_finish=values.moment("late_end_date"),
            stored_total_slack=values.minutes("total_float_hr_cnt", signed=True),
            stored_free_slack=values.minutes("free_float_hr_cnt", signed=True),
            line=row.line,
        )
        if task.calendar_uid == self.plan.project.calendar_uid and not self.plan.calendars:
            task.calendar_uid = None
        if kind in SPANNING:
            task.manual = True
            task.manual_start, task.manual_finish = start, finish
            self.reader.warn(
                values.where, f"is {SPANNING[kind]}; it keeps the dates of the file instead of following its links."
            )
        if values.moment("external_early_start_date") or values.moment("external_late_end_date"):
            self.reader.warn(values.where, "is held by dates of another project, which do not come along.")
        return task

    def _so_far(self, began: datetime | None, calendar: int | None) -> int:
        """Working minutes from the actual start to the data date, from which P6 counts what remains."""
        hours = self.hours.get(calendar or 0)
        status = self.plan.project.status_date
        if hours is None or began is None or status is None or status <= began:
            return 0
        return round(hours.between(began, status))

    def _constraint(self, values: "Values") -> tuple[Constraint, datetime | None]:
        code = values.row.values.get("cstr_type", "")
        if not code:
            return Constraint.ASAP, None
        constraint = CONSTRAINTS.get(code)
        if constraint is None:
            self.reader.warn(values.where, f"has the constraint {code}, which does not come along.", values.row.line)
            return Constraint.ASAP, None
        when = values.moment("cstr_date")
        if constraint > Constraint.ALAP and when is None:
            values.refuse("cstr_date", f"a date for {code}")
            return Constraint.ASAP, None
        return constraint, when if constraint > Constraint.ALAP else None

    def _second_constraint(self, values: "Values") -> datetime | None:
        """A second constraint 'finish on or before' is kept as a deadline."""
        code = values.row.values.get("cstr_type2", "")
        if not code:
            return None
        if code in ("CS_MEOB", "CS_MEO", "CS_MANDFIN"):
            return values.moment("cstr_date2")
        self.reader.warn(values.where, f"has a second constraint {code}, which does not come along.", values.row.line)
        return None

    @staticmethod
    def _percent(values: "Values", duration: int, remaining: int | None, *, begun: bool, finished: bool) -> int:
        """By the activity's own percent complete type. Only what has finished is at 100 %."""
        if finished:
            return 100
        if not begun:
            return 0
        match values.row.values.get("complete_pct_type", ""):
            case "CP_Phys":
                percent = values.number("phys_complete_pct") or 0
            case "CP_Units":
                done = sum(values.number(name) or 0 for name in ("act_work_qty", "act_equip_qty"))
                left = sum(values.number(name) or 0 for name in ("remain_work_qty", "remain_equip_qty"))
                percent = 100 * done / (done + left) if done + left > 0 else 0
            case _:
                percent = 100 * (1 - (remaining or 0) / duration) if duration else 0
        return min(max(round(percent), 0), 99)

    # Relationships

    def _links(self) -> None:
        there = {task.uid: task for task in self.plan.tasks if not task.summary}
        named = {
            _whole(
                row.values.get("task_id", "")
            ): f"{row.values.get('task_code', '')} {row.values.get('task_name', '')}"
            for row in self.file.rows("TASK")
        }
        pairs: dict[tuple[int, int], LinkType] = {}
        spanning = 0
        for row in self.file.rows("TASKPRED"):
            values = Values(self.reader, row, "Relationship")
            after, before = values.whole("task_id"), values.whole("pred_task_id")
            if after not in there and before not in there:
                continue  # of another project
            if after not in there or before not in there:
                outside = before if after in there else after
                inside = there[(after if after in there else before) or 0]
                what = "predecessor" if after in there else "successor"
                self.reader.warn(
                    f"Activity {inside.wbs} ({inside.name[:60]})",
                    f"has the {what} {named.get(outside, f'activity {outside}').strip()} in another project; "
                    "that relationship does not come along.",
                    row.line,
                )
                continue
            assert before is not None
            assert after is not None
            task, source = there[after], there[before]
            values.where = f"Relationship {source.wbs} → {task.wbs}"
            kind = LINK_TYPES.get(row.values.get("pred_type", "PR_FS"))
            lag = values.minutes("lag_hr_cnt", signed=True) or 0
            if kind is None:
                values.refuse("pred_type", "PR_FS, PR_SS, PR_FF or PR_SF")
            elif before == after:
                values.refuse("pred_task_id", "another activity")
            elif self.kinds[before] in SPANNING:
                spanning += 1
            elif (before, after) in pairs:
                self.reader.warn(
                    values.where,
                    f"stands there twice; {pairs[before, after].value} comes, {kind.value} does not.",
                    row.line,
                )
            else:
                pairs[before, after] = kind
                self.plan.links.append(PlanLink(before, after, kind, lag, LagUnit.WORKING, line=row.line))
        if spanning:
            self.reader.warn("Relationships", f"{spanning} that begin at a level of effort do not come along.")

    # Resources and costs

    def _people(self) -> None:
        plan = self.plan
        there = {task.uid: task for task in plan.tasks if not task.summary}
        known = {calendar.uid for calendar in plan.calendars}
        rows = [row for row in self.file.rows("TASKRSRC") if _whole(row.values.get("task_id", "")) in there]
        used = {_whole(row.values.get("rsrc_id", "")) for row in rows}
        rates: dict[int | None, P6Record] = {}
        for row in sorted(self.file.rows("RSRCRATE"), key=lambda row: row.values.get("start_date", "")):
            rates[_whole(row.values.get("rsrc_id", ""))] = row
        for row in self.file.rows("RSRC"):
            uid = _whole(row.values.get("rsrc_id", ""))
            if uid is None or uid not in used or not 0 <= uid <= MAX_UID:
                continue
            name = row.values.get("rsrc_name", "")[:255]
            values = Values(self.reader, row, f"Resource {name or uid}")
            priced = Values(self.reader, rates[uid], values.where) if uid in rates else None
            most = priced.number("max_qty_per_hr") if priced else None
            plan.resources.append(
                PlanResource(
                    uid,
                    len(plan.resources) + 1,
                    name,
                    initials=row.values.get("rsrc_short_name", "")[:50],
                    email=row.values.get("email_addr", "")[:254],
                    type=KINDS.get(row.values.get("rsrc_type", ""), "work"),
                    max_units=_decimal(most) if most else Decimal(1),
                    rate=_money(priced.number("cost_per_qty")) if priced else None,
                    calendar_uid=uid_calendar if (uid_calendar := values.whole("clndr_id")) in known else None,
                    generic=False,
                )
            )
        people = {resource.uid for resource in plan.resources}
        pairs: dict[tuple[int, int], PlanAssignment] = {}
        roles = 0
        for number, row in enumerate(rows, start=1):
            values = Values(self.reader, row, f"Assignment of activity {row.values.get('task_id', '')}")
            task, who = values.whole("task_id") or 0, values.whole("rsrc_id")
            if who is None or who not in people:
                roles += 1
                continue
            work, cost = values.minutes("target_qty"), _money(values.number("target_cost"))
            done = (values.minutes("act_reg_qty") or 0) + (values.minutes("act_ot_qty") or 0)
            if there[task].stored_start and (there[task].cost is not None or cost):
                there[task].cost = (there[task].cost or Decimal(0)) + (cost or Decimal(0))
            there[task].work_minutes = (there[task].work_minutes or 0) + (work or 0)
            if same := pairs.get((task, who)):  # P6 lets one resource stand twice on an activity
                same.work_minutes = (same.work_minutes or 0) + (work or 0)
                same.actual_work_minutes = (same.actual_work_minutes or 0) + done
                same.cost = (same.cost or Decimal(0)) + (cost or Decimal(0))
                continue
            share = values.number("target_qty_per_hr")
            pairs[task, who] = PlanAssignment(
                values.whole("taskrsrc_id") or number,
                task,
                who,
                _decimal(share) if share else Decimal(1),
                work,
                done,
                cost,
                values.moment("target_start_date"),
                values.moment("target_end_date"),
            )
        plan.assignments = list(pairs.values())
        if roles:
            self.reader.warn(
                "Assignments", f"{roles} name a role or a resource that is not in the file; they stay behind."
            )
        for row in self.file.rows("PROJCOST"):
            values = Values(self.reader, row, "Expense")
            on = there.get(values.whole("task_id") or 0)
            if on is not None and (amount := _money(values.number("target_cost"))):
                on.fixed_cost = (on.fixed_cost or Decimal(0)) + amount
                on.cost = (on.cost or Decimal(0)) + amount

    def _leftovers(self) -> None:
        self._own_fields("UDFVALUE", "UDFTYPE", "udf_type_id", "udf_type_label", "User-defined fields")
        self._own_fields("TASKACTV", "ACTVTYPE", "actv_code_type_id", "actv_code_type", "Activity codes")
        other = sorted(name for name, rows in self.file.tables.items() if rows and name not in READ)
        if other:
            shown = ", ".join(f"{name} ({len(self.file.tables[name])})" for name in other[:20])
            self.reader.warn("File", f"what these tables hold does not come along: {shown}.")

    def _own_fields(self, values: str, types: str, key: str, label: str, where: str) -> None:
        """Say of each field that the file's owner added how many rows of this project have a value in it."""
        names = {row.values.get(key, ""): row.values.get(label, "")[:100] for row in self.file.rows(types)}
        counts = Counter(
            row.values.get(key, "") for row in self.file.rows(values) if row.values.get("proj_id", self.key) == self.key
        )
        for field_id, count in sorted(counts.items()):
            name = names.get(field_id) or f"number {field_id or '?'}"
            self.reader.warn(where, f"{name} has a value in {count} rows; {where.lower()} do not come along.")


class Values:
    """One record's values, read by name."""

    __slots__ = ("reader", "row", "where")

    def __init__(self, reader: Reader, row: P6Record, where: str) -> None:
        self.reader, self.row, self.where = reader, row, where

    def refuse(self, name: str, accepted: str) -> None:
        self.reader.refuse(f"{self.where}, {name}", self.row.values.get(name, ""), accepted, self.row.line)

    def whole(self, name: str) -> int | None:
        text = self.row.values.get(name, "")
        value = _whole(text)
        if value is None and text:
            self.refuse(name, "a whole number")
        return value

    def number(self, name: str) -> float | None:
        """A number; a comma may stand for the decimal point."""
        text = self.row.values.get(name, "").strip()
        if not text:
            return None
        try:
            value = float(text.replace(",", ".")) if len(text) < 60 else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or abs(value) > 10**13:
            self.refuse(name, "a number")
            return None
        return value

    def minutes(self, name: str, *, signed: bool = False) -> int | None:
        """Hours of the file in minutes."""
        hours = self.number(name)
        if hours is None:
            return None
        if (hours < 0 and not signed) or abs(hours * 60) > MAX_MINUTES:
            self.refuse(name, "hours, at most 200 years of them" + ("" if signed else ", not negative"))
            return None
        return round(hours * 60)

    def moment(self, name: str) -> datetime | None:
        text = self.row.values.get(name, "").strip()
        if not text:
            return None
        try:
            value = datetime.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
        except ValueError:
            self.refuse(name, "a date such as 2026-11-23 08:00")
            return None
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            self.refuse(name, f"a date in the years {FIRST_YEAR} to {LAST_YEAR}")
            return None
        return value


def _refused(where: str, value: str, accepted: str) -> PlanFileError:
    return PlanFileError([PlanProblem(where, value[:200], accepted)])


def _name(row: P6Record) -> str:
    return (row.values.get("proj_short_name") or row.values.get("proj_id") or "?")[:255]


def _whole(text: str) -> int | None:
    text = text.strip()
    return int(text) if re.fullmatch(r"-?\d{1,15}", text) else None


def _decimal(value: float) -> Decimal:
    return Decimal(str(round(value, 4)))


def _money(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 4)))


def hours_from(periods: Sequence[tuple[str, str]], reader: Reader, where: str, line: int | None) -> Hours:
    """Worked minutes of a day from its times; an end at 00:00 is midnight, one at :59 the full minute after it."""
    hours = []
    for start, end in periods:
        a, b = _clock(start), _clock(end)
        if a is None or b is None:
            reader.refuse(f"{where}, hours", f"{start} to {end}", "times such as 08:00", line)
            continue
        b = b or 1_440
        b += b % 30 == 29  # P6 writes the last minute worked: 11:59 for noon
        if a >= b:
            reader.refuse(f"{where}, hours", f"{start} to {end}", "an end after the start", line)
            continue
        hours.append((a, b))
    return merged(hours)


def _clock(text: str) -> int | None:
    match = re.match(r"(\d{1,2}):(\d{2})", text.strip())
    if match is None or int(match[1]) > 24 or int(match[2]) > 59:
        return None
    return min(int(match[1]) * 60 + int(match[2]), 1_440)
