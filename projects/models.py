"""All models of the app, each told in its own story."""

from projects.budget.models import BudgetLine, Expense, Rate, TimeEntry
from projects.control.models import (
    MilestoneWeek,
    PlanWeek,
    Simulation,
    SimulationSettings,
    SimulationTask,
    TaskEstimate,
)
from projects.lifecycle.models import (
    ChecklistItem,
    Closure,
    GateDecision,
    Objective,
    Phase,
    Project,
    StateChange,
    StatusUpdate,
)
from projects.risks.models import Issue, Risk
from projects.schedule.journal import PlanChange, PlanState, PlanStep
from projects.schedule.models import (
    Assignment,
    Baseline,
    BaselineTask,
    Link,
    PlanCalendar,
    PlanOrigin,
    PlanSettings,
    PlanUpload,
    Resource,
    Task,
)
from projects.scope.models import AcceptanceCriterion, Requirement, ScopeBaseline, ScopeBaselineItem
from projects.team.models import Membership
from projects.timesheets.models import Timesheet, TimesheetPart

__all__ = [
    "AcceptanceCriterion",
    "Assignment",
    "Baseline",
    "BaselineTask",
    "BudgetLine",
    "ChecklistItem",
    "Closure",
    "Expense",
    "GateDecision",
    "Issue",
    "Link",
    "Membership",
    "MilestoneWeek",
    "Objective",
    "Phase",
    "PlanCalendar",
    "PlanChange",
    "PlanOrigin",
    "PlanSettings",
    "PlanState",
    "PlanStep",
    "PlanUpload",
    "PlanWeek",
    "Project",
    "Rate",
    "Requirement",
    "Resource",
    "Risk",
    "ScopeBaseline",
    "ScopeBaselineItem",
    "Simulation",
    "SimulationSettings",
    "SimulationTask",
    "StateChange",
    "StatusUpdate",
    "Task",
    "TaskEstimate",
    "TimeEntry",
    "Timesheet",
    "TimesheetPart",
]
