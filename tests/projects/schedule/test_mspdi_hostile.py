"""Microsoft Project XML that is broken, hostile or contradicts itself: refused with element and reason."""

import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.schedule.engine import Constraint, LagUnit
from projects.schedule.planfiles import PlanFileError, parse_mspdi

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NS = 'xmlns="http://schemas.microsoft.com/project"'


def task(uid, name="", extra="", level=1, duration="PT8H0M0S"):
    return (
        f"<Task><UID>{uid}</UID><ID>{uid}</ID><Name>{name or f'T{uid}'}</Name><OutlineLevel>{level}</OutlineLevel>"
        f"<Duration>{duration}</Duration>{extra}</Task>"
    )


def link(uid, kind=1, lag=0, lag_format=7, extra=""):
    return (
        f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID><Type>{kind}</Type>"
        f"<LinkLag>{lag}</LinkLag><LagFormat>{lag_format}</LagFormat>{extra}</PredecessorLink>"
    )


def project(*tasks, head=HEAD, top="<StartDate>2026-01-05T08:00:00</StartDate>", more=""):
    return f"{head}\n<Project {NS}>{top}<Tasks>{''.join(tasks)}</Tasks>{more}</Project>"


def refused(data):
    with pytest.raises(PlanFileError) as caught:
        parse_mspdi(data if isinstance(data, bytes) else data.encode())
    assert all(problem.where and problem.accepted for problem in caught.value.problems)
    return caught.value.problems


def read(text):
    return parse_mspdi(text.encode())


def test_the_smallest_plan_is_read():
    plan = read(project(task(1)))
    assert [(t.uid, t.duration_minutes) for t in plan.tasks] == [(1, 480)]
    assert plan.project.start == datetime(2026, 1, 5, 8)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"", "an empty file"),
        (b"  \n", "an empty file"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, "a binary .mpp file"),
        (b"PK\x03\x04" + b"\0" * 100, "a zip or Office file"),
    ],
)
def test_other_files_are_told_what_they_are(data, value):
    [problem] = refused(data)
    assert problem.value == value


def test_text_that_is_no_xml_is_refused():
    [problem] = refused("ID,Name\n1,Dig")
    assert problem.where == "XML"


def test_another_xml_file_is_refused_by_its_root():
    [problem] = refused("<APIBusinessObjects><Project/></APIBusinessObjects>")
    assert (problem.where, problem.value) == ("Root element", "APIBusinessObjects")


def test_a_billion_laughs_are_refused_at_once():
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "lol" * 10}">' for i in range(10))
    started = time.perf_counter()
    [problem] = refused(f"<!DOCTYPE Project [{entities}]><Project>{'&l9;' * 10}</Project>")
    assert problem.where == "XML document type"
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Project SYSTEM "http://127.0.0.1:9/evil.dtd">',
        '<!DOCTYPE Project [<!ENTITY % p SYSTEM "http://127.0.0.1:9/evil.dtd"> %p;]>',
        "<!DOCTYPE Project>",
    ],
)
def test_external_entities_and_doctypes_are_refused(doctype):
    [problem] = refused(f"{HEAD}{doctype}<Project><Name>&x;</Name></Project>")
    assert problem.where == "XML document type"


def test_a_truncated_file_is_refused_with_its_line():
    whole = project(task(1), "\n", task(2))
    [problem] = refused(whole[: len(whole) - 40])
    assert problem.where == "XML"
    assert problem.line == 3


def test_utf_16_is_read():
    text = project(task(1, "Grüße 東京"), head='<?xml version="1.0" encoding="UTF-16"?>')
    assert parse_mspdi(text.encode("utf-16")).tasks[0].name == "Grüße 東京"


def test_windows_1252_is_read_when_declared():
    text = project(task(1, "Café"), head='<?xml version="1.0" encoding="windows-1252"?>')
    assert parse_mspdi(text.encode("cp1252")).tasks[0].name == "Café"


def test_bytes_that_are_not_what_the_file_claims_are_refused_by_line():
    text = project("\n", task(1, "Café"))
    [problem] = refused(text.encode("cp1252"))
    assert (problem.where, problem.line) == ("Encoding", 3)
    assert "0xE9" in problem.value


def test_an_unknown_encoding_is_refused():
    [problem] = refused(project(task(1), head='<?xml version="1.0" encoding="klingon"?>'))
    assert (problem.where, problem.value) == ("Encoding", "klingon")


def test_deep_nesting_is_refused():
    [problem] = refused(project(more="<x>" * 5000 + "</x>" * 5000))
    assert "levels" in problem.value


def test_a_file_over_the_limit_is_refused_unread(monkeypatch):
    monkeypatch.setattr("projects.schedule.planfiles.mspdi.MAX_BYTES", 1000)
    [problem] = refused(b"<" + b"x" * 2000)
    assert "bytes" in problem.value


def test_too_many_tasks_are_refused_once(monkeypatch):
    monkeypatch.setattr("projects.schedule.planfiles.mspdi.MAX_TASKS", 3)
    [problem] = refused(project(*[task(i) for i in range(1, 8)]))
    assert (problem.where, problem.value) == ("Tasks", "more than 3")


