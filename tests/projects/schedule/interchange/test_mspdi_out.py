"""What is read from Microsoft Project XML is written, in the order of Microsoft's schema, and read again as it was."""

import datetime
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.schedule.engine import Constraint, LagUnit, LinkType
from projects.schedule.planfiles import (
    Plan,
    PlanAssignment,
    PlanBaseline,
    PlanCalendar,
    PlanException,
    PlanLink,
    PlanProject,
    PlanResource,
    PlanTask,
    Recurrence,
    days_of,
    parse_mspdi,
    schedule_plan,
    write_mspdi,
)
from tests.projects.schedule.interchange.comparing import differences

SPACE = "{http://schemas.microsoft.com/project}"

# The sequences of Microsoft's reference (mspdi_pj12.xsd), with Active, Manual and the manual dates of Project 2010.
SEQUENCES = {
    "Project": """SaveVersion UID Name Title Subject Category Company Manager Author CreationDate Revision LastSaved
        ScheduleFromStart StartDate FinishDate FYStartDate CriticalSlackLimit CurrencyDigits CurrencySymbol CurrencyCode
        CurrencySymbolPosition CalendarUID DefaultStartTime DefaultFinishTime MinutesPerDay MinutesPerWeek DaysPerMonth
        DefaultTaskType DefaultFixedCostAccrual DefaultStandardRate DefaultOvertimeRate DurationFormat WorkFormat
        EditableActualCosts HonorConstraints EarnedValueMethod InsertedProjectsLikeSummary MultipleCriticalPaths
        NewTasksEffortDriven NewTasksEstimated SplitsInProgressTasks SpreadActualCost SpreadPercentComplete
        TaskUpdatesResource FiscalYearStart WeekStartDay MoveCompletedEndsBack MoveRemainingStartsBack
        MoveRemainingStartsForward MoveCompletedEndsForward BaselineForEarnedValue AutoAddNewResourcesAndTasks
        StatusDate CurrentDate OutlineCodes WBSMasks ExtendedAttributes Calendars Tasks Resources Assignments""",
    "Calendar": "UID Name IsBaseCalendar BaseCalendarUID WeekDays Exceptions WorkWeeks",
    "WeekDay": "DayType DayWorking TimePeriod WorkingTimes",
    "TimePeriod": "FromDate ToDate",
    "WorkingTime": "FromTime ToTime",
    "Exception": """EnteredByOccurrences TimePeriod Occurrences Name Type Period DaysOfWeek MonthItem MonthPosition
        Month MonthDay DayWorking WorkingTimes""",
    "Task": """UID ID Name Active Manual Type IsNull CreateDate Contact WBS WBSLevel OutlineNumber OutlineLevel
        Priority Start Finish Duration ManualStart ManualFinish ManualDuration DurationFormat Work Stop Resume
        ResumeValid EffortDriven Recurring OverAllocated Estimated Milestone Summary Critical IsSubproject
        IsSubprojectReadOnly SubprojectName ExternalTask ExternalTaskProject EarlyStart EarlyFinish LateStart LateFinish
        StartVariance FinishVariance WorkVariance FreeSlack TotalSlack FixedCost FixedCostAccrual PercentComplete
        PercentWorkComplete Cost OvertimeCost OvertimeWork ActualStart ActualFinish ActualDuration ActualCost
        ActualOvertimeCost ActualWork ActualOvertimeWork RegularWork RemainingDuration RemainingCost RemainingWork
        RemainingOvertimeCost RemainingOvertimeWork ACWP CV ConstraintType CalendarUID ConstraintDate Deadline
        LevelAssignments LevelingCanSplit LevelingDelay LevelingDelayFormat PreLeveledStart PreLeveledFinish Hyperlink
        HyperlinkAddress HyperlinkSubAddress IgnoreResourceCalendar Notes HideBar Rollup BCWS BCWP
        PhysicalPercentComplete EarnedValueMethod PredecessorLink ActualWorkProtected ActualOvertimeWorkProtected
        ExtendedAttribute Baseline OutlineCode TimephasedData""",
    "PredecessorLink": "PredecessorUID Type CrossProject CrossProjectName LinkLag LagFormat",
    "Baseline": "TimephasedData Number Interim Start Finish Duration DurationFormat EstimatedDuration Work Cost",
    "Resource": """UID ID Name Type IsNull Initials Phonetics NTAccount MaterialLabel Code Group WorkGroup EmailAddress
        Hyperlink HyperlinkAddress HyperlinkSubAddress MaxUnits PeakUnits OverAllocated AvailableFrom AvailableTo Start
        Finish CanLevel AccrueAt Work RegularWork OvertimeWork ActualWork RemainingWork ActualOvertimeWork
        RemainingOvertimeWork PercentWorkComplete StandardRate StandardRateFormat Cost OvertimeRate OvertimeRateFormat
        OvertimeCost CostPerUse ActualCost ActualOvertimeCost RemainingCost RemainingOvertimeCost WorkVariance
        CostVariance SV CV ACWP CalendarUID Notes BCWS BCWP IsGeneric IsInactive IsEnterprise BookingType
        ActualWorkProtected ActualOvertimeWorkProtected ActiveDirectoryGUID CreationDate ExtendedAttribute Baseline
        OutlineCode IsCostResource""",
    "Assignment": """UID TaskUID ResourceUID PercentWorkComplete ActualCost ActualFinish ActualOvertimeCost
        ActualOvertimeWork ActualStart ActualWork ACWP Confirmed Cost CostRateTable CostVariance CV Delay Finish
        FinishVariance Hyperlink HyperlinkAddress HyperlinkSubAddress WorkVariance HasFixedRateUnits FixedMaterial
        LevelingDelay LevelingDelayFormat LinkedFields Milestone Notes Overallocated OvertimeCost OvertimeWork
        PeakUnits RegularWork RemainingCost RemainingOvertimeCost RemainingOvertimeWork RemainingWork ResponsePending
        Start Stop Resume StartVariance Summary SV Units UpdateNeeded VAC Work WorkContour BCWS BCWP BookingType
        ActualWorkProtected ActualOvertimeWorkProtected CreationDate ExtendedAttribute Baseline TimephasedData""",
    "TimephasedData": "Type UID Start Finish Unit Value",
}
REPEATED = {"PredecessorLink", "Baseline", "TimephasedData", "WorkingTime", "WeekDay", "Exception"}
COLLECTIONS = {"Calendars", "Tasks", "Resources", "Assignments", "WeekDays", "Exceptions", "WorkingTimes"}
SHARED = [
    "aspose-house-move-costs-baseline",
    "aspose-manual-and-auto-tasks",
    "converted-home-move-plan",
    "converted-new-product-dev",
    "converted-software-development-plan",
    "mpxj-calendars-project2019",
    "mpxj-durations",
    "mpxj-recurring-calendar-exceptions-project2013",
    "mpxj-relations",
    "mpxj-sample-4linktypes",
    "mpxj-splittask",
    "mpxj-task-baselines-project2007",
    "mpxj-task-links-project2016",
]


