"""Primavera files: every value of the public files comes exactly; what P6 computed is what our engine computes."""

import csv
from datetime import datetime

import pytest

from projects.schedule.engine import Constraint, LinkType
from projects.schedule.importing import Unreadable, read_plan
from projects.schedule.planfiles import (
    PlanFileError,
    parse_mspdi,
    parse_xer,
    project_calendar,
    schedule_plan,
    write_mspdi,
)
from projects.schedule.planfiles.pmxml import parse_pmxml
from projects.schedule.planfiles.values import Reader
from projects.schedule.planfiles.xer import read_clndr_data
from tests.projects.schedule.interchange.comparing import differences

# In the file of 83 activities P6 had levelled: the Manager and the Business Advisor do one thing after another.
LEVELLED = {"A1140", "A1760", "A1780", "A1810"}


def read(shared_data, name, project=""):
    data = (shared_data / "scheduling-p6" / name).read_bytes()
    return parse_xer(data, project) if name.endswith(".xer") else parse_pmxml(data, project)


def expected(shared_data, name):
    with (shared_data / "scheduling-p6" / "expected" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def moment(text):
    return datetime.fromisoformat(text) if text else None


def minutes(text):
    return round(float(text) * 60) if text else None


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "projects"),
    [
        ("p6-83-tasks", [""]),
        ("p6-percent-complete-types", [""]),
        ("p6-two-projects-external-link", ["TestProject", "TestProject2"]),
    ],
)
def test_every_stored_value_comes_exactly(shared_data, name, projects):
    rows = expected(shared_data, name)
    there = {}
    for project in projects:
        plan = read(shared_data, f"{name}.xer", project)
        by_uid = {task.uid: task for task in plan.tasks}
        links = {}
        for link in plan.links:
            before = by_uid[link.predecessor_uid].wbs
            links.setdefault(link.successor_uid, []).append(f"{before}:{link.type.value}:{link.lag / 60:g}h")
        for task in plan.tasks:
            if not task.summary:
                there[task.wbs, task.name] = task, sorted(links.get(task.uid, []))
    assert len(there) == len(rows)
    for row in rows:
        task, links = there[row["task_code"], row["name"]]
        begun = row["status"] != "TK_NotStart"
        assert task.planned_minutes == minutes(row["target_duration_h"])
        assert task.remaining_minutes == (None if task.milestone else minutes(row["remaining_duration_h"]))
        assert task.milestone == (row["type"] in ("TT_Mile", "TT_FinMile"))
        assert task.stored_early_start == moment(row["early_start"])
        assert task.stored_early_finish == moment(row["early_finish"])
        assert task.stored_late_start == moment(row["late_start"])
        assert task.stored_late_finish == moment(row["late_finish"])
        assert task.stored_total_slack == minutes(row["total_float_h"])
        assert task.stored_free_slack == minutes(row["free_float_h"])
        assert task.actual_start == (moment(row["actual_start"]) if begun else None)
        assert task.actual_finish == (moment(row["actual_finish"]) if begun else None)
        if name == "p6-two-projects-external-link" and row["task_code"] == "A1010":
            assert links == [], "its predecessor is in the other project"
        else:
            assert links == sorted(filter(None, row["predecessors"].split(";")))


def unlike(plan):
    """{activity: {which date or float: (in the file, computed)}}; the end of a day is the start of the next."""
    result, calendar = schedule_plan(plan), project_calendar(plan)
    found = {}
    for task in plan.tasks:
        if task.summary:
            continue
        out = result.tasks[task.uid]
        pairs = {
            # P6's early and late start of begun work is that of what remains.
            "early start": (None if task.actual_start else task.stored_early_start, out.early_start),
            "early finish": (task.stored_early_finish, out.early_finish),
            "late start": (None if task.actual_start else task.stored_late_start, out.late_start),
            "late finish": (task.stored_late_finish, out.late_finish),
        }
        differing = {name: pair for name, pair in pairs.items() if pair[0] and calendar.between(min(pair), max(pair))}
        floats = {
            "total float": (task.stored_total_slack, out.total_float),
            "free float": (task.stored_free_slack, out.free_float),
        }
        differing |= {name: pair for name, pair in floats.items() if pair[0] is not None and pair[0] != pair[1]}
        if differing:
            found[task.wbs] = differing
    return found


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("p6-percent-complete-types.xer", ""),
        ("p6-two-projects-external-link.xer", "TestProject2"),
        ("p6-two-projects-external-link.xml", "TestProject2"),
    ],
)
def test_our_engine_computes_what_p6_did(shared_data, name, project):
    assert unlike(read(shared_data, name, project)) == {}


