"""How well the plan is built: the engine's fourteen points in words, each with its tasks and how to mend them."""

from collections import Counter
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pmdm.accounts.roles import Permission as P
from pmdm.ui import format as fmt
from projects.control.pages import frame
from projects.lifecycle.access import project_view
from projects.schedule.engine import NetworkError
from projects.schedule.engine.quality import Baselined, Check, Hint, Missing, Point, Quality, Unit, assess
from projects.schedule.localtime import to_wall
from projects.schedule.plan import Plan

SHOWN = 25

NAMES = {
    Check.LOGIC: gettext_lazy("Missing logic"),
    Check.LEADS: gettext_lazy("Leads"),
    Check.LAGS: gettext_lazy("Lags"),
    Check.LINK_TYPES: gettext_lazy("Finish-to-start links"),
    Check.HARD_CONSTRAINTS: gettext_lazy("Hard constraints"),
    Check.HIGH_FLOAT: gettext_lazy("Float above 44 days"),
    Check.NEGATIVE_FLOAT: gettext_lazy("Negative float"),
    Check.HIGH_DURATION: gettext_lazy("Duration above 44 days"),
    Check.INVALID_DATES: gettext_lazy("Invalid dates"),
    Check.RESOURCES: gettext_lazy("Tasks without anybody"),
    Check.MISSED: gettext_lazy("Missed tasks"),
    Check.CRITICAL_PATH_TEST: gettext_lazy("Critical path test"),
    Check.CPLI: gettext_lazy("Critical path length index"),
    Check.BEI: gettext_lazy("Baseline execution index"),
}
MEND = {
    Check.LOGIC: gettext_lazy("Link each task to what it waits for and to what waits for it; else it floats freely."),
    Check.LEADS: gettext_lazy(
        "A negative lag hides an overlap: split the earlier task and link the part that is needed."
    ),
    Check.LAGS: gettext_lazy(
        "Waiting is work of somebody else: make it a task with a name, such as a delivery or drying."
    ),
    Check.LINK_TYPES: gettext_lazy("Prefer finish-to-start: the other types are hard to follow and to keep true."),
    Check.HARD_CONSTRAINTS: gettext_lazy(
        "A must date or a no-later date beats the links. Use a deadline, or start no earlier than."
    ),
    Check.HIGH_FLOAT: gettext_lazy("So much float usually means that a successor is missing."),
    Check.NEGATIVE_FLOAT: gettext_lazy("The date can't be met as planned: shorten, overlap, or agree another date."),
    Check.HIGH_DURATION: gettext_lazy("Nobody sees in time that a task of two months is late: split it."),
    Check.INVALID_DATES: gettext_lazy("Work left undone can't lie in the past, and nothing is done in the future."),
    Check.RESOURCES: gettext_lazy("Assign somebody to each task of a day or more."),
    Check.MISSED: gettext_lazy("They were due by the status date: finish them, or agree new dates in a new baseline."),
    Check.CRITICAL_PATH_TEST: gettext_lazy(
        "A delay of the first task has to move the finish. Remove the fixed date or the missing link on the way."
    ),
    Check.CPLI: gettext_lazy("The tasks below decide the finish; there is less time left than they need."),
    Check.BEI: gettext_lazy("Fewer tasks are done than the baseline wanted by now: these are open."),
}
HINTS = {
    Hint.ADD_PREDECESSOR: gettext_lazy("add a predecessor"),
    Hint.ADD_SUCCESSOR: gettext_lazy("add a successor"),
    Hint.ADD_BOTH: gettext_lazy("add a predecessor and a successor"),
    Hint.REPLACE_LEAD: gettext_lazy("replace the lead"),
    Hint.REPLACE_LAG: gettext_lazy("make the waiting a task"),
    Hint.PREFER_FINISH_TO_START: gettext_lazy("use finish-to-start"),
    Hint.SOFTEN_CONSTRAINT: gettext_lazy("use a deadline or a no-earlier-than constraint"),
    Hint.CHECK_LOGIC: gettext_lazy("look for a missing successor"),
    Hint.RECOVER: gettext_lazy("shorten, overlap, or move the date that can't be met"),
    Hint.SPLIT_TASK: gettext_lazy("split into shorter tasks"),
    Hint.RESCHEDULE: gettext_lazy("move the unfinished work behind the status date"),
    Hint.CORRECT_ACTUAL: gettext_lazy("correct the actual date, which lies after the status date"),
    Hint.ASSIGN: gettext_lazy("assign somebody"),
    Hint.EXPLAIN_SLIP: gettext_lazy("later than its baseline: say why, finish it or agree a new date"),
    Hint.REMOVE_HOLD: gettext_lazy("remove what keeps the finish from moving"),
}
WHY = {
    Missing.NO_TASKS: gettext_lazy("No unfinished task is left to look at."),
    Missing.NO_LINKS: gettext_lazy("No unfinished task has a link."),
    Missing.NO_STATUS_DATE: gettext_lazy("The project has no status date yet."),
    Missing.NO_BASELINE: gettext_lazy("There is no active baseline."),
    Missing.NOTHING_DUE: gettext_lazy("The baseline wants nothing by the status date."),
    Missing.NO_RESOURCES: gettext_lazy("Nobody is assigned to any task, so people are planned elsewhere."),
    Missing.NO_TARGET: gettext_lazy("There is neither a baseline nor a target finish to measure against."),
    Missing.OUT_OF_RANGE: gettext_lazy("The plan, delayed by 600 days, leaves the years that can be computed."),
}


