"""Contingency and management reserve: setting them apart, asking for them, deciding.

The approved budget is the budget at completion: contingency lies inside it, the management reserve outside. Money
drawn from the contingency moves to a line within the approved budget; money drawn from the reserve makes it larger.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from pmdm.registers.editing import FIRST
from pmdm.ui import format as fmt
from projects.budget import mail, verbs
from projects.budget.models import Allowance, BudgetLine, Draw
from projects.lifecycle.standing import while_open

ZERO = Decimal(0)


@dataclass(frozen=True)
class Layers:
    """How the money of a project is layered, from the lines up. ``approved`` None: no budget is approved.

    lines + contingency + undistributed = approved; approved + reserve = whole.
    """

    lines: Decimal
    contingency: Decimal
    approved: Decimal | None
    reserve: Decimal

    @property
    def undistributed(self) -> Decimal | None:
        """Approved money that is neither planned nor kept back; negative: more is promised than approved."""
        return None if self.approved is None else self.approved - self.lines - self.contingency

    @property
    def whole(self) -> Decimal | None:
        return None if self.approved is None else self.approved + self.reserve


def layers(project) -> Layers:
    """Two queries."""
    left = {row.kind: row.left for row in allowances(project)}
    lines = project.budget_lines.aggregate(sum=Sum("planned"))["sum"] or ZERO
    kinds = Allowance.Kind
    return Layers(lines, left.get(kinds.CONTINGENCY, ZERO), project.approved_budget, left.get(kinds.RESERVE, ZERO))


def allowances(project):
    """What was set apart, with ``drawn`` and ``left``."""
    drawn = Sum("draws__amount", filter=Q(draws__state=Draw.State.APPROVED), default=ZERO)
    return project.allowances.annotate(drawn=drawn).annotate(left=F("amount") - F("drawn")).order_by("kind")


@while_open
def set_allowance(project, kind: str, *, by, amount: Decimal) -> Allowance:
    """Set apart so much in all; ValidationError when more was drawn already, or contingency exceeds the budget."""
    allowance, _new = Allowance.objects.select_for_update().get_or_create(
        project=project, kind=kind, defaults={"amount": amount}
    )
    drawn = _drawn(allowance)
    if amount < drawn:
        raise ValidationError(
            {"amount": _("%(drawn)s of it is drawn already: at least that much.") % {"drawn": fmt.number(drawn, 2)}}
        )
    if kind == Allowance.Kind.CONTINGENCY and project.approved_budget is not None:
        most = project.approved_budget
        if amount > most:
            raise ValidationError(
                {
                    "amount": _("Contingency lies inside the approved budget: at most %(most)s.")
                    % {"most": fmt.number(most, 2)}
                }
            )
    allowance.amount = amount
    allowance.save_changes(["amount"])
    return allowance


@while_open
def request_draw(project, *, by, allowance: Allowance, line: BudgetLine, amount: Decimal, reason: str, at=None) -> Draw:
    """Ask for money for a line; ValidationError when less is left, or no reason is given."""
    for row in (allowance, line):
        if row.project_id != project.pk:
            raise ValueError(f"{row} belongs to another project.")
    if not reason.strip():
        raise ValidationError({"reason": _("Say what the money is needed for.")})
    _check_left(allowance, amount)
    draw = project.draws.create(
        allowance=allowance,
        line=line,
        amount=amount,
        reason=reason.strip(),
        requested_by=by,
        requested_at=at or timezone.now(),
    )
    mail.ask(draw)
    return draw


@while_open
def approve_draw(draw: Draw, *, by, note: str = "", at=None) -> None:
    """The line gets the money; drawn from the reserve, the approved budget grows by it."""
    # The project first, as an approved change takes it: two ways to the same lines never wait for each other.
    type(draw.project).objects.select_for_update(of=("self",)).only("pk").get(pk=draw.project_id)
    draw = _asked(draw, by)
    allowance = Allowance.objects.select_for_update().get(pk=draw.allowance_id)
    _check_left(allowance, draw.amount)
    _decide(draw, Draw.State.APPROVED, by, note, at)
    line = BudgetLine.objects.select_for_update(of=("self",)).get(pk=draw.line_id)
    verbs.change_line(line, by=by, planned=line.planned + draw.amount)
    if allowance.kind == Allowance.Kind.RESERVE:
        projects = type(draw.project).objects.filter(pk=draw.project_id)
        if not projects.exclude(approved_budget=None).update(approved_budget=F("approved_budget") + draw.amount):
            raise ValidationError(_("No budget is approved yet that the reserve could add to."))


@while_open
def reject_draw(draw: Draw, *, by, note: str, at=None) -> None:
    if not note.strip():
        raise ValidationError({"note": _("Say why it is rejected.")})
    _decide(_asked(draw, by), Draw.State.REJECTED, by, note, at)


@while_open
def withdraw_draw(draw: Draw, *, by, at=None) -> None:
    """Only whoever asked takes it back."""
    if draw.requested_by_id != by.pk:
        raise ValidationError(_("Only %(who)s can withdraw this request.") % {"who": draw.requested_by})
    _decide(draw, Draw.State.WITHDRAWN, by, "", at)


def _asked(draw: Draw, by) -> Draw:
    if draw.requested_by_id == by.pk:
        raise ValidationError(_("Whoever asks never decides. Somebody else who may approve the budget has to."))
    now = Draw.objects.select_for_update(of=("self",)).select_related("project").get(pk=draw.pk)
    if now.state != Draw.State.REQUESTED:
        raise ValidationError(_("%(draw)s is decided already.") % {"draw": draw}, code=FIRST)
    return now


def _decide(draw, state, by, note, at) -> None:
    values = {"state": state, "decided_by": by, "decided_at": at or timezone.now(), "note": note.strip()}
    if not Draw.objects.filter(pk=draw.pk, state=Draw.State.REQUESTED).update(**values):
        raise ValidationError(_("%(draw)s is decided already.") % {"draw": draw}, code=FIRST)
    if state != Draw.State.WITHDRAWN:
        mail.tell(draw)


def _check_left(allowance: Allowance, amount: Decimal) -> None:
    left = allowance.amount - _drawn(allowance)
    if amount > left:
        raise ValidationError(
            {"amount": _("%(left)s is left there: at most that much.") % {"left": fmt.number(left, 2)}}
        )


def _drawn(allowance: Allowance) -> Decimal:
    return allowance.draws.filter(state=Draw.State.APPROVED).aggregate(sum=Sum("amount"))["sum"] or ZERO
