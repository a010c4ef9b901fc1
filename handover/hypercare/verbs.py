"""Hypercare from its agreement to its exit, and back when it was too early. Under the row lock of the hypercare."""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from delivery.models import Issue, Product, ServiceLevel
from handover.around import locked
from handover.hypercare.facts import facts_of, meters_of
from handover.hypercare.meters import AVAILABILITY, CRITICAL, ISSUES, PERIOD, SATISFACTION, Meter, meters
from handover.hypercare.models import Hypercare, HypercareEvent, IssueClass
from handover.transfer.models import Handover
from pmdm.registers.editing import FIRST
from pmdm.registers.models import StaleVersion

Kind, State = HypercareEvent.Kind, Hypercare.State


@transaction.atomic
def agree(handover: Handover, values: dict, *, by, version: int | None = None) -> Hypercare:
    """Write the thresholds into the record, before it is submitted. ``values``: fields of Hypercare.THRESHOLDS."""
    current = locked(handover, *Handover.EDITABLE_STATES)
    row, created = Hypercare.objects.get_or_create(
        handover=current, defaults={"project_id": current.project_id} | values
    )
    if not created:
        for name, value in values.items():
            setattr(row, name, value)
        row.save_changes(list(values), version=version)
    return row


@transaction.atomic
def start(handover: Handover, *, by, at) -> Hypercare | None:
    """Responsibility has moved: hypercare runs as agreed, or as usual where nothing was agreed. The product is in
    early life, its service levels are tighter. None where another handover's hypercare runs for this product."""
    product = Product.objects.select_for_update().get(pk=handover.product_id)
    if Hypercare.objects.filter(product=product, state=State.RUNNING).exists():
        return None
    row, _created = Hypercare.objects.get_or_create(handover=handover, defaults={"project_id": handover.project_id})
    row.product, row.state, row.started_at = product, State.RUNNING, at
    row.until = at + datetime.timedelta(days=row.days)
    row.save(update_fields=["product", "state", "started_at", "until"])
    if product.stage == Product.Stage.LIVE:
        product.change_stage(Product.Stage.EARLY_LIFE, by=by, reason=str(row), at=at)
    _tighten(row, by=by)
    _tell(row, Kind.STARTED, by=by, at=at)
    return row


def _locked(hypercare: Hypercare, *states: str) -> Hypercare:
    rows = Hypercare.objects.select_for_update(of=("self",)).select_related("product", "handover")
    current = rows.get(pk=hypercare.pk)
    if current.state not in states:
        raise ValidationError(_("Hypercare is “%(state)s” now.") % {"state": current.get_state_display()}, code=FIRST)
    return current


@transaction.atomic
def extend(hypercare: Hypercare, *, by, until: datetime.datetime, reason: str, at=None) -> None:
    """A later end, with the reason."""
    at = at or timezone.now()
    current = _locked(hypercare, State.RUNNING)
    if until <= max(current.until, at):
        raise ValidationError(
            {"until": _("Choose a day after %(day)s.") % {"day": timezone.localdate(max(current.until, at))}}
        )
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it goes on.")})
    current.until = until
    current.save(update_fields=["until"])
    _tell(current, Kind.EXTENDED, by=by, at=at, reason=reason)
    hypercare.refresh_from_db()


@transaction.atomic
def change(hypercare: Hypercare, values: dict, *, by, version: int, reason: str, at=None) -> None:
    """Other thresholds while it runs: with a reason, and kept with the meters as they were."""
    current = _locked(hypercare, State.RUNNING)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the thresholds change.")})
    if current.version != version:
        raise StaleVersion(current)
    _tell(current, Kind.CHANGED, by=by, at=at or timezone.now(), reason=reason)
    for name, value in values.items():
        setattr(current, name, value)
    if "days" in values and current.started_at and current.until:
        current.until = max(current.until, current.started_at + datetime.timedelta(days=values["days"]))
    current.save_changes([*values, "until"], version=version)
    if "tightening" in values:
        _loosen(current, by=by)
        _tighten(current, by=by)
    hypercare.refresh_from_db()


@transaction.atomic
def leave(hypercare: Hypercare, *, by, reason: str, at=None) -> None:
    """The formal exit: only when every meter is met. Usual service levels again; early life becomes live."""
    at = at or timezone.now()
    current = _locked(hypercare, State.RUNNING)
    unmet = [meter for meter in meters_of(current, at) if not meter.is_met]
    if unmet:
        names = ", ".join(str(LABELS[meter.key]) for meter in unmet)
        raise ValidationError(_("Not eligible yet: %(names)s. Extend it instead.") % {"names": names})
    if not reason.strip():
        raise ValidationError({"reason": _("Say what the exit rests on.")})
    _tell(current, Kind.ENDED, by=by, at=at, reason=reason)
    current.state, current.ended_at = State.ENDED, at
    current.save(update_fields=["state", "ended_at"])
    _loosen(current, by=by)
    if current.product.stage == Product.Stage.EARLY_LIFE:
        current.product.change_stage(Product.Stage.LIVE, by=by, reason=reason, at=at)
    hypercare.refresh_from_db()


