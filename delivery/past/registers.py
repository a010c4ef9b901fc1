"""Which registers of a product can be read as of a past day, who may, and the columns they show and export.

For our own people only: what a client may read of a row is decided by what it is today.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.activity.registers import Column
from pmdm.ui.parts import Text


@dataclass(frozen=True)
class Register:
    key: str
    label: Text
    needs: P
    rows: Callable[[Any], Any]  # of a product, in the order shown
    columns: list[Column]
    now: str  # name of the URL of the page of today, by the product's code
    tab: str

    def columns_for(self, can) -> list[Column]:
        return [column for column in self.columns if column.needs is None or column.needs in can]


def _own(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


def _words(name: str) -> Callable[[Any], str]:
    return lambda row: str(getattr(row, f"get_{name}_display")())


def _day(name: str) -> Callable[[Any], Any]:
    """The day of a moment on the site's clock."""

    def value(row):
        moment = getattr(row, name)
        return moment and timezone.localtime(moment).date()

    return value


def _name(name: str) -> Callable[[Any], str]:
    """A person or an organisation."""

    def value(row):
        one = getattr(row, name)
        return one.name if one else ""

    return value


def _ref(name: str) -> Callable[[Any], str]:
    def value(row):
        one = getattr(row, name)
        return f"{one.ref} {one.title}" if one else ""

    return value


def _score(row) -> int | None:
    return row.probability * row.impact if row.probability and row.impact else None


REF = Column(_("Number"), _own("ref"))
TITLE = Column(_("Title"), _own("title"), "name")
STATE = Column(_("State"), _words("state"))
OWNER = Column(_("Owner"), _name("owner"))