@dataclass(frozen=True)
class Named:
    """An offending task as the page names it."""

    uid: int
    number: int
    name: str
    note: str


@dataclass(frozen=True)
class Shown:
    """One point as the page shows it."""

    number: int
    name: str
    value: str
    wanted: str
    status: str
    word: str
    why: str
    mend: str
    tasks: list[Named]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.tasks)


@project_view(read=P.PROJECT_KPI_VIEW)
def schedule_quality(request, project):
    """All fourteen points of the plan as it is."""
    context = {**frame(project, "quality"), "points": [], "sentence": "", "indices": []}
    try:
        plan, quality = assessed(project)
    except ValidationError as error:
        context["problem"] = error.messages[0]
    else:
        if plan.rows:
            points = [_shown(point, plan) for point in quality.points]
            context |= {"points": points, "sentence": _sentence(quality), "indices": _indices(points)}
    return render(request, "projects/control/quality.html", context)


def assessed(project) -> tuple[Plan, Quality]:
    """The plan and what the engine says of it, against the active baseline; a constant number of queries."""
    plan = Plan(project)
    if not plan.rows:
        return plan, Quality(())

    def wall(instant):
        return to_wall(instant, project)

    status = wall(project.status_date)
    baseline = project.baselines.filter(is_active=True).first()
    dates = None
    if baseline is not None:
        dates = {
            task: Baselined(wall(start), wall(finish))  # type: ignore[arg-type]
            for task, start, finish in baseline.tasks.filter(
                task__isnull=False, start__isnull=False, finish__isnull=False
            ).values_list("task", "start", "finish")
        }
    assigned = set(project.assignments.values_list("task", flat=True))
    try:
        quality = assess(
            plan.network(),
            plan.compute(),
            plan.start(),
            plan.calendar,
            status_date=status or wall(timezone.now()),
            baseline=dates,
            resourced=assigned or None,
            minutes_per_day=project.minutes_per_day,
            project_finish=wall(plan.settings.from_finish),
            honour_constraints=plan.settings.honour_constraints,
        )
    except NetworkError as error:
        raise ValidationError(error.problems, code="network")
    return plan, quality


def _shown(point: Point, plan: Plan) -> Shown:
    rows = {row.id: row for row in plan.rows}
    notes: dict = {}
    for offender in point.offenders:
        note = str(HINTS[offender.hint])
        if offender.link is not None and offender.link.predecessor in rows:
            before = rows[offender.link.predecessor]  # type: ignore[index]
            note += " (" + _("link from %(number)s %(name)s") % {"number": before.number, "name": before.name} + ")"
        notes.setdefault(offender.task, []).append(note)
    tasks = [
        Named(rows[task].uid, rows[task].number, rows[task].name, "; ".join(said))
        for task, said in list(notes.items())[:SHOWN]
        if task in rows
    ]
    status = {True: "ok", False: "act", None: "na"}[point.passed]
    word = {True: _("Holds"), False: _("Look at it"), None: _("Not available")}[point.passed]
    sign = "≤" if point.at_most else "≥"
    return Shown(
        number=point.number,
        name=str(NAMES[point.check]),
        value=_text(point, point.value),
        wanted=_text(point, point.threshold) if point.threshold == 0 else f"{sign} {_text(point, point.threshold)}",
        status=status,
        word=word,
        why=str(WHY[point.missing]) if point.missing else "",
        mend=str(MEND[point.check]),
        tasks=tasks,
        count=len(notes),
    )


def _text(point: Point, value: float | None) -> str:
    if value is None:
        return ""
    match point.unit:
        case Unit.SHARE:
            places = 0 if value in (0, 1) or value == point.threshold else 1
            return fmt.ratio(value, places)
        case Unit.COUNT:
            return fmt.number(value, 0)
    return fmt.number(value, 2)


def _sentence(quality: Quality) -> str:
    failed = [str(NAMES[point.check]) for point in quality.points if point.passed is False]
    count = Counter(point.passed for point in quality.points)
    text = _("%(passed)s of %(available)s points hold") % {"passed": quality.passed, "available": quality.available}
    if count[None]:
        text += ", " + ngettext("%(n)d is not available", "%(n)d are not available", count[None]) % {"n": count[None]}
    if failed:
        return text + "; " + _("look at: %(names)s.") % {"names": ", ".join(failed)}
    return f"{text}."


def _indices(points: list[Shown]) -> list[dict]:
    named = {point.number: point for point in points}
    return [
        {
            "name": short,
            "long": named[number].name,
            "value": named[number].value,
            "status": named[number].status,
            "why": named[number].why,
        }
        for short, number in (("BEI", 14), ("CPLI", 13))
    ]
