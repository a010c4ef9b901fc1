"""Primavera P6 XML (PMXML): the same records as an XER file, under the names of Oracle's P6 API."""

import re
from datetime import date

from pmdm.worktime.engine.calendar import Hours

from .p6 import P6File, P6Record, build_plan, hours_from
from .plan import Plan, PlanCalendar, PlanException, PlanFileError, PlanProblem
from .values import Reader
from .xmlrecords import Record, read_records

MAX_BYTES = 50 * 1024 * 1024
ROOT = "APIBusinessObjects"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# {element: (table, {name in PMXML: name in XER})}
NAMES: dict[str, tuple[str, dict[str, str]]] = {
    "WBS": (
        "PROJWBS",
        {
            "ObjectId": "wbs_id",
            "ParentObjectId": "parent_wbs_id",
            "Code": "wbs_short_name",
            "Name": "wbs_name",
            "SequenceNumber": "seq_num",
        },
    ),
    "Activity": (
        "TASK",
        {
            "ObjectId": "task_id",
            "WBSObjectId": "wbs_id",
            "CalendarObjectId": "clndr_id",
            "Id": "task_code",
            "Name": "task_name",
            "Type": "task_type",
            "Status": "status_code",
            "PercentCompleteType": "complete_pct_type",
            "PlannedDuration": "target_drtn_hr_cnt",
            "RemainingDuration": "remain_drtn_hr_cnt",
            "PlannedStartDate": "target_start_date",
            "PlannedFinishDate": "target_end_date",
            "ActualStartDate": "act_start_date",
            "ActualFinishDate": "act_end_date",
            "RemainingEarlyStartDate": "early_start_date",
            "RemainingEarlyFinishDate": "early_end_date",
            "RemainingLateStartDate": "late_start_date",
            "RemainingLateFinishDate": "late_end_date",
            "ActualLaborUnits": "act_work_qty",
            "RemainingLaborUnits": "remain_work_qty",
            "ActualNonLaborUnits": "act_equip_qty",
            "RemainingNonLaborUnits": "remain_equip_qty",
            "PrimaryConstraintType": "cstr_type",
            "PrimaryConstraintDate": "cstr_date",
            "SecondaryConstraintType": "cstr_type2",
            "SecondaryConstraintDate": "cstr_date2",
            "TotalFloat": "total_float_hr_cnt",
            "FreeFloat": "free_float_hr_cnt",
            "ExternalEarlyStartDate": "external_early_start_date",
            "ExternalLateFinishDate": "external_late_end_date",
        },
    ),
    "Relationship": (
        "TASKPRED",
        {
            "PredecessorActivityObjectId": "pred_task_id",
            "SuccessorActivityObjectId": "task_id",
            "Type": "pred_type",
            "Lag": "lag_hr_cnt",
        },
    ),
    "ResourceAssignment": (
        "TASKRSRC",
        {
            "ObjectId": "taskrsrc_id",
            "ActivityObjectId": "task_id",
            "ResourceObjectId": "rsrc_id",
            "PlannedUnits": "target_qty",
            "PlannedUnitsPerTime": "target_qty_per_hr",
            "ActualRegularUnits": "act_reg_qty",
            "ActualOvertimeUnits": "act_ot_qty",
            "PlannedCost": "target_cost",
            "PlannedStartDate": "target_start_date",
            "PlannedFinishDate": "target_end_date",
        },
    ),
    "ActivityExpense": ("PROJCOST", {"ActivityObjectId": "task_id", "PlannedCost": "target_cost"}),
}
PROJECT = {
    "ObjectId": "proj_id",
    "Id": "proj_short_name",
    "Name": "name",
    "PlannedStartDate": "plan_start_date",
    "MustFinishByDate": "plan_end_date",
    "ScheduledFinishDate": "scd_end_date",
    "DataDate": "last_recalc_date",
    "ActivityDefaultCalendarObjectId": "clndr_id",
    "CriticalActivityFloatLimit": "critical_drtn_hr_cnt",
}
RESOURCE = {
    "ObjectId": "rsrc_id",
    "Id": "rsrc_short_name",
    "Name": "rsrc_name",
    "EmailAddress": "email_addr",
    "CalendarObjectId": "clndr_id",
    "ResourceType": "rsrc_type",
}
RATE = {
    "ResourceObjectId": "rsrc_id",
    "EffectiveDate": "start_date",
    "MaxUnitsPerTime": "max_qty_per_hr",
    "PricePerUnit": "cost_per_qty",
}
# Fields that a company adds: their names at the top, their values inside what has one. {element: (table, names)}
OWN_TYPES = {
    "UDFType": ("UDFTYPE", {"ObjectId": "udf_type_id", "Title": "udf_type_label"}),
    "ActivityCodeType": ("ACTVTYPE", {"ObjectId": "actv_code_type_id", "Name": "actv_code_type"}),
}
OWN_VALUES = {
    "UDF": ("UDFVALUE", {"TypeObjectId": "udf_type_id"}),
    "Code": ("TASKACTV", {"TypeObjectId": "actv_code_type_id"}),
}
# Words of PMXML by field, as the codes of XER.
CODES = {
    "task_type": {
        "Task Dependent": "TT_Task",
        "Resource Dependent": "TT_Rsrc",
        "Level of Effort": "TT_LOE",
        "Start Milestone": "TT_Mile",
        "Finish Milestone": "TT_FinMile",
        "WBS Summary": "TT_WBS",
    },
    "status_code": {"Not Started": "TK_NotStart", "In Progress": "TK_Active", "Completed": "TK_Complete"},
    "complete_pct_type": {"Physical": "CP_Phys", "Duration": "CP_Drtn", "Units": "CP_Units"},
    "pred_type": {
        "Finish to Start": "PR_FS",
        "Start to Start": "PR_SS",
        "Finish to Finish": "PR_FF",
        "Start to Finish": "PR_SF",
    },
    "rsrc_type": {"Labor": "RT_Labor", "Nonlabor": "RT_Equip", "Material": "RT_Mat"},
    "cstr_type": {
        "Start On": "CS_MSO",
        "Start On or Before": "CS_MSOB",
        "Start On or After": "CS_MSOA",
        "Finish On": "CS_MEO",
        "Finish On or Before": "CS_MEOB",
        "Finish On or After": "CS_MEOA",
        "As Late As Possible": "CS_ALAP",
        "Mandatory Start": "CS_MANDSTART",
        "Mandatory Finish": "CS_MANDFIN",
    },
}
CODES["cstr_type2"] = CODES["cstr_type"]