REGISTERS = {
    register.key: register
    for register in (
        Register(
            "issues", _("Issues"), P.ISSUE_VIEW,
            lambda product: product.issues.select_related("assignee", "organisation", "team").order_by("number"),
            [
                REF, TITLE, Column(_("Type"), _words("type")), Column(_("Priority"), _words("severity")), STATE,
                Column(_("Assignee"), _name("assignee")), Column(_("Team"), _name("team")),
                Column(_("Client"), _name("organisation")), Column(_("Created"), _day("created_at"), "date"),
                Column(_("Due"), _day("resolution_due"), "date"),
                Column(_("Resolved"), _day("resolved_at"), "date"),
            ],
            "delivery:issue-list", "queue",
        ),
        Register(
            "complaints", _("Complaints"), P.INTERNAL_VIEW,
            lambda product: product.complaints.current().standing().select_related(
                "issue__organisation", "requirement"
            ).order_by("issue__number"),
            [
                Column(_("Number"), lambda row: row.issue.ref), Column(_("Title"), lambda row: row.issue.title, "name"),
                Column(_("Client"), lambda row: row.issue.organisation.name if row.issue.organisation else ""),
                Column(_("Standing"), lambda row: str(row.standing_label)),
                Column(_("Reported"), lambda row: timezone.localtime(row.issue.created_at).date(), "date"),
                Column(_("Acknowledged"), _day("acknowledged_at"), "date"),
                Column(_("Verdict"), _words("verdict")), Column(_("Requirement"), _ref("requirement")),
            ],
            "delivery:complaint-list", "complaints",
        ),
        Register(
            "major-incidents", _("Major incidents"), P.ISSUE_VIEW,
            lambda product: product.major_incidents.select_related("issue", "commander").order_by("number"),
            [
                REF, TITLE, STATE, Column(_("Issue"), lambda row: row.issue.ref),
                Column(_("Incident commander"), _name("commander")), Column(_("Declared"), _day("declared_at"), "date"),
                Column(_("Mitigated"), _day("mitigated_at"), "date"),
                Column(_("Resolved"), _day("resolved_at"), "date"),
            ],
            "delivery:major-incident-list", "incidents",
        ),
        Register(
            "problems", _("Problems"), P.INTERNAL_VIEW,
            lambda product: product.problems.select_related("owner", "fixed_in").order_by("number"),
            [
                REF, TITLE, STATE, OWNER, Column(_("Raised"), _day("raised_at"), "date"),
                Column(_("Fixed in"), _name("fixed_in")), Column(_("Resolved"), _day("resolved_at"), "date"),
            ],
            "delivery:problem-list", "problems",
        ),
        Register(
            "known-gaps", _("Known gaps"), P.REQUIREMENT_VIEW,
            lambda product: product.known_gaps.select_related("requirement").order_by("number"),
            [
                REF, TITLE, Column(_("Requirement"), _ref("requirement")),
                Column(_("Accepted"), _day("accepted_at"), "date"), Column(_("Closed"), _day("closed_at"), "date"),
            ],
            "delivery:known-gap-list", "requirements",
        ),
        Register(
            "requirements", _("Requirements"), P.REQUIREMENT_VIEW,
            lambda product: product.requirements.order_by("number"),
            [
                REF, TITLE, Column(_("Accepted"), lambda row: str(_("Yes") if row.is_accepted else _("No"))),
                Column(_("Conformance"), _words("conformance")), Column(_("Checked"), _day("checked_at"), "date"),
            ],
            "delivery:requirement-list", "requirements",
        ),
        Register(
            "risks", _("Risks"), P.PRODUCT_RISK_VIEW,
            lambda product: product.risks.select_related("owner", "control_owner").order_by("number"),
            [
                REF, TITLE, STATE, Column(_("Probability"), _own("probability"), "number"),
                Column(_("Impact"), _own("impact"), "number"), Column(_("Score"), _score, "number"),
                Column(_("Response"), _words("response")), OWNER, Column(_("Control"), _own("control"), "name"),
                Column(_("Control owner"), _name("control_owner")),
                Column(_("Next review"), _own("review_on"), "date"),
            ],
            "delivery:risk-list", "risks",
        ),
        Register(
            "releases", _("Releases"), P.RELEASE_VIEW,
            lambda product: product.releases.order_by("pk"),
            [
                Column(_("Release"), _own("name")), STATE, Column(_("Planned from"), _day("starts_at"), "date"),
                Column(_("Planned to"), _day("ends_at"), "date"),
                Column(_("Released"), _own("released_on"), "date"),
            ],
            "delivery:release-list", "releases",
        ),
        Register(
            "incidents", _("Incidents"), P.PERFORMANCE_VIEW,
            lambda product: product.incidents.order_by("started_at", "pk"),
            [
                Column(_("Incident"), _own("title")), Column(_("Started"), _day("started_at"), "date"),
                Column(_("Ended"), _day("ended_at"), "date"),
                Column(_("Downtime"), lambda row: str(_("Yes") if row.is_outage else _("No"))),
                Column(_("What it was"), _own("cause"), "name"),
            ],
            "delivery:incident-list", "performance",
        ),
        Register(
            "requests", _("Requests to departments"), P.INTERNAL_VIEW,
            lambda product: product.department_requests.select_related("department", "owner").order_by("number"),
            [
                REF, TITLE, Column(_("Direction"), _words("direction")), Column(_("Department"), _name("department")),
                STATE, OWNER, Column(_("Due"), _own("due"), "date"), Column(_("Done"), _day("done_at"), "date"),
            ],
            "delivery:department-request-list", "requests",
        ),
        Register(
            "roadblocks", _("Roadblocks"), P.INTERNAL_VIEW,
            lambda product: product.roadblocks.select_related("owner", "escalated_to").order_by("number"),
            [
                REF, TITLE, STATE, OWNER, Column(_("Escalated to"), _name("escalated_to")),
                Column(_("Raised"), _day("raised_at"), "date"),
                Column(_("To be removed by"), _own("due"), "date"), Column(_("Removed"), _day("removed_at"), "date"),
            ],
            "delivery:roadblock-list", "roadblocks",
        ),
    )
}  # fmt: skip
