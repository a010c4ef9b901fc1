"""All models of the app, each told in its own story."""

from projects.agenda.models import CalendarFeed
from projects.benefits.models import Benefit, BenefitMeasurement, BenefitReview
from projects.board.models import Board, BoardColumn, Card
from projects.budget.models import (
    Accrual,
    Allowance,
    BudgetLine,
    BudgetMonth,
    Draw,
    Expense,
    Order,
    Rate,
    RoleRate,
    TimeEntry,
)
from projects.changes.models import (
    BudgetBaseline,
    BudgetBaselineLine,
    ChangeEdit,
    ChangeImpact,
    ChangeMoney,
    ChangeRequest,
    ChangeRequirement,
    ChangeStep,
)
from projects.closing.models import AcceptedPart, ClosingDecision, EndReport, EndReportSubmission, SalvageItem
from projects.control.models import (
    MilestoneWeek,
    PlanWeek,
    Simulation,
    SimulationSettings,
    SimulationTask,
    TaskEstimate,
)
from projects.currencies.models import ExchangeRate
from projects.earned_value.models import EarningSettings, EarningStep, TaskEarning
from projects.lessons.models import Lesson, LessonUse
from projects.lifecycle.models import (
    ChecklistItem,
    Closure,
    GateCondition,
    GateDecision,
    Objective,
    Phase,
    Project,
    StateChange,
    StatusUpdate,
)
from projects.recurrence.models import Occurrence, Recurrence
from projects.requests.models import InitiationRequest, Submission
from projects.risks.models import Issue, Risk
from projects.schedule.journal import PlanChange, PlanState, PlanStep
from projects.schedule.models import (
    Assignment,
    Baseline,
    BaselineTask,
    Link,
    PlanBefore,
    PlanCalendar,
    PlanOrigin,
    PlanSettings,
    PlanUpload,
    Resource,
    Task,
)
from projects.scope.deliverables.models import Deliverable, Delivery
from projects.scope.models import (
    AcceptanceCriterion,
    CriterionCheck,
    Requirement,
    RequirementVersion,
    ScopeBaseline,
    ScopeBaselineItem,
)
from projects.scope.testing.models import TestCase, TestRun, TestSession
from projects.scope.tracing.models import TraceLink
from projects.sprints.models import Sprint, SprintTask
from projects.team.models import Membership
from projects.timesheets.models import Timesheet, TimesheetPart
from projects.types.models import ProjectType, TypeVersion

__all__ = [
    "AcceptanceCriterion",
    "AcceptedPart",
    "Accrual",
    "Allowance",
    "Assignment",
    "Baseline",
    "BaselineTask",
    "Benefit",
    "BenefitMeasurement",
    "BenefitReview",
    "Board",
    "BoardColumn",
    "BudgetBaseline",
    "BudgetBaselineLine",
    "BudgetLine",
    "BudgetMonth",
    "CalendarFeed",
    "Card",
    "ChangeEdit",
    "ChangeImpact",
    "ChangeMoney",
    "ChangeRequest",
    "ChangeRequirement",
    "ChangeStep",
    "ChecklistItem",
    "ClosingDecision",
    "Closure",
    "CriterionCheck",
    "Deliverable",
    "Delivery",
    "Draw",
    "EarningSettings",
    "EarningStep",
    "EndReport",
    "EndReportSubmission",
    "ExchangeRate",
    "Expense",
    "GateCondition",
    "GateDecision",
    "InitiationRequest",
    "Issue",
    "Lesson",
    "LessonUse",
    "Link",
    "Membership",
    "MilestoneWeek",
    "Objective",
    "Occurrence",
    "Order",
    "Phase",
    "PlanBefore",
    "PlanCalendar",
    "PlanChange",
    "PlanOrigin",
    "PlanSettings",
    "PlanState",
    "PlanStep",
    "PlanUpload",
    "PlanWeek",
    "Project",
    "ProjectType",
    "Rate",
    "Recurrence",
    "Requirement",
    "RequirementVersion",
    "Resource",
    "Risk",
    "RoleRate",
    "SalvageItem",
    "ScopeBaseline",
    "ScopeBaselineItem",
    "Simulation",
    "SimulationSettings",
    "SimulationTask",
    "Sprint",
    "SprintTask",
    "StateChange",
    "StatusUpdate",
    "Submission",
    "Task",
    "TaskEarning",
    "TaskEstimate",
    "TestCase",
    "TestRun",
    "TestSession",
    "TimeEntry",
    "Timesheet",
    "TimesheetPart",
    "TraceLink",
    "TypeVersion",
]