def is_pmxml(data: bytes) -> bool:
    return b"<APIBusinessObjects" in data[:4_000]


def parse_pmxml(data: bytes, project: str = "") -> Plan:
    """The plan of a project in a P6 XML file; PlanFileError names what can't be read."""
    if len(data) > MAX_BYTES:
        accepted = f"a file of at most {MAX_BYTES // 1024**2} MB"
        raise PlanFileError([PlanProblem("File", f"{len(data):,} bytes", accepted)])
    reader = Reader()
    top = read_records(
        data,
        ROOT,
        {},
        whole=("Calendar", "Project", "Resource", "ResourceRate", "BaselineProject", "Currency", *OWN_TYPES),
        accepted="a Primavera P6 XML file",
    )
    file = P6File("pmxml")
    for node in top.nodes:
        match node.tag:
            case "Currency":
                file.currency = file.currency or node.values.get("Id", "").upper()
            case "Calendar":
                _calendar(file, reader, node)
            case "Resource":
                _put(file, "RSRC", _named(node, RESOURCE), node)
                for rate in node.all("ResourceRate"):
                    values = _named(rate, RATE) | {"rsrc_id": node.values.get("ObjectId", "")}
                    _put(file, "RSRCRATE", values, rate)
            case "ResourceRate":
                _put(file, "RSRCRATE", _named(node, RATE), node)
            case "Project":
                _project(file, reader, node)
            case "UDFType" | "ActivityCodeType":
                table, names = OWN_TYPES[node.tag]
                _put(file, table, _named(node, names), node)
            case "BaselineProject":
                reader.warn(f"Baseline {node.values.get('Name', '')[:60]}", "does not come along.", node.line)
    if reader.problems:
        raise PlanFileError(reader.problems)
    return build_plan(file, reader, project)