@pytest.mark.shared
def test_a_successor_in_another_project_is_the_only_difference(shared_data):
    plan = read(shared_data, "p6-two-projects-external-link.xer", "TestProject")
    assert set(unlike(plan)["A1000"]) == {"free float"}


@pytest.mark.shared
def test_levelled_starts_explain_every_difference_of_the_83_activities(shared_data):
    plan = read(shared_data, "p6-83-tasks.xer")
    apart = unlike(plan)
    early = {code for code, values in apart.items() if "early start" in values}
    assert early >= LEVELLED
    assert len(early) == 7
    # With the four starts that levelling moved, the early dates of all 83 are P6's.
    for task in plan.tasks:
        if task.wbs in LEVELLED:
            task.constraint, task.constraint_date = Constraint.SNET, task.stored_early_start
    apart = unlike(plan)
    assert not [code for code, values in apart.items() if {"early start", "early finish"} & set(values)]


@pytest.mark.shared
def test_both_formats_say_the_same(shared_data):
    xer = read(shared_data, "p6-two-projects-external-link.xer")
    xml = read(shared_data, "p6-two-projects-external-link.xml")
    assert xer.project.name == "TestProject2", "the one that was exported"
    assert "TestProject" in str(xer.warnings)
    ours = {(t.uid, t.wbs, t.name, t.duration_minutes, t.stored_early_start, t.stored_late_finish) for t in xer.tasks}
    assert ours == {
        (t.uid, t.wbs, t.name, t.duration_minutes, t.stored_early_start, t.stored_late_finish) for t in xml.tasks
    }
    assert {c.uid: (c.week, c.exceptions) for c in xer.calendars} == {
        c.uid: (c.week, c.exceptions) for c in xml.calendars
    }
    for plan in (xer, xml):
        assert any("A1010" in str(w) and "another project" in str(w) for w in plan.warnings)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["p6-83-tasks.xer", "p6-percent-complete-types.xer"])
def test_a_primavera_plan_goes_out_as_microsofts(shared_data, name):
    plan = read(shared_data, name)
    back = parse_mspdi(write_mspdi(plan))
    assert differences(plan, back, {"planned_minutes"}) == {}


def test_calendar_data_is_read_with_its_exceptions():
    reader = Reader()
    text = (
        "(0||CalendarData()((0||DaysOfWeek()((0||1()())(0||2()((0||0(s|08:00|f|12:00)())(0||1(f|17:00|s|13:00)())))))"
        "(0||Exceptions()((0||0(d|41275)())(0||1(d|41606)((0||0(s|09:00|f|11:59)())))))))"
    )
    week, exceptions = read_clndr_data(text, reader, "Calendar", 1)
    assert reader.problems == []
    assert week == {6: (), 0: ((480, 720), (780, 1020))}
    assert [(e.first.isoformat(), e.hours) for e in exceptions] == [
        ("2013-01-01", ()),
        ("2013-11-28", ((540, 720),)),
    ]


# Files made by hand

HEAD = b"ERMHDR\t20.12\t2026-01-05\tProject\tADMIN\tuser\tdb\tProject Management\tEUR\r\n"


def xer(tasks, links=(), projects=("1\tONE\t5\tY",), extra=""):
    lines = ["%T\tPROJECT", "%F\tproj_id\tproj_short_name\tclndr_id\texport_flag\tplan_start_date"]
    lines += [f"%R\t{row}\t2026-01-05 08:00" for row in projects]
    lines += ["%T\tCALENDAR", "%F\tclndr_id\tclndr_name\tday_hr_cnt\tclndr_data"]
    hours = "".join(f"(0||{day}()((0||0(s|08:00|f|16:00)())))" for day in range(2, 7))
    lines += [f"%R\t5\tStandard\t8\t(0||CalendarData()((0||DaysOfWeek()({hours}))))"]
    lines += ["%T\tTASK", "%F\ttask_id\tproj_id\ttask_code\ttask_name\ttask_type\tstatus_code\ttarget_drtn_hr_cnt"]
    lines[-1] += "\tremain_drtn_hr_cnt\tcstr_type\tcstr_date\tcstr_type2\tcstr_date2\tearly_start_date\tearly_end_date"
    lines += [f"%R\t{row}" for row in tasks]
    lines += ["%T\tTASKPRED", "%F\ttask_pred_id\ttask_id\tpred_task_id\tpred_type\tlag_hr_cnt"]
    lines += [f"%R\t{number}\t{row}" for number, row in enumerate(links, start=1)]
    return HEAD + "\r\n".join([*lines, extra, "%E", ""]).encode()


def task(uid, kind="TT_Task", hours=8, project=1, rest=""):
    return f"{uid}\t{project}\tA{uid}\tTask {uid}\t{kind}\tTK_NotStart\t{hours}\t{hours}\t{rest}"


