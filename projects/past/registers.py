"""Which registers can be read as of a past day, who may, and the columns they show and export."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.ui.parts import Text
from projects.schedule.localtime import to_wall


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
            "projects:risk-list", "risks",
        ),
        Register(
            "issues", _("Issues"), P.RISK_VIEW,
            lambda project: project.issues.select_related("owner").order_by("number"),
            [
                REF, TITLE, STATE, Column(_("Severity"), _words("severity")), Column(_("Impact on"), _words("area")),
                OWNER, Column(_("Due"), _own("due"), "date"),
            ],
            "projects:issue-list", "issues",
        ),
        Register(
            "requirements", _("Requirements"), P.SCOPE_VIEW,
            lambda project: project.requirements.with_criteria().select_related("owner").order_by("number"),
            [
                REF, TITLE, STATE, Column(_("Priority"), _words("priority")), Column(_("Type"), _words("type")),
                Column(_("Criteria"), _own("lines"), "number"), Column(_("Passed"), _own("passed"), "number"), OWNER,
            ],
            "projects:requirement-list", "scope",
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
            "projects:schedule", "schedule",
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