def _project(file: P6File, reader: Reader, node: Record) -> None:
    key = node.values.get("ObjectId", "")
    if node.attributes.get("external") == "true":
        file.external.add(key)
    values = _named(node, PROJECT)
    _put(file, "PROJECT", values, node)
    root = {"wbs_id": f"project {key}", "proj_node_flag": "Y", "wbs_name": node.values.get("Name", ""), "proj_id": key}
    _put(file, "PROJWBS", root, node)
    for child in (node, *node.nodes):
        for part in child.nodes:
            if part.tag in OWN_VALUES and (child.tag == "Activity" or part.tag == "UDF"):
                table, names = OWN_VALUES[part.tag]
                _put(file, table, _named(part, names) | {"proj_id": key}, part)
    for child in node.nodes:
        for part in (child, *child.nodes):  # assignments and expenses may stand in their activity
            if part.tag in NAMES and (part is child or part.tag not in ("Activity", "WBS")):
                table, names = NAMES[part.tag]
                fields = _named(part, names) | {"proj_id": key}
                if part is not child:
                    fields.setdefault("task_id", child.values.get("ObjectId", ""))
                _fractions(part, fields)
                _put(file, table, fields, part)


def _fractions(node: Record, values: dict[str, str]) -> None:
    """PMXML writes a part of 1 where XER writes percent."""
    text = node.values.get("PhysicalPercentComplete", "")
    if re.fullmatch(r"\d{1,3}(\.\d+)?", text):
        values["phys_complete_pct"] = str(float(text) * 100)


def _named(node: Record, names: dict[str, str]) -> dict[str, str]:
    values = {}
    for ours, theirs in names.items():
        if text := node.values.get(ours, "").strip():
            values[theirs] = CODES[theirs].get(text, text) if theirs in CODES else text
    return values


def _put(file: P6File, table: str, values: dict[str, str], node: Record) -> None:
    file.tables.setdefault(table, []).append(P6Record(table, values, node.line))


def _calendar(file: P6File, reader: Reader, node: Record) -> None:
    text, name = node.values.get("ObjectId", ""), node.values.get("Name", "")[:255]
    where = f"Calendar {text} ({name})"
    if not re.fullmatch(r"\d{1,9}", text) or any(calendar.uid == int(text) for calendar in file.calendars):
        reader.refuse("Calendar, ObjectId", text, "a whole number, given once", node.line)
        return
    uid = int(text)
    week: dict[int, Hours] = {}
    for days in node.all("StandardWorkWeek"):
        for day in days.all("StandardWorkHours"):
            if day.values.get("DayOfWeek") in DAYS:
                week[DAYS.index(day.values["DayOfWeek"])] = _hours(day, reader, where)
    exceptions: list[PlanException] = []
    for entries in node.all("HolidayOrExceptions"):
        for entry in entries.all("HolidayOrException"):
            try:
                day_of = date.fromisoformat(entry.values.get("Date", "")[:10])
            except ValueError:
                accepted = "dates such as 2026-12-24T00:00:00"
                reader.refuse(f"{where}, Date", entry.values.get("Date", ""), accepted, entry.line)
                continue
            exceptions.append(PlanException("", day_of, day_of, _hours(entry, reader, where)))
    if not any(week.values()) and not node.values.get("BaseCalendarObjectId"):
        week = {}
    base = node.values.get("BaseCalendarObjectId", "")
    above = int(base) if re.fullmatch(r"\d{1,9}", base) and int(base) != uid else None
    file.calendars.append(
        PlanCalendar(uid, name, above, above is None, week, sorted(exceptions, key=lambda entry: entry.first))
    )
    if node.values.get("IsDefault") in ("1", "true"):
        file.default_calendar = uid

    def hours(tag: str, default: float) -> float:
        value = node.values.get(tag, "")
        return float(value) if re.fullmatch(r"\d{1,4}(\.\d{1,6})?", value) and float(value) else default

    file.day_hours[uid] = hours("HoursPerDay", 8), hours("HoursPerWeek", 40), hours("HoursPerMonth", 160)


def _hours(node: Record, reader: Reader, where: str) -> Hours:
    times = [
        (time.values["Start"], time.values["Finish"])
        for time in node.all("WorkTime")
        if "Start" in time.values and "Finish" in time.values
    ]
    return hours_from(times, reader, where, node.line)