@pytest.mark.parametrize(
    ("code", "constraint"),
    [
        ("CS_MSO", Constraint.MSO),
        ("CS_MANDSTART", Constraint.MSO),
        ("CS_MEO", Constraint.MFO),
        ("CS_MANDFIN", Constraint.MFO),
        ("CS_MSOA", Constraint.SNET),
        ("CS_MSOB", Constraint.SNLT),
        ("CS_MEOA", Constraint.FNET),
        ("CS_MEOB", Constraint.FNLT),
        ("CS_ALAP", Constraint.ALAP),
    ],
)
def test_constraints_are_mapped(code, constraint):
    plan = parse_xer(xer([task(1, rest=f"{code}\t2026-01-08 08:00\tCS_MEOB\t2026-01-20 16:00")]))
    assert plan.tasks[0].constraint is constraint
    assert plan.tasks[0].deadline == datetime(2026, 1, 20, 16)


def test_relationship_types_lags_and_milestones():
    links = ["2\t1\tPR_FF\t16", "3\t1\tPR_SS\t-4", "4\t2\tPR_SF\t0.5", "4\t3\tPR_FS\t0"]
    plan = parse_xer(xer([task(1), task(2), task(3), task(4, "TT_FinMile", 0)], links))
    assert [(link.type, link.lag) for link in plan.links] == [
        (LinkType.FF, 960),
        (LinkType.SS, -240),
        (LinkType.SF, 30),
        (LinkType.FS, 0),
    ]
    assert (plan.tasks[3].milestone, plan.tasks[3].duration_minutes) == (True, 0)


def test_levels_of_effort_keep_their_dates_and_drive_nothing():
    row = task(2, "TT_LOE", 80, rest="\t\t\t\t2026-01-05 08:00\t2026-01-16 16:00")
    plan = parse_xer(xer([task(1), row, task(3)], ["2\t1\tPR_SS\t0", "3\t2\tPR_FS\t0"]))
    effort = plan.tasks[1]
    assert (effort.manual, effort.manual_finish) == (True, datetime(2026, 1, 16, 16))
    assert [(link.predecessor_uid, link.successor_uid) for link in plan.links] == [(1, 2)]
    assert "level of effort" in str([str(w) for w in plan.warnings])


def test_a_pair_linked_twice_says_which_link_stays_behind():
    plan = parse_xer(xer([task(1), task(2)], ["2\t1\tPR_SS\t0", "2\t1\tPR_FF\t0"]))
    assert [link.type for link in plan.links] == [LinkType.SS]
    assert "SS comes, FF does not" in str([str(w) for w in plan.warnings])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"ERMHDR\t1\r\n%T\tTASK\r\n%R\t1\r\n", "Line 3"),
        (b"ERMHDR\t1\r\nsomething\r\n", "Line 2"),
        (b"ERMHDR\t1\r\n", "at least one project"),
        (xer([]), "activities"),
        (xer(["x\t1\tA\tTask\tTT_Task\tTK_NotStart\t8\t8"]), "task_id"),
        (xer([task(1), task(1)]), "given once"),
        (xer([task(1, hours="soon")]), "target_drtn_hr_cnt"),
        (xer([task(1, hours="1e300")]), "target_drtn_hr_cnt"),
        (xer([task(1, hours=-8)]), "not negative"),
        (xer([task(1, rest="CS_MSO\tsome day")]), "cstr_date"),
        (xer([task(1, rest="CS_MSO\t0001-01-01 00:00")]), "1900"),
        (xer([task(1), task(2)], ["2\t1\tPR_XX\t0"]), "pred_type"),
        (xer([task(1), task(2)], ["2\t1\tPR_FS\t0", "1\t2\tPR_FS\t0"]), "cycle"),
        (xer([task(1)]).replace(b"(0||2()", b"(0||2()((((", 1), "clndr_data"),
        (xer([task(1)]) + b"\x00", "zero byte"),
        (xer([task(1)], extra="%R\t" + "\t".join("x" * 900)), "cells"),
        (HEAD + b"(" * 100_000, "Line 2"),
        (b"\xff\xfe" + b"\x00\xd8" * 9, "utf-16"),
    ],
)
def test_broken_files_are_refused_by_place(data, words):
    with pytest.raises(PlanFileError) as refusal:
        parse_xer(data)
    assert words in str(refusal.value)


def test_deep_parentheses_of_a_calendar_are_refused():
    reader = Reader()
    read_clndr_data("(0||a()(" * 50_000, reader, "Calendar", 7)
    assert "levels" in str(reader.problems[0])
    assert "Line 7" in str(reader.problems[0])


