"""Plans as tables: what project tools export, and what is refused by line and column."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.schedule.engine import Constraint, LagUnit, LinkType
from projects.schedule.notation import TimeUnits
from projects.schedule.planfiles import PlanFileError, parse_csv_plan, schedule_plan

MONDAY = datetime(2026, 1, 5, 8)


def read(text, **options):
    return parse_csv_plan(text.encode() if isinstance(text, str) else text, **options)


def refused(text):
    with pytest.raises(PlanFileError) as caught:
        read(text)
    return caught.value.problems


def table(*rows, header="ID,Name,Duration,Predecessors"):
    return "\n".join([header, *rows]) + "\n"


def test_the_four_columns_project_tools_write():
    plan = read(table("1,Dig,3d,", "2,Pour,2 days,1", '3,Cure,1ew,"2FS+1d,1SS-50%"', "4,Done,0d,3"))
    assert [(t.uid, t.name, t.duration_minutes, t.elapsed, t.milestone) for t in plan.tasks] == [
        (1, "Dig", 1440, False, False),
        (2, "Pour", 960, False, False),
        (3, "Cure", 10080, True, False),
        (4, "Done", 0, False, True),
    ]
    assert [(x.predecessor_uid, x.successor_uid, x.type, x.lag, x.lag_unit) for x in plan.links] == [
        (1, 2, LinkType.FS, 0, LagUnit.WORKING),
        (2, 3, LinkType.FS, 480, LagUnit.WORKING),
        (1, 3, LinkType.SS, -50, LagUnit.PERCENT),
        (3, 4, LinkType.FS, 0, LagUnit.WORKING),
    ]
    assert plan.project.start is None
    assert schedule_plan(plan, MONDAY).tasks[2].finish == datetime(2026, 1, 9, 17)
    with pytest.raises(ValueError, match="when it starts"):
        schedule_plan(plan)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(separator):
    text = table("1,Dig,3d,", "2,Pour,2d,1").replace(",", separator)
    assert [x.predecessor_uid for x in read(text).links] == [1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_encodings(encoding):
    assert read(table("1,Gründung 基礎,3d,").encode(encoding)).tasks[0].name == "Gründung 基礎"


def test_windows_1252_is_read_and_said():
    plan = read(table("1,Gründung,3d,").encode("cp1252"))
    assert plan.tasks[0].name == "Gründung"
    assert "Windows-1252" in plan.warnings[0].message


def test_line_ends_and_quotes_of_every_system():
    text = 'ID,Name,Duration,Predecessors\r\n1,"Dig, then ""look""",3d,\r\n\r\n2,"two\nlines",1d,1\r\n3,x,bad,\r\n'
    [problem] = refused(text)
    assert (problem.line, problem.column, problem.where, problem.value) == (6, 3, "Duration", "bad")


def test_more_columns():
    header = "ID;Task Name;Duration;Start;Finish;% Complete;Outline Level;Resource Names;Milestone;Predecessors;Notes"
    plan = read(
        table(
            "1;Phase;;2026-01-05;;;1;;no;;",
            "2;Dig;3d;2026-01-05;2026-01-07;100%;2;Ann;no;;deep",
            "3;Pour;2d;2026-01-08;2026-01-09;50%;2;Ann[50%], Bob;no;2;",
            "4;Done;;;;;1;;yes;3;",
            header=header,
        )
    )
    phase, dig, pour, done = plan.tasks
    assert (phase.summary, phase.milestone, dig.parent_uid, pour.outline_level, done.parent_uid) == (
        True,
        False,
        1,
        2,
        None,
    )
    assert (dig.percent_complete, dig.actual_start, dig.actual_finish) == (100, MONDAY, datetime(2026, 1, 7, 17))
    assert (pour.percent_complete, pour.actual_start, pour.actual_finish) == (50, datetime(2026, 1, 8, 8), None)
    assert done.milestone
    assert [r.name for r in plan.resources] == ["Ann", "Bob"]
    assert [(a.task_uid, a.resource_uid, a.units) for a in plan.assignments] == [
        (2, 1, Decimal(1)),
        (3, 1, Decimal("0.5")),
        (3, 2, Decimal(1)),
    ]
    assert (plan.project.start, dig.notes) == (MONDAY, "deep")


def test_an_outline_by_wbs():
    plan = read(
        table("1,1,A,1d", "2,1.1,B,1d", "3,1.1.1,C,1d", "4,2,D,1d", "5,3.1,E,1d", header="ID,WBS,Name,Duration")
    )
    assert [t.parent_uid for t in plan.tasks] == [None, 1, 2, None, None]


def test_rows_are_numbered_when_there_is_no_id_column():
    plan = read(table("Dig,3d,", "Pour,2d,1", header="Name,Duration,Predecessors"))
    assert [(t.uid, t.name) for t in plan.tasks] == [(1, "Dig"), (2, "Pour")]


def test_a_given_start_holds_a_task_without_predecessors():
    plan = read(
        table(
            "1,A,1d,,2026-01-05",
            "2,B,1d,,2026-01-07",
            "3,C,1d,1,2026-01-09",
            header="ID,Name,Duration,Predecessors,Start",
        )
    )
    assert [t.constraint for t in plan.tasks] == [Constraint.ASAP, Constraint.SNET, Constraint.ASAP]
    assert schedule_plan(plan).tasks[2].start == datetime(2026, 1, 7, 8)
    assert any("1 tasks without predecessors" in w.message for w in plan.warnings)


