"""Which registers can be read as of a past day, who may, and the columns they show and export."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.ui.parts import Text
from projects.schedule.localtime import to_wall
from projects.scope.testing.models import TestRun


@dataclass(frozen=True)
class Column:
    """``kind``: how it is shown (text, name, number, date, percent, money); ``needs``: one more permission."""

    label: Text
    value: Callable[[Any], Any]
    kind: str = "text"
    needs: P | None = None


@dataclass(frozen=True)
class Register:
    key: str
    label: Text
    needs: P
    rows: Callable[[Any], Any]  # of a project, in the order shown
    columns: list[Column]
    now: str  # name of the URL of the page of today, by the project's code
    tab: str
    sums: tuple[int, ...] = field(default=())  # places of columns that are added up below
    key_field: str = "number"  # what names one of its rows in an address
    one: str = ""  # name of the URL of a row's page of today, by code and ``key_field``
    readable: Callable[[Any, Any, Any], Any] | None = None  # of rows, project and reader: those that are not private

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
                Column(_("Planned"), _own("planned"), "money"), Column(_("Still to come"), _own("remaining"), "money"),
            ],
            "projects:budget", "budget", (3, 4),
        ),
        Register(
            "orders", _("Orders"), P.COST_VIEW,
            lambda project: project.orders.select_related("line").order_by("number"),
            [
                REF, Column(_("Supplier"), _own("supplier"), "name"), Column(_("Ordered"), _own("description")),
                Column(_("Line"), lambda row: row.line.name), STATE,
                Column(_("Ordered on"), _own("ordered_on"), "date"),
                Column(_("Expected on"), _own("expected_on"), "date"), Column(_("Amount"), _own("amount"), "money"),
            ],
            "projects:order-list", "budget", (7,), one="projects:order",
        ),
        Register(
            "expenses", _("Expenses"), P.COST_VIEW,
            lambda project: project.expenses.select_related("line").order_by("number"),
            [
                REF, Column(_("Expense"), _own("description"), "name"), Column(_("Supplier"), _own("supplier")),
                Column(_("Line"), lambda row: row.line.name), Column(_("Date"), _own("spent_on"), "date"),
                Column(_("Amount"), _own("amount"), "money"),
            ],
            "projects:expense-list", "budget", (5,), one="projects:expense-detail",
        ),
        Register(
            "accruals", _("Accruals"), P.COST_VIEW,
            lambda project: project.accruals.select_related("line").order_by("number"),
            [
                REF, Column(_("What was received"), _own("description"), "name"),
                Column(_("Line"), lambda row: row.line.name), Column(_("Received"), _own("accrued_on"), "date"),
                Column(_("Reversed on"), _own("reverses_on"), "date"), Column(_("Amount"), _own("amount"), "money"),
            ],
            "projects:accrual-list", "budget", (5,),
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
    )
}  # fmt: skip


def cells(columns: list[Column], rows: Iterable[Any]) -> Iterable[list[tuple[Column, Any]]]:
    """For each row its (column, value)."""
    for row in rows:
        yield [(column, column.value(row)) for column in columns]
