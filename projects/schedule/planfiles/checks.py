"""What can only be checked once a plan is whole: working calendars, split tasks, a network without cycles."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime

from pmdm.worktime.engine import OutOfRange
from projects.schedule.engine import CycleError, NetworkError

from .network import effective_calendars, project_calendar, schedule_plan
from .plan import MAX_OUTLINE_NUMBER, Plan, PlanFileError, PlanProblem, PlanTask, PlanWarning
from .splits import Timephased, interruptions

ANY_DAY = datetime(2000, 1, 3, 8)  # the checks need some start; which one makes no difference


def check_plan(plan: Plan, timephased: Mapping[int, Sequence[Timephased]] | None = None) -> None:
    """Complete split tasks; PlanFileError for a plan that could not be scheduled."""
    if timephased:
        _read_interruptions(plan, timephased)
    by_uid: dict[Hashable, PlanTask] = {task.uid: task for task in plan.tasks}
    try:
        result = schedule_plan(plan, ANY_DAY)
    except CycleError as cycle:
        line = min((task.line or 0 for uid in cycle.tasks if (task := by_uid.get(uid))), default=0)
        raise PlanFileError([PlanProblem("Links", _names(cycle), "links without a cycle", line or None)])
    except NetworkError as error:
        raise PlanFileError([PlanProblem("Plan", problem, "a consistent plan") for problem in error.problems])
    except OutOfRange as error:
        raise PlanFileError(
            [PlanProblem("Plan", str(error), "durations and dates that stay in the years 1900 to 2299")]
        )
    for task in plan.tasks:
        if len(number := result.tasks[task.uid].wbs) > MAX_OUTLINE_NUMBER:
            accepted = f"an outline whose numbers have at most {MAX_OUTLINE_NUMBER} characters"
            raise PlanFileError([PlanProblem(f"Task {task.uid} ({task.name})", number, accepted, task.line)])


def _read_interruptions(plan: Plan, timephased: Mapping[int, Sequence[Timephased]]) -> None:
    calendars, keys = effective_calendars(plan)
    hours = project_calendar(plan)
    for task in plan.tasks:
        parts = timephased.get(task.uid)
        if not parts or task.summary or task.manual:
            continue
        key = keys.get(task.uid)
        splits = interruptions(task, parts, calendars[key] if key is not None else hours)
        if splits is None:
            message = "is interrupted in a way that can't be told from its work; it comes along in one piece."
            plan.warnings.append(PlanWarning(f"Task {task.uid} ({task.name})", message, task.line))
        else:
            task.splits = splits


def _names(cycle: CycleError) -> str:
    return cycle.problems[0].removeprefix("The links form a cycle: ").removesuffix(". Remove one of them.")
