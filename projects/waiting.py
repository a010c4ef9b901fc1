"""What of projects waits for a person, for "My work": their rows, the decisions that are theirs. One query a kind.

Decisions are asked of who holds the deciding role on the project itself; who may decide everywhere (the PMO) finds them
on each project's pages and is not flooded here.
"""

import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from pmdm.accounts.roles import Permission as P
from pmdm.ui import mywork
from pmdm.ui.mywork import Todo
from projects.agenda.entries import dues
from projects.benefits.models import BenefitReview
from projects.changes.models import ChangeRequest
from projects.closing.models import EndReport
from projects.lifecycle.models import ChecklistItem, Phase, Project
from projects.requests.models import InitiationRequest
from projects.risks.models import Issue, Risk
from projects.schedule.localtime import to_wall
from projects.schedule.models import Baseline, Task
from projects.scope.deliverables.models import Deliverable
from projects.timesheets.models import TimesheetPart

AHEAD = datetime.timedelta(days=14)  # a task that starts later is no work of now
MOST = 200  # rows of a kind


def register() -> None:
    mywork.register(_("Task"), tasks, order=10)
    mywork.register(_("Project issue"), issues, order=12)
    mywork.register(_("Review of a risk"), risks, order=14)
    mywork.register(_("Deliverable"), deliverables, order=16)
    mywork.register(_("Gate to decide"), gates, order=20)
    mywork.register(_("Change to assess"), changes_to_assess, order=21)
    mywork.register(_("Change to decide"), changes_to_decide, order=22)
    mywork.register(_("Baseline to approve"), baselines, order=23)
    mywork.register(_("Deliverable to accept"), deliverables_to_accept, order=24)
    mywork.register(_("End report to authorise"), end_reports, order=25)
    mywork.register(_("Request to review"), requests, order=26)
    mywork.register(_("Hours to approve"), hours, order=27)
    mywork.register(_("Benefit to measure"), benefits, order=28)
    mywork.register(_("Promised at a handover"), promises, order=29)


def tasks(user) -> list[Todo]:
    """Unfinished tasks of open projects that the person is on and that run, or begin within a fortnight."""
    rows = (
        Task.objects.filter(assignments__resource__user=user, is_summary=False, is_active=True, percent__lt=100)
        .filter(project__in=_readable(user, P.SCHEDULE_VIEW), start__lt=timezone.now() + AHEAD, finish__isnull=False)
        .select_related("project").only(
            "uid", "name", "percent", "finish", "project__code", "project__name", "project__time_zone"
        ).distinct().order_by("finish", "pk")
    )  # fmt: skip
    return [
        Todo(
            row.name,
            f"{row.project.name} · {row.percent}%",
            reverse("projects:task-detail", args=[row.project.code, row.uid]),
            to_wall(row.finish, row.project).date(),
        )
        for row in rows[:MOST]
    ]


def issues(user) -> list[Todo]:
    rows = Issue.objects.open().filter(owner=user, project__in=_readable(user, P.PROJECT_VIEW))
    return _rows(rows, "projects:issue-detail", "due")


def risks(user) -> list[Todo]:
    """Open risks of one's own whose day of review is set."""
    rows = Risk.objects.open().filter(owner=user, review_on__isnull=False, project__in=_readable(user, P.RISK_VIEW))
    return _rows(rows, "projects:risk-detail", "review_on")


def deliverables(user) -> list[Todo]:
    rows = Deliverable.objects.filter(
        owner=user, state__in=("planned", "rejected"), project__in=_readable(user, P.SCOPE_VIEW)
    )
    return _rows(rows, "projects:deliverable-detail", "due")


def gates(user) -> list[Todo]:
    """Gates of running phases whose required lines are all ticked: for the named approver, else for the sponsor."""
    named = Q(approver=user, project__in=_readable(user, P.GATE_DECIDE))
    unnamed = Q(approver=None, project__in=_deciding(user, P.GATE_DECIDE))
    lines = ChecklistItem.objects.filter(phase=OuterRef("pk"))
    missing = lines.filter(required=True, done_at=None)
    rows = (
        Phase.objects.filter(named | unnamed, state="active", project__state="active")
        .filter(~Exists(missing), Exists(lines))
        .select_related("project").order_by("gate_due", "pk")
    )  # fmt: skip
    return [
        Todo(
            _now("Gate of %(phase)s") % {"phase": row},
            row.project.name,
            reverse("projects:phase", args=[row.project.code, row.key]),
            row.gate_due,
        )
        for row in rows[:MOST]
        if row.has_gate
    ]