@pytest.mark.parametrize(
    ("texts", "starts"),
    [
        (["05.01.2026", "06.01.26"], [datetime(2026, 1, 5, 8), datetime(2026, 1, 6, 8)]),
        (["Mon 05.01.26", "2026-01-06 09:30"], [datetime(2026, 1, 5, 8), datetime(2026, 1, 6, 9, 30)]),
        (["05/01/2026", "13/01/2026"], [datetime(2026, 1, 5, 8), datetime(2026, 1, 13, 8)]),
        (["01/05/2026 8:00 AM", "01/13/2026 1:00 PM"], [datetime(2026, 1, 5, 8), datetime(2026, 1, 13, 13)]),
    ],
)
def test_dates_are_read_one_way_only(texts, starts):
    plan = read(table(*[f"{i},T,1d,{text}" for i, text in enumerate(texts, 1)], header="ID,Name,Duration,Start"))
    assert [t.stored_start for t in plan.tasks] == starts


def test_a_date_that_could_be_two_days_is_refused():
    [problem] = refused(table("1,T,1d,03/04/2026", header="ID,Name,Duration,Start"))
    assert (problem.where, problem.column) == ("Start", 4)
    assert "one way only" in problem.accepted


def test_other_lengths_of_a_day():
    assert read(table("1,A,2d,"), units=TimeUnits(450, 2250, 20)).tasks[0].duration_minutes == 900


@pytest.mark.parametrize(
    ("row", "line", "column", "where", "value"),
    [
        ("x,A,1d,", 2, 1, "ID", "x"),
        ("0,A,1d,", 2, 1, "ID", "0"),
        (",A,1d,", 2, 1, "ID", ""),
        ("99999999999999,A,1d,", 2, 1, "ID", "99999999999999"),
        ("1,,1d,", 2, 2, "Name", ""),
        ('1,"=HYPERLINK(""http://x"")",1d,', 2, 2, "Name", '=HYPERLINK("http://x")'),
        ("1,A,-3d,", 2, 3, "Duration", "-3d"),
        ("1,A,,", 2, 3, "Duration", ""),
        ("1,A,=1+1,", 2, 3, "Duration", "=1+1"),
        ("1,A,999999y,", 2, 3, "Duration", "999999y"),
        ("1,A,1d,7", 2, 4, "Predecessors", "7"),
        ("1,A,1d,1", 2, 4, "Predecessors", "1"),
        ("1,A,1d,2FX", 2, 4, "Predecessors", "2FX"),
        ("1,A,1d,,extra", 2, None, "Row", "5 cells"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(row, line, column, where, value):
    problem = refused(table(row))[0]
    assert (problem.line, problem.column, problem.where, problem.value) == (line, column, where, value)
    assert f"Line {line}" in str(problem)


@pytest.mark.parametrize(
    ("header", "row", "where"),
    [
        ("ID,Name,Duration,% Complete", "1,A,1d,120%", "% Complete"),
        ("ID,Name,Duration,Milestone", "1,A,1d,perhaps", "Milestone"),
        ("ID,Name,Duration,Outline Level", "1,A,1d,2", "Outline Level"),
        ("ID,Name,Duration,Start", "1,A,1d,soon", "Start"),
        ("ID,Name,Duration,Start,Finish", "1,A,1d,2026-01-05,2026-01-04", "Finish"),
        ("ID,Name,Duration,Resources", "1,A,1d,Ann[lots]", "Resources"),
    ],
)
def test_the_other_columns_are_checked_too(header, row, where):
    assert refused(table(row, header=header))[0].where == where


def test_every_problem_is_listed_in_order():
    problems = refused(table("1,A,x,", "1,B,1d,", "3,C,1d,9", "4,,1d,"))
    assert [(p.line, p.where) for p in problems] == [(2, "Duration"), (3, "ID"), (5, "Name")]


def test_a_cycle_is_refused_by_name():
    [problem] = refused(table("1,Dig,1d,3", "2,Pour,1d,1", "3,Cure,1d,2"))
    assert "Dig" in problem.value
    assert "Cure" in problem.value


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"", "File"),
        (b"PK\x03\x04....", "File"),
        (b"ID,Name,Duration\n", "File"),
        (b"Column A,Column B\n1,2\n", "Header row"),
        (b'ID,Name,Duration\n1,"open,1d\n', "Row"),
        (b"ID,Name,Duration\n1,A\x00B,1d\n", "File"),
        (b"ID,Name,Duration\n1,A\x81\x8d,1d\n", "Encoding"),
        (b"\xff\xfeI\x00D\x00", "Header row"),
        (b"\xff\xfe", "Header row"),
        (b"\xff\xfe\x00\xd8\x00", "Encoding"),
    ],
)
def test_what_is_no_table_is_refused(data, where):
    assert refused(data)[0].where == where


def test_large_tables_are_refused_early(monkeypatch):
    monkeypatch.setattr("projects.schedule.planfiles.csvplan.MAX_ROWS", 5)
    assert "rows" in refused(table(*[f"{i},A,1d," for i in range(1, 9)]))[0].value
    monkeypatch.setattr("projects.schedule.planfiles.csvplan.MAX_BYTES", 10)
    assert "bytes" in refused(table("1,A,1d,"))[0].value


def test_unknown_columns_are_said_to_be_left_out():
    plan = read(table("1,A,1d,,blue", header="ID,Name,Duration,Predecessors,Colour"))
    assert "Colour" in plan.warnings[0].message


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda t: ("ID,Name,Duration,Predecessors\n" + t).encode("utf-8", "replace")),
    )
)
def test_anything_is_read_or_refused_but_never_breaks(data):
    try:
        said = f"{len(read(data).tasks)} tasks"
    except PlanFileError as error:
        said = str(error)
    assert said
