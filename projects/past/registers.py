"""Which registers can be read as of a past day, who may, and the columns they show and export."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.registers import Column
from pmdm.ui.parts import Text
from projects.benefits.reading import WORDS
from projects.budget import reserves
from projects.schedule.localtime import to_wall
from projects.scope.testing.models import TestRun
from projects.sprints.figures import with_tasks
from projects.team.models import Membership


@dataclass(frozen=True)
class Register:
    key: str
    label: Text
    needs: P
    rows: Callable[[Any], Any]  # of a project, in the order shown
    columns: list[Column]
    now: str  # name of the URL of the page of today, by the project's code
    tab: str
    key_field: str = "number"  # what names one of its rows in an address
    one: str = ""  # name of the URL of a row's page of today, by code and ``key_field``
    readable: Callable[[Any, Any, Any], Any] | None = None  # of rows, project and reader: those that are not private
    even: tuple[type[models.Model], ...] = ()  # read as of then although their model says ``ALWAYS_NOW``

    def rows_for(self, project, user):
        rows = self.rows(project)
        return self.readable(rows, project, user) if self.readable else rows

    def columns_for(self, can) -> list[Column]:
        return [column for column in self.columns if column.needs is None or column.needs in can]


def _day(name: str) -> Callable[[Any], Any]:
    """The day of a moment on the project's clock."""

    def value(row):
        wall = to_wall(getattr(row, name), row.project)
        return wall and wall.date()

    return value