def test_a_project_that_is_not_in_the_file_is_named():
    data = xer([task(1), task(2, project=2)], projects=("1\tONE\t5\tY", "2\tTWO\t5\tN"))
    assert parse_xer(data, "TWO").tasks[0].uid == 2
    with pytest.raises(PlanFileError, match="ONE, TWO"):
        parse_xer(data, "THREE")


FIELDS_OF_ITS_OWN = [
    "Crew has a value in 2 rows; user-defined fields do not come along.",
    "Area has a value in 1 rows; activity codes do not come along.",
]


def test_fields_that_a_company_added_are_named_from_an_xer_file():
    extra = "\r\n".join(
        [
            "%T\tUDFTYPE\r\n%F\tudf_type_id\tudf_type_label\r\n%R\t7\tCrew\r\n%R\t8\tEmpty",
            "%T\tUDFVALUE\r\n%F\tudf_type_id\tfk_id\tproj_id\tudf_text\r\n%R\t7\t1\t1\tRed\r\n%R\t7\t2\t1\tBlue",
            "%R\t7\t9\t2\tanother project's",
            "%T\tACTVTYPE\r\n%F\tactv_code_type_id\tactv_code_type\r\n%R\t3\tArea",
            "%T\tTASKACTV\r\n%F\ttask_id\tactv_code_type_id\tproj_id\r\n%R\t1\t3\t1",
        ]
    )
    plan = parse_xer(xer([task(1), task(2)], extra=extra))
    assert [warning.message for warning in plan.warnings if "come along" in warning.message] == FIELDS_OF_ITS_OWN


def test_fields_that_a_company_added_are_named_from_xml():
    def activity(uid, inside):
        return (
            f"<Activity><ObjectId>{uid}</ObjectId><Name>T{uid}</Name><Type>Task Dependent</Type>"
            f"<PlannedDuration>8</PlannedDuration><RemainingDuration>8</RemainingDuration>{inside}</Activity>"
        )

    crew = "<UDF><TypeObjectId>7</TypeObjectId><Text>Red</Text></UDF>"
    area = "<Code><TypeObjectId>3</TypeObjectId><ValueObjectId>4</ValueObjectId></Code>"
    data = (
        "<APIBusinessObjects><UDFType><ObjectId>7</ObjectId><Title>Crew</Title></UDFType>"
        "<ActivityCodeType><ObjectId>3</ObjectId><Name>Area</Name></ActivityCodeType>"
        "<Project><ObjectId>1</ObjectId><Id>ONE</Id><PlannedStartDate>2026-01-05T08:00:00</PlannedStartDate>"
        f"{activity(1, crew + area)}{activity(2, crew)}</Project></APIBusinessObjects>"
    )
    plan = parse_pmxml(data.encode())
    assert [warning.message for warning in plan.warnings if "come along" in warning.message] == FIELDS_OF_ITS_OWN


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<APIBusinessObjects><Project>", "well-formed"),
        (b'<!DOCTYPE x [<!ENTITY e "x">]><APIBusinessObjects>&e;</APIBusinessObjects>', "ENTITY"),
        (b"<Other><APIBusinessObjects/></Other>", "APIBusinessObjects"),
        (b"<APIBusinessObjects></APIBusinessObjects>", "project"),
        (
            b"<APIBusinessObjects><Project><ObjectId>1</ObjectId><Id>P</Id><PlannedStartDate>2026-01-05T08:00:00"
            b"</PlannedStartDate><Activity><ObjectId>1</ObjectId><PlannedDuration>soon</PlannedDuration></Activity>"
            b"</Project></APIBusinessObjects>",
            "target_drtn_hr_cnt",
        ),
        (b"<APIBusinessObjects>" + b"<a>" * 100 + b"</APIBusinessObjects>", "levels deep"),
    ],
)
def test_broken_xml_is_refused(data, words):
    with pytest.raises(PlanFileError) as refusal:
        parse_pmxml(data)
    assert words in str(refusal.value)


@pytest.mark.parametrize("begins", [HEAD, b"<?xml version='1.0'?><APIBusinessObjects>", b"<Project>", b"UID,Name\n"])
def test_a_file_of_50_megabytes_is_refused_unread(begins):
    with pytest.raises(Unreadable, match="at most 32 MB"):
        read_plan(begins + b"x" * (50 * 1024 * 1024), "plan")


def test_a_large_file_is_read_in_line_with_its_size():
    tasks = [task(n) for n in range(1, 3_001)]
    links = [f"{n + 1}\t{n}\tPR_FS\t0" for n in range(1, 3_000)]
    plan = parse_xer(xer(tasks, links))
    assert (len(plan.tasks), len(plan.links)) == (3_000, 2_999)