@pytest.mark.parametrize(
    ("extra", "where", "value"),
    [
        ("<PercentComplete>101</PercentComplete>", "PercentComplete", "101"),
        ("<PercentComplete>half</PercentComplete>", "PercentComplete", "half"),
        ("<ConstraintType>9</ConstraintType>", "ConstraintType", "9"),
        ("<ConstraintType>4</ConstraintType>", "ConstraintDate", ""),
        ("<ConstraintDate>tomorrow</ConstraintDate>", "ConstraintDate", "tomorrow"),
        ("<Deadline>2026-02-30T08:00:00</Deadline>", "Deadline", "2026-02-30T08:00:00"),
        ("<Deadline>0001-01-01T00:00:00</Deadline>", "Deadline", "0001-01-01T00:00:00"),
        ("<RemainingDuration>-PT8H</RemainingDuration>", "RemainingDuration", "-PT8H"),
        ("<Milestone>maybe</Milestone>", "Milestone", "maybe"),
        ("<Cost>1e400</Cost>", "Cost", "1e400"),
        ("<Cost>NaN</Cost>", "Cost", "NaN"),
        ("<Cost>" + "9" * 5000 + "</Cost>", "Cost", "9" * 200),
        ("<TotalSlack>inf</TotalSlack>", "TotalSlack", "inf"),
        (link(7), "PredecessorLink, PredecessorUID", "7"),
        (link(1), "PredecessorLink, PredecessorUID", "1"),
        (link(2, kind=4), "PredecessorLink, Type", "4"),
        (link(2, lag=10**15), "PredecessorLink, LinkLag", str(10**15)),
        (link(2, lag=10**7, lag_format=19), "PredecessorLink, LinkLag", "1e+07 %"),
    ],
)
def test_an_impossible_value_names_task_field_and_value(extra, where, value):
    problem = refused(project(task(1, "Dig", extra), "\n", task(2)))[0]
    assert problem.where == f"Task 1 (Dig), {where}"
    assert problem.value == value
    assert problem.line == 2


@pytest.mark.parametrize(
    "duration", ["-PT8H0M0S", "8h", "PT", "P", "PT8H0M0Sx", "PT9999999999H", "PT99999999H0M0S", "PTNaNH"]
)
def test_an_impossible_duration_is_refused(duration):
    problem = refused(project(task(1, "Dig", duration=duration)))[0]
    assert (problem.where, problem.value) == ("Task 1 (Dig), Duration", duration)


def test_durations_beyond_the_calendar_are_refused():
    tasks = [task(i, duration="PT1000000H0M0S", extra=link(i - 1) if i > 1 else "") for i in range(1, 60)]
    [problem] = refused(project(*tasks))
    assert "2299" in str(problem)


def test_every_problem_is_listed_not_only_the_first():
    problems = refused(project(task(1, extra="<PercentComplete>-5</PercentComplete>"), task(2, duration="x"), task(2)))
    assert [problem.where.split(", ")[1] for problem in problems] == ["PercentComplete", "Duration", "UID"]


def test_two_tasks_with_one_uid_are_refused():
    [problem] = refused(project(task(1, "A"), "\n", task(1, "B")))
    assert (problem.where, problem.value, problem.line) == ("Task 1 (B), UID", "1", 3)


def test_a_task_without_uid_is_refused():
    [problem] = refused(project("<Task><Name>x</Name></Task>"))
    assert problem.where == "Task, UID"


def test_a_cycle_is_refused_by_name():
    [problem] = refused(project(task(1, "Dig", link(3)), task(2, "Pour", link(1)), task(3, "Cure", link(2))))
    assert problem.where == "Links"
    for name in ("Dig", "Pour", "Cure"):
        assert name in problem.value


def test_a_summary_linked_to_its_child_is_refused():
    [problem] = refused(project(task(1, "Phase"), task(2, "Step", link(1), level=2)))
    assert "Phase" in problem.value


def test_a_plan_without_a_start_takes_its_first_task_or_is_refused():
    started = task(1, extra="<Start>2026-02-02T08:00:00</Start>")
    assert read(project(started, top="")).project.start == datetime(2026, 2, 2, 8)
    [problem] = refused(project(task(1), top=""))
    assert problem.where == "Project, StartDate"


def test_what_does_not_come_along_is_said():
    tasks = [
        "<Task><UID>0</UID><Name>Whole</Name><OutlineLevel>0</OutlineLevel></Task>",
        task(1, extra=link(9) + link(2) + link(2, kind=3)),
        task(2),
        "<Task><UID>3</UID><IsNull>1</IsNull></Task>",
        task(9, "Elsewhere", "<ExternalTask>1</ExternalTask>"),
        task(4, extra=link(2, extra="<CrossProject>1</CrossProject><CrossProjectName>b.mpp</CrossProjectName>")),
        task(5, extra="<LevelingDelay>100</LevelingDelay>", duration="PT1H0M20S"),
        task(6, extra=link(0)),
        task(7, level=4),
    ]
    plan = read(project(*tasks))
    assert [t.uid for t in plan.tasks] == [1, 2, 4, 5, 6, 7]
    assert [(x.predecessor_uid, x.successor_uid) for x in plan.links] == [(2, 1)]
    said = "\n".join(map(str, plan.warnings))
    for words in ("blank rows", "another project", "twice", "levelling", "b.mpp", "rounded", "moved up", "task 0"):
        assert words in said
    assert plan.project_task.name == "Whole"


