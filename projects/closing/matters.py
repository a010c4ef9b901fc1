"""What a project would leave open when it closes, kind by kind, and what can be decided about each thing.

A story that has open things of its own registers a ``Kind`` from ``AppConfig.ready``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pmdm.accounts.roles import Permission
from pmdm.ui import format as fmt

CLOSE, ACCEPT, CARRY = "close", "accept", "carry"


@dataclass(frozen=True)
class Kind:
    """One kind of open thing.

    ``find(project)`` gives the rows that are open now; ``describe(project, row)`` gives (ref, title, address).
    ``decisions`` are those that can be made of CLOSE, ACCEPT, CARRY; none: it must be settled before closing.
    ``settle(items, by, at)`` does what the authorised decisions mean for the rows themselves; ``by`` prepared them.
    Whoever lacks ``needs`` doesn't see the kind.
    """

    code: str
    label: Any
    find: Callable[[Any], Any]
    describe: Callable[[Any, Any], tuple[str, str, str]]
    decisions: tuple[str, ...] = ()
    help: Any = ""
    settle: Callable[..., None] | None = None
    needs: Permission | None = None


@dataclass
class Item:
    """One open thing, with what was decided about it (a ``ClosingDecision``) or None."""

    row: Any
    ref: str
    title: str
    url: str
    decision: Any = None

    @property
    def key(self) -> int:
        return self.row.pk


@dataclass
class Matter:
    """All open things of one kind."""

    kind: Kind
    items: list[Item] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.items)

    @property
    def undecided(self) -> list[Item]:
        return [item for item in self.items if item.decision is None]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def kinds() -> Sequence[Kind]:
    return list(_kinds.values())


def kind_of(code: str) -> Kind | None:
    return _kinds.get(code)


def open_matters(project, report=None) -> list[Matter]:
    """Everything that closing would leave open; with ``report``, each thing with its decision there.

    One query for each kind, and one for the decisions.
    """
    decided = {(one.kind, one.row): one for one in report.decisions.select_related("decided_by")} if report else {}
    found = []
    for kind in kinds():
        items = []
        for row in kind.find(project):
            ref, title, url = kind.describe(project, row)
            items.append(Item(row, ref, title, url, decided.get((kind.code, row.pk))))
        if items:
            found.append(Matter(kind, items))
    return found


# --- The kinds every project has ---------------------------------------------------------------------------


def _numbered(name: str):
    return lambda project, row: (row.ref, row.title, reverse(name, args=[project.code, row.number]))


def unmet(project):
    """Promised and not verified: approved or built, or frozen and still on the way. As the handover counts them."""
    return (
        project.requirements.filter(
            Q(state__in=("approved", "built"))
            | Q(state__in=("draft", "reviewed"), baseline_items__baseline__is_active=True)
        )
        .distinct()
        .order_by("number")
    )


def _decided(items, decision) -> list[Item]:
    return [item for item in items if item.decision.decision == decision]


def _settle_requirements(items, *, by, at) -> None:
    closed = _decided(items, CLOSE)
    promised = {item.key: item.decision.reason for item in closed if item.row.is_locked}
    if promised:
        closed[0].row.take_out_each(promised, by=by, at=at)
    for item in closed:
        if item.key not in promised:
            item.row.move_on("rejected")


def _settle_issues(items, *, by, at) -> None:
    for item in items:
        if words := _words(item):
            item.row.close(by=by, resolution=words, at=at)


def _settle_risks(items, *, by, at) -> None:
    for item in items:
        if words := _words(item):
            item.row.close(by=by, reason=words, at=at)


def _words(item) -> str:
    """What stands on a thing that ends with the project; '' where it goes on."""
    reason = item.decision.reason
    if item.decision.decision == ACCEPT:
        return _("Accepted as it is: %(reason)s") % {"reason": reason}
    return reason if item.decision.decision == CLOSE else ""


def _settle_orders(items, *, by, at) -> None:
    from projects.budget.orders import close_orders

    close_orders({item.key: item.decision.reason[:300] for item in _decided(items, CLOSE)}, by=by, at=at)


def _lines_to_come(project) -> list:
    """Rows of the ledger on which more is expected than is ordered (orders are decided themselves)."""
    from projects.budget.ledger import ledger

    rows = [row for group in ledger(project).categories for row in group.rows]
    return [row for row in rows if row.line and row.amounts.remaining > row.amounts.committed]


def _line(project, row):
    amount = _("%(amount)s still to come") % {
        "amount": fmt.money(row.amounts.remaining - row.amounts.committed, project.currency)
    }
    url = reverse("projects:budget-line", args=[project.code, row.line.number])
    return "", f"{row.line.name}: {amount}", url


def _settle_lines(items, *, by, at) -> None:
    from projects.budget.verbs import expect_no_more

    for item in _decided(items, CLOSE):
        expect_no_more(item.row.line, by=by)


def _order(project, row):
    return row.ref, f"{row.supplier}: {row.description}", reverse("projects:order", args=[project.code, row.number])


def _week(project, part):
    return "", f"{part.user.name}, {fmt.day(part.week)}", reverse("projects:timesheet-approvals", args=[project.code])


def register_own() -> None:
    for kind in (
        Kind(
            "gates",
            gettext_lazy("Gates without a decision"),
            lambda project: project.phases.exclude(kind="monitoring").exclude(state="done"),
            lambda project, phase: ("", str(phase), reverse("projects:phase", args=[project.code, phase.key])),
            (ACCEPT,),
            gettext_lazy("Let the approver decide, or say why it is right to close without."),
        ),
        Kind(
            "tasks",
            gettext_lazy("Tasks that are not finished"),
            lambda project: project.tasks.filter(percent__lt=100, is_summary=False, is_active=True).order_by("number"),
            lambda project, task: (
                str(task.number),
                task.name,
                reverse("projects:task-detail", args=[project.code, task.uid]),
            ),
            (CLOSE, ACCEPT, CARRY),
            gettext_lazy("The plan keeps them as they are; a closed one is no longer done by anybody."),
        ),
        Kind(
            "requirements",
            gettext_lazy("Requirements that are not verified"),
            unmet,
            _numbered("projects:requirement-detail"),
            (CLOSE, ACCEPT, CARRY),
            gettext_lazy(
                "Closed: taken out of the scope. Accepted or carried over: the handover decides what the product owes."
            ),
            _settle_requirements,
        ),
        Kind(
            "deliverables",
            gettext_lazy("Deliverables that are not accepted"),
            lambda project: project.deliverables.exclude(state="accepted").order_by("number"),
            _numbered("projects:deliverable-detail"),
            (CLOSE, ACCEPT, CARRY),
            gettext_lazy("Closed: not delivered. Accepted: the sponsor takes them as they are."),
        ),
        Kind(
            "issues",
            gettext_lazy("Open issues"),
            lambda project: project.issues.open(),
            _numbered("projects:issue-detail"),
            (CLOSE, ACCEPT, CARRY),
            gettext_lazy("Carried over: they stay open and go to the handover."),
            _settle_issues,
        ),
        Kind(
            "risks",
            gettext_lazy("Open risks"),
            lambda project: project.risks.open(),
            _numbered("projects:risk-detail"),
            (CLOSE, ACCEPT, CARRY),
            gettext_lazy("Carried over: they stay open and go to the handover."),
            _settle_risks,
        ),
        Kind(
            "changes",
            gettext_lazy("Change requests that are not done"),
            lambda project: project.change_requests.filter(
                state__in=("draft", "submitted", "assessment", "deferred", "approved")
            ).order_by("number"),
            _numbered("projects:change-detail"),
            (CLOSE, CARRY),
            gettext_lazy("The register keeps them as they are. Carried over: the reason says who decides on them."),
        ),
        Kind(
            "orders",
            gettext_lazy("Open orders"),
            lambda project: project.orders.filter(state="open").order_by("number"),
            _order,
            (CLOSE, CARRY),
            gettext_lazy("Closed: settled, nothing more comes. Carried over: say who pays what still comes."),
            _settle_orders,
            needs=Permission.COST_VIEW,
        ),
        Kind(
            "money",
            gettext_lazy("Money that is still expected"),
            _lines_to_come,
            _line,
            (CLOSE, CARRY),
            gettext_lazy(
                "Closed: nothing more comes. Carried over: it stays in the cost at completion; say who pays it."
            ),
            _settle_lines,
            needs=Permission.COST_VIEW,
        ),
        Kind(
            "draws",
            gettext_lazy("Requests for reserves that wait for a decision"),
            lambda project: project.draws.filter(state="requested"),
            lambda project, draw: (
                draw.ref,
                draw.reason,
                reverse("projects:draw", args=[project.code, draw.number]),
            ),
            help=gettext_lazy("They are approved, rejected or withdrawn before the project closes."),
            needs=Permission.COST_VIEW,
        ),
        Kind(
            "weeks",
            gettext_lazy("Weeks of hours that wait for approval"),
            lambda project: project.timesheet_parts.filter(state="submitted").select_related("user"),
            lambda project, part: (
                "",
                f"{part.user.name}, {fmt.day(part.week)}",
                reverse("projects:timesheet-approvals", args=[project.code]),
            ),
            help=gettext_lazy(
                "They are approved or sent back before the project closes: afterwards nothing is booked."
            ),
        ),
        Kind(
            "hours",
            gettext_lazy("Booked hours without a rate"),
            lambda project: project.time_entries.filter(cost=None).select_related("user"),
            lambda project, entry: (
                f"{entry.day:%Y-%m-%d}",
                entry.user.name,
                reverse("projects:time-list", args=[project.code]),
            ),
            (ACCEPT,),
            gettext_lazy("They are in no sum of costs."),
        ),
    ):
        register(kind)