def _own(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


def _words(name: str) -> Callable[[Any], str]:
    return lambda row: str(getattr(row, f"get_{name}_display")())


def _owner(row) -> str:
    return row.owner.name if row.owner_id else ""


def _cases(project):
    """With their latest result, as the page of tests."""
    latest = TestRun.objects.filter(case=OuterRef("pk")).exclude(result="not_run").order_by("-at", "-pk")
    rows = project.test_cases.select_related("owner").order_by("number")
    return rows.annotate(latest=Subquery(latest.values("result")[:1]))


def _result(row) -> str:
    return str(TestRun.Result(row.latest or "not_run").label)


def _belongs(row) -> str:
    """The department or client of whoever the row is about."""
    return str(row.user.organisation or row.user.department or "")


def _hours(name: str) -> Callable[[Any], Any]:
    """A number of minutes in hours; None for none."""
    return lambda row: None if getattr(row, name) is None else round(Decimal(getattr(row, name)) / 60, 2)


def _share(row) -> float | None:
    """Percent."""
    return None if row.share is None else round(100 * row.share, 1)


def _score(row) -> int | None:
    return row.probability * row.impact if row.probability and row.impact else None


REF = Column(_("Number"), _own("ref"))
TITLE = Column(_("Title"), _own("title"))
STATE = Column(_("State"), _words("state"))
OWNER = Column(_("Owner"), _owner)

REGISTERS = {
    register.key: register
    for register in (
        Register(
            "risks", _("Risks"), P.RISK_VIEW, lambda project: project.risks.select_related("owner").order_by("number"),
            [
                REF, TITLE, STATE, Column(_("Probability"), _own("probability"), "number"),
                Column(_("Impact"), _own("impact"), "number"), Column(_("Score"), _score, "number"),
                Column(_("Cost if it happens"), _own("exposure"), "money", P.COST_VIEW),
                Column(_("Response"), _words("response")), OWNER, Column(_("Next review"), _own("review_on"), "date"),
            ],
            "projects:risk-list", "risks", one="projects:risk-detail",
        ),
        Register(
            "issues", _("Issues"), P.RISK_VIEW,
            lambda project: project.issues.select_related("owner").order_by("number"),
            [
                REF, TITLE, STATE, Column(_("Severity"), _words("severity")), Column(_("Impact on"), _words("area")),
                OWNER, Column(_("Due"), _own("due"), "date"),
            ],
            "projects:issue-list", "issues", one="projects:issue-detail",
        ),
        Register(
            "requirements", _("Requirements"), P.SCOPE_VIEW,
            lambda project: project.requirements.with_criteria().select_related("owner").order_by("number"),
            [
                REF, TITLE, STATE, Column(_("Priority"), _words("priority")), Column(_("Type"), _words("type")),
                Column(_("Criteria"), _own("lines"), "number"), Column(_("Passed"), _own("passed"), "number"), OWNER,
            ],
            "projects:requirement-list", "scope", one="projects:requirement-detail",
        ),
        Register(
            "deliverables", _("Deliverables"), P.SCOPE_VIEW,
            lambda project: project.deliverables.select_related("owner", "delivery").order_by("number").annotate(
                covers=Count("trace_links")
            ),
            [
                REF, TITLE, STATE, Column(_("Delivery"), lambda row: str(row.delivery or "")),
                Column(_("Due"), _own("due"), "date"), Column(_("Requirements"), _own("covers"), "number"), OWNER,
            ],
            "projects:deliverable-list", "scope", one="projects:deliverable-detail",
        ),
        Register(
            "tests", _("Test cases"), P.SCOPE_VIEW, _cases,
            [REF, TITLE, Column(_("Latest result"), _result), OWNER],
            "projects:test-list", "scope", one="projects:case-detail",
        ),
        Register(
            "changes", _("Change requests"), P.CHANGE_VIEW,
            lambda project: project.change_requests.select_related("requester", "impact").order_by("number"),
            [
                REF, TITLE, STATE, Column(_("Kind"), _words("kind")), Column(_("Urgency"), _words("urgency")),
                Column(_("Requester"), lambda row: row.requester.name),
                Column(_("Decision needed by"), _own("needed_by"), "date"),
                Column(_("Working days"), lambda row: row.impact and row.impact.shift, "number"),
            ],
            "projects:change-list", "changes", one="projects:change-detail",
            readable=lambda rows, project, user: rows.readable_by(project, user),
        ),
        Register(
            "lessons", _("Lessons"), P.LESSON_VIEW,
            lambda project: project.lessons.select_related("author").defer("search").order_by("number"),
            [
                REF, TITLE, STATE, Column(_("Type"), _words("kind")), Column(_("Phase"), _words("phase")),
                Column(_("Impact"), _words("impact")), Column(_("Author"), lambda row: row.author.name),
                Column(_("Date"), _own("written_on"), "date"),
            ],
            "projects:lesson-list", "lessons", one="projects:lesson-detail",
        ),
        Register(
            "tasks", _("Tasks"), P.SCHEDULE_VIEW, lambda project: project.tasks.order_by("number"),
            [
                Column(_("Row"), _own("number"), "number"), Column(_("WBS"), _own("wbs")),
                Column(_("Task"), _own("name"), "name"), Column(_("Start"), _day("start"), "date"),
                Column(_("Finish"), _day("finish"), "date"), Column(_("Done"), _own("percent"), "percent"),
                Column(_("Deadline"), _day("deadline"), "date"),
                Column(_("Planned cost"), _own("cost"), "money", P.COST_VIEW),
            ],
            "projects:schedule", "schedule", key_field="uid", one="projects:task-detail",
        ),
        Register(
            "budget", _("Budget lines"), P.COST_VIEW, lambda project: project.budget_lines.order_by("number"),
            [
                REF, Column(_("Line"), _own("name"), "name"), Column(_("Category"), _words("category")),
                Column(_("Planned"), _own("planned"), "money", adds="planned"),
                Column(_("Still to come"), _own("remaining"), "money", adds="remaining"),
            ],
            "projects:budget", "budget",
        ),
        Register(
            "orders", _("Orders"), P.COST_VIEW,
            lambda project: project.orders.select_related("line").order_by("number"),
            [
                REF, Column(_("Supplier"), _own("supplier"), "name"), Column(_("Ordered"), _own("description")),
                Column(_("Line"), lambda row: row.line.name), STATE,
                Column(_("Ordered on"), _own("ordered_on"), "date"),
                Column(_("Expected on"), _own("expected_on"), "date"),
                Column(_("Amount"), _own("amount"), "money", adds="amount"),
            ],
            "projects:order-list", "budget", one="projects:order",
        ),
        Register(
            "expenses", _("Expenses"), P.COST_VIEW,
            lambda project: project.expenses.select_related("line").order_by("number"),
            [
                REF, Column(_("Expense"), _own("description"), "name"), Column(_("Supplier"), _own("supplier")),
                Column(_("Line"), lambda row: row.line.name), Column(_("Date"), _own("spent_on"), "date"),
                Column(_("Amount"), _own("amount"), "money", adds="amount"),
            ],
            "projects:expense-list", "budget", one="projects:expense-detail",
        ),
        Register(
            "accruals", _("Accruals"), P.COST_VIEW,
            lambda project: project.accruals.select_related("line").order_by("number"),
            [
                REF, Column(_("What was received"), _own("description"), "name"),
                Column(_("Line"), lambda row: row.line.name), Column(_("Received"), _own("accrued_on"), "date"),
                Column(_("Reversed on"), _own("reverses_on"), "date"),
                Column(_("Amount"), _own("amount"), "money", adds="amount"),
            ],
            "projects:accrual-list", "budget",
        ),
        Register(
            "objectives", _("Objectives"), P.PROJECT_VIEW, lambda project: project.objectives.order_by("number"),
            [
                REF, Column(_("Objective"), _own("statement"), "name"), Column(_("Measure"), _own("measure")),
                Column(_("Unit"), _own("unit")), Column(_("Before"), _own("baseline_value"), "number"),
                Column(_("Target"), _own("target_value"), "number"),
                Column(_("Measured"), _own("actual_value"), "number"),
                Column(_("Measured on"), _own("measured_on"), "date"),
            ],
            "projects:objective-list", "overview",
        ),
        Register(
            "benefits", _("Benefits"), P.BENEFIT_VIEW,
            lambda project: project.benefits.with_latest().select_related("objective", "owner").order_by(
                "objective__number"
            ),
            [
                Column(_("Number"), lambda row: row.objective.ref),
                Column(_("Objective"), lambda row: row.objective.statement, "name"),
                Column(_("State"), lambda row: str(WORDS[row.state])),
                Column(_("Before"), lambda row: row.judged.before, "number"),
                Column(_("Target"), lambda row: row.judged.target, "number"),
                Column(_("Measured"), _own("value"), "number"), Column(_("Measured on"), _own("value_on"), "date"),
                Column(_("Realised"), _share, "percent"), OWNER, Column(_("Next review"), _own("next_due"), "date"),
            ],
            "projects:objective-list", "overview", key_field="pk",
        ),
        Register(
            "phases", _("Phases and gates"), P.PROJECT_VIEW,
            lambda project: project.phases.select_related("approver").with_progress().order_by("position"),
            [
                Column(_("Phase"), str), STATE, Column(_("Started"), _day("started_at"), "date"),
                Column(_("Finished"), _day("finished_at"), "date"), Column(_("Gate due"), _own("gate_due"), "date"),
                Column(_("Last decision"), _own("last_decision_label")),
                Column(_("Decides"), lambda row: row.approver.name if row.approver_id else ""),
            ],
            "projects:detail", "overview", key_field="pk",
        ),
        Register(
            "team", _("Team"), P.TEAM_VIEW,
            lambda project: project.memberships.select_related("user__organisation", "user__department").order_by(
                "user__name", "role"
            ),
            [
                Column(_("Person"), lambda row: row.user.name), Column(_("Role"), _words("role")),
                Column(_("Department or client"), _belongs), Column(_("Since"), _day("since"), "date"),
            ],
            "projects:team", "team", key_field="pk", even=(Membership,),
        ),
        Register(
            "resources", _("Resources of the plan"), P.TEAM_VIEW,
            lambda project: project.resources.select_related("user", "skill").order_by("kind", "name", "pk"),
            [
                Column(_("Resource"), _own("name"), "name"), Column(_("Kind"), _words("kind")),
                Column(_("Skill"), lambda row: str(row.skill or "")),
                Column(_("Units"), _own("max_units"), "percent"),
                Column(_("Who of ours"), lambda row: row.user.name if row.user_id else ""),
                Column(_("Rate per hour"), _own("hourly_rate"), "money", P.COST_VIEW),
            ],
            "projects:team", "team", key_field="uid",
        ),
        Register(
            "time", _("Booked time"), P.TEAM_VIEW,
            lambda project: project.time_entries.select_related("user", "task").order_by("-day", "user__name", "pk"),
            [
                Column(_("Person"), lambda row: row.user.name), Column(_("Day"), _own("day"), "date"),
                Column(_("Task"), lambda row: row.task.name if row.task_id else "", "name"),
                Column(_("What was done"), _own("note"), "name"),
                Column(_("Hours"), _hours("minutes"), "number", adds="minutes"),
                Column(_("Cost"), _own("cost"), "money", P.COST_VIEW, adds="cost"),
            ],
            "projects:time-list", "time", key_field="pk",
        ),
        Register(
            "sprints", _("Sprints"), P.SCHEDULE_VIEW, lambda project: with_tasks(project.sprints).order_by("-start"),
            [
                REF, Column(_("Sprint"), _own("name"), "name"), Column(_("Goal"), _own("goal"), "name"),
                Column(_("First day"), _own("start"), "date"), Column(_("Last day"), _own("finish"), "date"),
                Column(_("State"), _own("state_label")), Column(_("Tasks"), _own("tasks"), "number"),
                Column(_("Done"), _own("done"), "number"), Column(_("Work in hours"), _hours("work"), "number"),
            ],
            "projects:sprint-list", "schedule", one="projects:sprint",
        ),
        Register(
            "reserves", _("Contingency and reserve"), P.COST_VIEW,
            reserves.allowances,
            [
                Column(_("Set apart"), _words("kind")), Column(_("Amount"), _own("amount"), "money"),
                Column(_("Drawn"), _own("drawn"), "money"),
                Column(_("Left"), _own("left"), "money"),
            ],
            "projects:reserve-list", "budget", key_field="pk",
        ),
        Register(
            "draws", _("Draws on contingency and reserve"), P.COST_VIEW,
            lambda project: project.draws.select_related("allowance", "line", "requested_by").order_by("number"),
            [
                REF, Column(_("From"), lambda row: str(row.allowance)), Column(_("Line"), lambda row: row.line.name),
                Column(_("Reason"), _own("reason"), "name"), STATE,
                Column(_("Asked by"), lambda row: row.requested_by.name),
                Column(_("Asked on"), _day("requested_at"), "date"),
                Column(_("Amount"), _own("amount"), "money", adds="amount"),
            ],
            "projects:reserve-list", "budget", one="projects:draw",
        ),
    )
}  # fmt: skip