def test_elapsed_lag_and_estimated_formats():
    plan = read(
        project(task(1), task(2, extra=link(1, lag=14400, lag_format=8)), task(3, extra=link(1, lag=50, lag_format=52)))
    )
    assert [(x.lag, x.lag_unit) for x in plan.links] == [(1440, LagUnit.ELAPSED), (50, LagUnit.ELAPSED_PERCENT)]


def test_a_constraint_is_read_with_its_date():
    extra = "<ConstraintType>7</ConstraintType><ConstraintDate>2026-01-09T17:00:00</ConstraintDate>"
    [task_] = read(project(task(1, extra=extra))).tasks
    assert (task_.constraint, task_.constraint_date) == (Constraint.FNLT, datetime(2026, 1, 9, 17))


CALENDAR = "<Calendars><Calendar><UID>1</UID><Name>Odd</Name>{}</Calendar></Calendars>"


@pytest.mark.parametrize(
    ("inside", "where"),
    [
        ("<WeekDays><WeekDay><DayType>9</DayType></WeekDay></WeekDays>", "DayType"),
        (
            "<WeekDays><WeekDay><DayType>2</DayType><DayWorking>1</DayWorking><WorkingTimes><WorkingTime>"
            "<FromTime>17:00:00</FromTime><ToTime>08:00:00</ToTime></WorkingTime></WorkingTimes></WeekDay></WeekDays>",
            "WorkingTime",
        ),
        ("<Exceptions><Exception><Name>E</Name></Exception></Exceptions>", "TimePeriod"),
        (
            "<Exceptions><Exception><TimePeriod><FromDate>2026-02-01T00:00:00</FromDate>"
            "<ToDate>2026-01-01T00:00:00</ToDate></TimePeriod></Exception></Exceptions>",
            "ToDate",
        ),
        (
            "<Exceptions>" + "<Exception><TimePeriod><FromDate>1950-01-01T00:00:00</FromDate>"
            "<ToDate>2050-01-01T00:00:00</ToDate></TimePeriod></Exception>" * 3 + "</Exceptions>",
            "Exceptions",
        ),
    ],
)
def test_impossible_calendars_are_refused(inside, where):
    problems = refused(project(task(1), more=CALENDAR.format(inside)))
    assert where in problems[0].where


def test_calendars_that_derive_from_each_other_do_not_loop():
    more = (
        "<Calendars><Calendar><UID>1</UID><BaseCalendarUID>2</BaseCalendarUID></Calendar>"
        "<Calendar><UID>2</UID><BaseCalendarUID>1</BaseCalendarUID></Calendar></Calendars>"
    )
    assert len(read(project(task(1), more=more)).calendars) == 2


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_but_never_breaks(data):
    whole = project(task(1), task(2, extra=link(1)), task(3, level=2, extra=link(1, lag=480))).encode()
    at = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 12))
    damaged = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + length :]
    try:
        plan = parse_mspdi(damaged)
    except PlanFileError as error:
        said = str(error)
    else:
        said = ", ".join(task.name for task in plan.tasks) or "no tasks"
    assert said


def test_an_outline_too_deep_is_refused():
    problem = refused(project(*[task(i, level=i) for i in range(1, 25)]))[0]
    assert problem.where == "Task 21 (T21), OutlineLevel"


def test_outline_numbers_too_long_are_refused():
    rows = [task(i, level=1) for i in range(1, 1000)]
    for level in range(2, 19):
        rows += [task(level * 1000 + i, level=level) for i in range(100)]
    problem = refused(project(*rows))[0]
    assert "60 characters" in problem.accepted


def test_custom_fields_are_named_that_do_not_come_along():
    fields = (
        "<ExtendedAttributes><ExtendedAttribute><FieldID>188743731</FieldID><FieldName>Text1</FieldName>"
        "<Alias>Owner</Alias></ExtendedAttribute></ExtendedAttributes>"
    )
    value = "<ExtendedAttribute><FieldID>{}</FieldID><Value>x</Value></ExtendedAttribute>"
    plan = read(project(task(1, extra=value.format(188743731)), task(2, extra=value.format(188743731)),
                        task(3, extra=value.format(1)), more=fields))  # fmt: skip
    said = [str(warning) for warning in plan.warnings if "Custom fields" in str(warning)]
    assert len(said) == 2
    assert any("Owner (Text1) has a value in 2 rows" in one for one in said)
    assert any("number 1 has a value in 1 rows" in one for one in said)
    assert not [one for one in read(project(task(1), more=fields)).warnings if "Custom" in str(one)]