def out_of_order(document: bytes) -> list[str]:
    """Elements that the schema does not have there, or has earlier."""
    wrong = []
    for element in ElementTree.fromstring(document).iter():
        tag = element.tag.removeprefix(SPACE)
        names = [child.tag.removeprefix(SPACE) for child in element]
        if tag in COLLECTIONS:
            wrong += [f"{tag}/{name}" for name in names if not tag.startswith(name)]
            continue
        if not names:
            continue
        sequence = SEQUENCES[tag].split()
        wrong += [f"{tag}/{name}?" for name in names if name not in sequence]
        places = [sequence.index(name) for name in names if name in sequence]
        wrong += [f"{tag}/{names[at + 1]}" for at in range(len(places) - 1) if places[at] > places[at + 1]]
        wrong += [f"{tag}/{name} twice" for name in names if names.count(name) > 1 and name not in REPEATED]
    return wrong


@pytest.mark.shared
@pytest.mark.parametrize("name", SHARED)
def test_every_public_file_comes_back_as_it_went(shared_data, name):
    plan = parse_mspdi((shared_data / "scheduling-mspdi" / f"{name}.xml").read_bytes())
    document = write_mspdi(plan)
    assert differences(plan, parse_mspdi(document)) == {}
    assert out_of_order(document) == []


def test_texts_that_xml_cannot_hold_are_left_out():
    plan = Plan("mspdi", PlanProject(start=datetime.datetime(2026, 1, 5, 8)))
    plan.tasks = [PlanTask(1, name="A <b> & \x00\x08\ufffe“c”", notes="one\r\ntwo ]]>")]
    back = parse_mspdi(write_mspdi(plan))
    assert (back.tasks[0].name, back.tasks[0].notes) == ("A <b> & “c”", "one\r\ntwo ]]>")


def test_a_plan_without_a_start_is_no_file():
    with pytest.raises(ValueError, match="start"):
        write_mspdi(Plan("csv", PlanProject()))