def broken_again(hypercare: Hypercare, now: datetime.datetime) -> list[Meter]:
    """Meters that broke after the exit: a critical issue opened since, or a threshold that no longer holds."""
    facts = facts_of(hypercare, now)
    new_critical = any(begin > hypercare.ended_at for begin, _end in facts.critical)
    return [
        meter
        for meter in meters(facts, hypercare.thresholds)
        if (meter.key == CRITICAL and new_critical) or (meter.key not in (PERIOD, CRITICAL) and not meter.is_met)
    ]


@transaction.atomic
def watch(hypercare: Hypercare, *, now=None) -> bool:
    """Open it again if a threshold broke within ``relapse_days`` of the exit; True if it did. Safe to run twice."""
    now = now or timezone.now()
    try:
        current = _locked(hypercare, State.ENDED)
    except ValidationError:
        return False
    if now > current.ended_at + datetime.timedelta(days=current.relapse_days):
        return False
    if Hypercare.objects.filter(product=current.product, state=State.RUNNING).exists():
        return False
    broken = broken_again(current, now)
    if not broken:
        return False
    reason = _("Broken again after the exit: %(names)s") % {
        "names": ", ".join(str(LABELS[meter.key]) for meter in broken)
    }
    days = current.critical_free_days or current.window_days
    current.state, current.ended_at = State.RUNNING, None
    current.until = now + datetime.timedelta(days=days)
    current.save(update_fields=["state", "ended_at", "until"])
    product, manager = current.product, current.product.delivery_manager
    if product.stage == Product.Stage.LIVE and manager:
        product.change_stage(Product.Stage.EARLY_LIFE, by=manager, reason=reason, at=now)
    _tighten(current, by=manager)
    _tell(current, Kind.RELAPSED, by=None, at=now, reason=reason)
    return True


def watch_all(now: datetime.datetime) -> int:
    """Every hypercare that ended lately; how many began again."""
    ended = Hypercare.objects.filter(state=State.ENDED, ended_at__gt=now - datetime.timedelta(days=180))
    return sum(watch(row, now=now) for row in ended)


@transaction.atomic
def classify(hypercare: Hypercare, issue: Issue, kind: str, *, by, at=None) -> IssueClass:
    """Say what an early issue was; saying it again corrects it."""
    if issue.product_id != hypercare.product_id or issue.created_at < hypercare.started_at:
        raise ValidationError(_("This issue is not of the hypercare."))
    if kind not in IssueClass.Kind.values:
        raise ValidationError({"kind": _("Choose one of the classes.")})
    row, _created = IssueClass.objects.update_or_create(
        issue=issue,
        defaults={"kind": kind, "by": by, "at": at or timezone.now()},
        create_defaults={
            "product_id": hypercare.product_id, "hypercare": hypercare,
            "kind": kind, "by": by, "at": at or timezone.now(),
        },
    )  # fmt: skip
    return row


def early_issues(hypercare: Hypercare):
    """Those reported from the start to the exit (to now while it runs)."""
    found = hypercare.product.issues.filter(created_at__gte=hypercare.started_at).exclude(source=Issue.Source.HANDOVER)
    return found.filter(created_at__lte=hypercare.ended_at) if hypercare.ended_at else found


def _tell(row: Hypercare, kind: str, *, by, at, reason: str = "") -> None:
    found = [
        {"key": meter.key, "value": meter.value, "target": meter.target, "met": meter.is_met, "days": meter.days}
        for meter in meters_of(row, at)
    ]
    HypercareEvent.objects.create(
        product_id=row.product_id, hypercare=row, kind=kind, by=by, at=at, reason=reason.strip(), until=row.until,
        meters=found,
    )  # fmt: skip


def _levels(product) -> dict[str, list[int]]:
    return {str(row.severity): [row.response, row.resolution] for row in product.service_levels.all()}


def _tighten(row: Hypercare, *, by) -> None:
    """Targets of the agreed share; what they were is kept."""
    row.usual_levels = _levels(row.product)
    row.tight_levels = {
        severity: [max(1, minutes * row.tightening // 100) for minutes in pair]
        for severity, pair in row.usual_levels.items()
    }
    row.save(update_fields=["usual_levels", "tight_levels"])
    ServiceLevel.agree(row.product, {int(s): (a, b) for s, (a, b) in row.tight_levels.items()}, by=by)


def _loosen(row: Hypercare, *, by) -> None:
    """The usual targets again, for the severities that nobody changed meanwhile."""
    now = _levels(row.product)
    back = {
        int(severity): tuple(pair)
        for severity, pair in row.usual_levels.items()
        if now.get(severity) == row.tight_levels.get(severity)
    }
    ServiceLevel.agree(row.product, back, by=by)


LABELS = {
    PERIOD: gettext_lazy("the agreed period"),
    CRITICAL: gettext_lazy("days without an open critical issue"),
    ISSUES: gettext_lazy("new issues a day"),
    SATISFACTION: gettext_lazy("satisfaction"),
    AVAILABILITY: gettext_lazy("availability"),
}