def changes_to_assess(user) -> list[Todo]:
    """Handed in and not taken up; taken up and its effects not worked out."""
    open_ = Q(state="submitted") | Q(state="assessment", impact=None)
    rows = ChangeRequest.objects.filter(open_, project__in=_deciding(user, P.CHANGE_ASSESS))
    return _rows(rows, "projects:change-detail", "needed_by")


def changes_to_decide(user) -> list[Todo]:
    """Assessed changes that the person may decide: never those which they asked for, wrote or submitted."""
    rows = ChangeRequest.objects.filter(
        state="assessment", impact__isnull=False, project__in=_deciding(user, P.CHANGE_APPROVE)
    ).exclude(Q(requester=user) | Q(created_by=user) | Q(submitted_by=user))
    return _rows(rows, "projects:change-detail", "needed_by")


def baselines(user) -> list[Todo]:
    rows = Baseline.objects.filter(state="requested", project__in=_deciding(user, P.BASELINE_APPROVE))
    return [
        Todo(row.name, row.project.name, reverse("projects:baseline-detail", args=[row.project.code, row.number]))
        for row in rows.exclude(requested_by=user).select_related("project").order_by("requested_at")[:MOST]
    ]


def deliverables_to_accept(user) -> list[Todo]:
    rows = Deliverable.objects.filter(state="submitted", project__in=_deciding(user, P.DELIVERABLE_ACCEPT))
    return _rows(rows.exclude(submitted_by=user), "projects:deliverable-detail", "")


def end_reports(user) -> list[Todo]:
    rows = EndReport.objects.filter(state="submitted", project__in=_deciding(user, P.CLOSURE_AUTHORISE, closed=True))
    return [
        Todo(_now("End report"), row.project.name, reverse("projects:closure", args=[row.project.code]))
        for row in rows.select_related("project").order_by("pk")[:MOST]
    ]


def requests(user) -> list[Todo]:
    """Asked for by others and given to this reviewer; returned to this person to mend."""
    rows = InitiationRequest.objects.filter(Q(reviewer=user, state="submitted") | Q(asked_by=user, state="returned"))
    sub = {"submitted": _now("asked for by %(who)s"), "returned": _now("returned to you")}
    return [
        Todo(row.name, sub[row.state] % {"who": row.asked_by}, row.get_absolute_url())
        for row in rows.select_related("asked_by").order_by("pk")[:MOST]
    ]


def hours(user) -> list[Todo]:
    """Submitted weeks of others, one row for each project; nobody approves their own."""
    rows = TimesheetPart.objects.filter(state="submitted", project__in=_deciding(user, P.TIME_APPROVE, closed=True))
    weeks = rows.exclude(user=user).values("project__code", "project__name").annotate(n=Count("pk"), first=Min("week"))
    return [
        Todo(
            _now("%(n)d submitted weeks") % {"n": row["n"]} if row["n"] > 1 else _now("One submitted week"),
            row["project__name"],
            reverse("projects:timesheet-approvals", args=[row["project__code"]]),
        )
        for row in weeks.order_by("first")[:MOST]
    ]


def benefits(user) -> list[Todo]:
    """Days of measurement that are set, of benefits whose owner the person is, also long after the project."""
    rows = BenefitReview.objects.undone().filter(benefit__owner=user).select_related("project", "benefit__objective")
    return [
        Todo(
            row.benefit.objective.statement,
            row.project.name,
            reverse("projects:benefit", args=[row.benefit_id]),
            row.due,
        )
        for row in rows.order_by("due")[:MOST]
    ]


def promises(user) -> list[Todo]:
    """What other stories have due to the person on a day, as their calendar shows it."""
    return [Todo(due.name, due.project.name, due.url, due.first) for due in dues(user, None, None)]


def _readable(user, permission):
    return Project.objects.allowing(user, permission).open().order_by().values("pk")


def _deciding(user, permission, *, closed=False):
    """Projects on which a role of the person's own gives the permission."""
    roles = [role for role, held in Project.ROLE_PERMISSIONS.items() if permission in held]
    rows = Project.objects.filter(memberships__user=user, memberships__role__in=roles).order_by()
    return rows if closed else rows.open()


def _rows(rows, route: str, due: str) -> list[Todo]:
    """Numbered rows of a register: their title, number and project."""
    return [
        Todo(
            row.title,
            f"{row.ref} · {row.project.name}",
            reverse(route, args=[row.project.code, row.number]),
            getattr(row, due) if due else None,
        )
        for row in rows.select_related("project").order_by("pk")[:MOST]
    ]