# Generated plans

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12).map(
    lambda text: "".join(letter for letter in text if ord(letter) not in (0xFFFE, 0xFFFF)).strip()
)
moments = st.datetimes(datetime.datetime(2020, 1, 1), datetime.datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
minutes = st.integers(0, 20_000)
money = st.none() | st.decimals(0, 99_999, places=2)
units = st.sampled_from(["m", "h", "d", "w", "mo"])
hours = st.sampled_from([(), ((480, 720), (780, 1020)), ((0, 1440),), ((360, 840),), ((1320, 1440),)])
days = st.dates(datetime.date(2024, 1, 1), datetime.date(2026, 12, 31))


@st.composite
def exceptions(draw):
    first = draw(days)
    last = first + datetime.timedelta(days=draw(st.integers(0, 400)))
    name, worked = draw(texts), draw(hours)
    if draw(st.booleans()):
        return [PlanException(name, first, last, worked)]
    rule = Recurrence(
        draw(st.integers(2, 7)),
        first,
        last,
        period=draw(st.integers(1, 4)),
        weekdays=draw(st.integers(0, 127)),
        item=draw(st.integers(0, 9)),
        position=draw(st.integers(0, 4)),
        month=draw(st.integers(1, 12)),
        month_day=draw(st.integers(1, 31)),
        times=draw(st.none() | st.integers(0, 9)),
    )
    return [PlanException(name, day, day, worked, rule) for day in days_of(rule)]


@st.composite
def plans(draw):
    plan = Plan("mspdi", PlanProject(name=draw(texts), title=draw(texts), start=datetime.datetime(2024, 1, 1, 8)))
    for uid in range(1, draw(st.integers(1, 3)) + 1):
        week = {day: draw(hours) for day in range(7)} if uid > 1 else {}
        listed = []
        for _ in range(draw(st.integers(0, 3))):
            listed += [one for one in draw(exceptions()) if one not in listed]
        base = draw(st.sampled_from([None, *range(1, uid)]))
        plan.calendars.append(PlanCalendar(uid, draw(texts), base, base is None, week, listed))
    calendar = st.sampled_from([None, *range(1, len(plan.calendars) + 1)])
    plan.project.calendar_uid = draw(calendar)
    plan.project.status_date = draw(st.none() | moments)
    above: list[PlanTask] = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        level = draw(st.integers(1, len(above) + 1))
        del above[level - 1 :]
        constraint = draw(st.sampled_from(list(Constraint)))
        task = PlanTask(
            number * 3,
            id=number,
            name=draw(texts),
            outline_level=level,
            outline_number=str(number),
            parent_uid=above[-1].uid if above else None,
            wbs=draw(texts),
            type=draw(st.integers(0, 2)),
            active=draw(st.booleans()),
            manual=draw(st.booleans()),
            duration_minutes=draw(minutes),
            elapsed=draw(st.booleans()),
            duration_unit=draw(units),
            constraint=constraint,
            constraint_date=draw(moments) if constraint > Constraint.ALAP else None,
            deadline=draw(st.none() | moments),
            calendar_uid=draw(calendar),
            priority=draw(st.integers(0, 1000)),
            work_minutes=draw(st.none() | minutes),
            cost=draw(money),
            fixed_cost=draw(money),
            notes=draw(texts),
            estimated=draw(st.booleans()),
        )
        for baseline in draw(st.lists(st.integers(0, 10), unique=True, max_size=3)):
            start, finish = sorted([draw(moments), draw(moments)])
            task.baselines.append(
                PlanBaseline(baseline, start, finish, draw(minutes), draw(st.booleans()), draw(minutes), draw(money))
            )
        task.baselines.sort(key=lambda baseline: baseline.number)
        if task.manual:
            task.manual_start, task.manual_finish = sorted([draw(moments), draw(moments)])
        if above:
            above[-1].summary = True
        above.append(task)
        plan.tasks.append(task)
    leaves = [task for task in plan.tasks if not task.summary]
    for at, task in enumerate(leaves):
        if not (task.manual or task.elapsed) and task.duration_minutes > 2 and draw(st.booleans()):
            task.splits = ((task.duration_minutes // 2, draw(st.integers(1, 3_000))),)
        elif draw(st.booleans()):
            task.percent_complete, task.actual_start = draw(st.integers(1, 99)), draw(moments)
            task.remaining_minutes = draw(minutes)
        for before in draw(st.lists(st.sampled_from(leaves[:at]), unique_by=id, max_size=2)) if at else ():
            unit = draw(st.sampled_from(list(LagUnit)))
            timed = unit in (LagUnit.WORKING, LagUnit.ELAPSED)
            lag = draw(st.integers(-3_000, 3_000) if timed else st.integers(-100, 200))
            shown = draw(units) if timed else "d"
            plan.links.append(PlanLink(before.uid, task.uid, draw(st.sampled_from(list(LinkType))), lag, unit, shown))
    for uid in range(1, draw(st.integers(0, 3)) + 1):
        kind = draw(st.sampled_from(["work", "material", "cost"]))
        plan.resources.append(
            PlanResource(
                uid,
                uid,
                draw(texts.filter(bool)),
                group=draw(texts),
                email="a@example.com",
                type=kind,
                max_units=draw(st.decimals(Decimal("0.01"), 9, places=2)),
                rate=draw(money),
                cost=draw(money),
                generic=draw(st.booleans()),
                notes=draw(texts),
            )
        )
    for resource in plan.resources:
        task = draw(st.sampled_from(plan.tasks))
        plan.assignments.append(
            PlanAssignment(
                resource.uid, task.uid, resource.uid, draw(st.decimals(0, 4, places=2)), draw(minutes), draw(minutes),
                draw(money),
            )
        )  # fmt: skip
    result = schedule_plan(plan)
    for task in plan.tasks:
        out = result.tasks[task.uid]
        task.stored_start, task.stored_finish = out.start, out.finish
        task.stored_total_slack, task.stored_critical = round(out.total_float or 0), out.critical
    return plan


@given(plans())
@settings(max_examples=60, deadline=None)
def test_any_plan_comes_back_as_it_went(plan):
    document = write_mspdi(plan)
    assert differences(plan, parse_mspdi(document)) == {}
    assert out_of_order(document) == []
